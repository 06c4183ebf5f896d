"""A client made from Instantly's own description walks through an account's life, at the address that is given, and prints
what it understood.

Its types are pydantic's: an answer that is not as described ends the walk with an exception.
"""

import json
import sys

from instantlyai import Instantly, NotFoundError

base, key = sys.argv[1:3]
client = Instantly(key, base_url=base, max_retries=0)


def say(what, value):
    print(json.dumps({"what": what, "value": value}))


def known(member):
    """The value of a name that the description has; the client lets any other pass under a name of its own making."""
    assert not member.name.startswith("UNKNOWN_"), member
    return member.value


def create(email, password):
    login = {f"{side}_{name}": value for side in ("imap", "smtp") for name, value in
             {"username": email, "password": password, "host": f"{side}.example.net"}.items()}
    return client.accounts.create(
        email=email, first_name="Jane", last_name="Doe", provider_code=2, imap_port=993, smtp_port=587, daily_limit=30,
        enable_slow_ramp=True, warmup={"limit": 30, "reply_rate": 0.3}, **login,
    )


def life(email):
    made = create(email, "opens")
    say("created", [made.email, known(made.status), known(made.provider_code), made.warmup.limit])
    say("shut", known(create("shut@judged.com", "wrong").status))
    say("changed", client.accounts.update(email, daily_limit=40).daily_limit)
    say("listed", sorted(one.email for one in client.accounts.list(limit=1)))
    say("searched", [one.email for one in client.accounts.list(search="shut@")])
    say("paused", known(client.accounts.pause(email).status))
    say("resumed", known(client.accounts.resume(email).status))
    say("fixed", known(client.accounts.mark_fixed("shut@judged.com").status))
    vitals = client.accounts.test_vitals(accounts=[email, "shut@judged.com"])
    say("vitals", [vitals["status"], len(vitals["success_list"]), len(vitals["failure_list"])])
    say("warming", known(client.accounts.enable_warmup(emails=[email]).status))
    say("warmed", known(client.accounts.retrieve(email).warmup_status))
    say("deleted", client.accounts.delete(email).email)
    try:
        client.accounts.retrieve(email)
    except NotFoundError as error:
        say("gone", error.status_code)


life("jane.doe@judged.com")
