"""Puts a little of everything into the sandbox, and writes down what can be referred to.

Usage: seed.py URL KEY FILE. Calls that the description does not have are left out. The file gets a JSON object with
the ids of each kind by their prefix, and the names of domains under `names`.
"""

import json
import re
import sys
import time
import urllib.error
import urllib.request

ID = re.compile(r"\b([a-z]{3})_[0-9A-HJKMNP-TV-Z]{26}\b")


class Api:
    def __init__(self, url, key):
        self.url, self.key, self.answers = url, key, []
        self.paths = self.call("GET", "/openapi.json")["paths"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {self.key}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def has(self, method, path):
        return method.lower() in self.paths.get(f"/partner/v1{path}", {})

    def make(self, path, body, described=None):
        """What a call answers; `None` when there is no such call."""
        if not self.has("POST", described or path):
            return None
        try:
            made = self.call("POST", f"/partner/v1{path}", body)["data"]
        except urllib.error.HTTPError as error:
            sys.exit(f"seeding: POST {path} {json.dumps(body)}: {error.code} {error.read().decode()}")
        self.answers.append(json.dumps(made))
        return made

    def lists(self):
        """The calls that list things without being asked for one."""
        for path, item in self.paths.items():
            parameters = {one.get("name") for one in item.get("get", {}).get("parameters", [])}
            if "{" not in path and "page_token" in parameters:
                yield path


def order(names, **size):
    login = {"provider": "smartlead", "login_email": "peeker@yourcompany.com", "login_password": "the password"}
    persona = {"first_name": "Alex", "last_name": "Rivera", "profile_picture_url": None}
    return {"user": "alex@acme.com", "sequencer": login, "domains": names, "personas": [persona]} | size


def orders(api):
    """One order that completes, one that is to be cancelled, one of a bundle, and one for each kind of trouble."""
    placed = [api.make("/orders", order(["seed-one.com", "seed-two.com"], google_licenses=2, microsoft_licenses=1))]
    placed.append(api.make("/orders", order(["seed-three.com"], microsoft_licenses=1)))
    for label in ["action", "action-taken", "action-price", "action-login", "action-dkim", "fail", "flaky"]:
        placed.append(api.make("/orders", order([f"{label}-seed.com"], google_licenses=2)))
    small = api.make("/bundles", {"name": "Small", "monthly_sending_volume": 1000})
    placed.append(api.make("/orders", order(["seed-four.com", "seed-five.com"], bundle_id=small["id"])))
    api.make("/bundles", {"name": "Never used", "monthly_sending_volume": 25000})
    api.make("/orders/quote", order(["seed-six.com"], google_licenses=2))
    return [one["id"] for one in placed]


def settled(api, ids):
    """Waits until no order is on its way any more: they take about a second together."""
    for _ in range(300):
        found = [api.call("GET", f"/partner/v1/orders/{one}")["data"] for one in ids]
        if all(one["status"] != "in_progress" for one in found):
            return found
        time.sleep(0.1)
    sys.exit("seeding: the orders do not settle")


def more(api, active):
    """Everything else that there is a call for."""
    api.make("/users", {"email": "kim@acme.com", "sequencer": {"provider": "smartlead", "client_id": None}})
    api.make("/domains/import/jobs", {"domains": ["brought-one.com", "brought-two.com", "nons-brought.com"]})
    api.make("/domains/forwarding", {"domains": [active[0]["id"]], "forwarding_url": "https://acme.invalid/"})
    swap = {"type": "standard", "domain_id": active[-1]["id"], "replacement_domain": "seed-seven.com"}
    api.make("/swaps", swap)


def webhooks(api):
    """Endpoints that nobody can reach, and deliveries that have been given up after their 24 hours."""
    if not (api.has("POST", "/webhook_endpoints") and api.has("POST", "/test/clock/advance")):
        return []
    for n in range(ENDPOINTS):
        endpoint = api.make("/webhook_endpoints", {"url": f"https://hooks.acme.invalid/{n}"})
        api.make(f"/webhook_endpoints/{endpoint['id']}/test", {}, "/webhook_endpoints/{id}/test")
    for _ in range(300):
        given_up = api.call("GET", "/partner/v1/webhook_deliveries?status=failed")["data"]
        if len(given_up) == ENDPOINTS:
            return [one["id"] for one in given_up]
        # The five attempts are made one by one.
        api.make("/test/clock/advance", {"seconds": 6 * 3600})
        time.sleep(0.1)
    sys.exit("seeding: the deliveries are not given up")


# Enough that some are left when others have been deleted.
ENDPOINTS = 8


def collect(api):
    pools, names = {}, set()
    for text in api.answers + [json.dumps(api.call("GET", f"{path}?per_page=100")) for path in api.lists()]:
        for found in ID.finditer(text):
            pools.setdefault(found.group(1), set()).add(found.group(0))
        names.update(re.findall(r'"domain": "([a-z0-9.-]+)"', text))
    return {kind: sorted(ids) for kind, ids in pools.items()} | {"names": sorted(names)}


def main(url, key, file):
    api = Api(url, key)
    given_up = webhooks(api)
    found = settled(api, orders(api))
    more(api, [domain for one in found for domain in one["domains"] if domain["status"] == "active"])
    pools = collect(api)
    # Hundreds are on their way; only one that has been given up can be sent again.
    pools["dlv"] = pools.get("dlv", [])[:4] + given_up
    with open(file, "w", encoding="utf-8") as out:
        json.dump(pools, out, indent=1)
    print("seeded:", ", ".join(f"{len(ids)} {kind}" for kind, ids in sorted(pools.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
