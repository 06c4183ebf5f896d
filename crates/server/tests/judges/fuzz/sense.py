"""Turns half of what is generated into something that the server can say yes to.

Generated ids exist nowhere, generated names cannot be registered, and generated sizes never fit: left alone, almost
every call would end at the first question. So in every second case ids become ids of what `seed.py` has put there,
names become names of the sandbox with a first label that plays one of its parts, and sizes fit the names.
"""

import hashlib
import re

# First labels that the sandbox plays a part for; the empty one works, and is drawn more often.
PARTS = ["", "", "", "", "action-", "action-taken-", "fail-", "flaky-", "lost-", "slow-", "sold-", "taken-", "team-"]
WEB_ADDRESS = re.compile(r"^(https?://)([A-Za-z0-9.-]+\.[A-Za-z]{2,})(?=[:/?#]|$)")


def make(case, pools):
    """Changes the case. Nothing is ever sent to a stranger's host, in the other half neither."""
    draw = Draw()
    if isinstance(case.body, (dict, list)):
        change(case, "body", each(case.body, lambda name, value: nowhere(value)))
    if not draw.half() or not is_valid(case):
        return
    if case.meta.phase.name.value != "stateful":
        # What a link has carried over is real already.
        change(case, "path_parameters", fields(case.path_parameters, examples(case), pools, draw))
        change(case, "query", fields(case.query, examples(case), pools, draw))
        change(case, "headers", headers(case.headers, draw))
    if isinstance(case.body, dict):
        change(case, "body", body(each(case.body, lambda name, value: field(name, value, pools, draw)), draw))


def change(case, part, value):
    """Sets a part of the case; one that stays as it is is not touched, for schemathesis notices."""
    if getattr(case, part) != value:
        setattr(case, part, value)


class Draw:
    """Choices that are the same in every run of the same seed, and others for the same case when it comes again."""

    cases = 0

    def __init__(self):
        Draw.cases += 1
        self.case, self.count = Draw.cases, 0

    def number(self):
        self.count += 1
        return int(hashlib.sha256(f"{self.case} {self.count}".encode()).hexdigest()[:8], 16)

    def half(self):
        return self.number() % 2 == 0

    def one_of(self, choices):
        return choices[self.number() % len(choices)]

    def word(self):
        return f"{self.number():08x}"


def is_valid(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def examples(case):
    """The examples of the call's parameters: an id's shows what it is the id of."""
    parameters = case.operation.definition.raw.get("parameters", [])
    return {parameter["name"]: parameter.get("example") for parameter in parameters if "name" in parameter}


def fields(values, shown, pools, draw):
    if not values:
        return values
    kept = {name: value for name, value in values.items() if name not in NEVER_GUESSED}
    return {name: real(shown.get(name), pools, draw) or value for name, value in kept.items()}


def headers(sent, draw):
    """A key of its own for most: the same one again is a repetition."""
    if not sent or "Idempotency-Key" not in sent or draw.number() % 4 == 0:
        return sent
    return dict(sent) | {"Idempotency-Key": draw.word()}


# What nobody can make up, and no list of ours has.
NEVER_GUESSED = {"page_token"}


def real(example, pools, draw):
    """An id of the kind that the example is of, when there is one."""
    kind = re.match(r"^([a-z]{3})_[0-9A-Z]{26}$", str(example))
    pool = pools.get(kind.group(1)) if kind else None
    return draw.one_of(pool) if pool else None


def each(value, change, name=None):
    """The same value with every leaf changed; `name` is the nearest field's."""
    if isinstance(value, dict):
        return {key: each(inner, change, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [each(inner, change, name) for inner in value]
    return change(name, value)


KINDS = {"bundle_id": "bun", "domain_id": "dom", "endpoint_id": "whe", "order_id": "ord", "quote_id": "quo"}


def field(name, value, pools, draw):
    if not isinstance(value, str):
        return value
    if name in KINDS:
        pool = pools.get(KINDS[name])
        return draw.one_of(pool) if pool else value
    if name in ("domain", "domains", "replacement_domain"):
        return draw.one_of(pools.get("names") or [""]) if draw.number() % 4 == 0 else fresh(draw)
    if name in ("user", "email", "login_email"):
        return draw.one_of(pools.get("usr") or [f"{draw.word()}@acme.com"]) if name == "user" else f"{draw.word()}@acme.com"
    if name == "reference":
        return f"A-{draw.word()}"
    if name in ("first_name", "last_name"):
        return f"Alex {draw.word()}"
    if name in ("forwarding_url", "profile_picture_url", "url"):
        return f"https://acme.invalid/{draw.word()}"
    return value


def fresh(draw):
    return f"{draw.one_of(PARTS)}{draw.word()}.com"


def body(sent, draw):
    """Fields that have to fit each other do."""
    if "google_percent" in sent and "microsoft_percent" in sent:
        google = draw.number() % 101
        sent["google_percent"], sent["microsoft_percent"] = google, 100 - google
    if {"google_licenses", "microsoft_licenses"} & sent.keys() and isinstance(sent.get("domains"), list):
        count = max(len(sent["domains"]), 1)
        microsoft = draw.number() % (count + 1)
        sent.pop("bundle_id", None)
        sent.pop("quote_id", None)
        sent |= {"google_licenses": 2 * (count - microsoft), "microsoft_licenses": microsoft}
        sent["google_inboxes_per_domain"] = 2
    if "max_total_cents" in sent and draw.half():
        sent["max_total_cents"] = 1_000_000
    return sent


def nowhere(value):
    """The same web address at a host that no resolver knows (RFC 6761)."""
    short = isinstance(value, str) and len(value) < 1_000
    return WEB_ADDRESS.sub(r"\1\2.invalid", value) if short and ".invalid" not in value else value
