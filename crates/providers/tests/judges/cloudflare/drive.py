"""Cloudflare's own client walks through what an order needs, at the address that is given, and prints what it understood.

It is strict: an answer that is not as the vendor describes it ends the walk with an exception.
"""

import json
import sys

from cloudflare import Cloudflare

base, token, account = sys.argv[1:4]
client = Cloudflare(base_url=base, api_token=token, max_retries=0, _strict_response_validation=True)


def say(what, value):
    print(json.dumps({"what": what, "value": value}))


def names():
    checked = client.registrar.check(account_id=account, domains=["judged.com", "taken-one.com", "premium-one.com"])
    say("check", [[one.name, one.registrable, one.reason, one.pricing and one.pricing.renewal_cost] for one in checked.domains])
    contact = {
        "email": "alex@acme.example",
        "phone": "+1.2125550100",
        "postal_info": {
            "name": "Alex Rivera",
            "address": {
                "street": "1 Main Street", "city": "New York", "state": "NY", "postal_code": "10001", "country_code": "US",
            },
        },
    }
    order = client.registrar.registrations.create(
        account_id=account, domain_name="judged.com", years=1, auto_renew=False, contacts={"registrant": contact}
    )
    say("order", [order.state, order.completed])
    slow = client.registrar.registrations.create(account_id=account, domain_name="slow.com", prefer="respond-async")
    status = client.registrar.registration_status.get("slow.com", account_id=account)
    say("status", [slow.links.self == status.links.self, status.state])
    client.registrar.registrations.edit("judged.com", account_id=account, auto_renew=True)
    say("name", client.registrar.registrations.get("judged.com", account_id=account).auto_renew)
    say("portfolio", sorted(one.domain_name for one in client.registrar.registrations.list(account_id=account, per_page=1)))


def zones():
    zone = client.zones.create(account={"id": account}, name="hosted.com", type="full")
    found = [one for one in client.zones.list(name="hosted.com", account={"id": account})]
    say("zone", [[one.id == zone.id, one.name, one.name_servers == zone.name_servers] for one in found])
    say("pause", client.zones.edit(zone_id=zone.id, paused=False).paused)
    posts = [
        {"name": "hosted.com", "type": "TXT", "content": '"v=spf1 -all"', "ttl": 300},
        {"name": "hosted.com", "type": "MX", "content": "mx.example.net", "priority": 10, "ttl": 300},
        {"name": "www.hosted.com", "type": "A", "content": "192.0.2.1", "proxied": True, "ttl": 1},
        {"name": "_s._tcp.hosted.com", "type": "SRV", "ttl": 300,
         "data": {"priority": 0, "weight": 5, "port": 443, "target": "a.example"}},
        {"name": "hosted.com", "type": "CAA", "ttl": 300, "data": {"flags": 0, "tag": "issue", "value": "ca.example"}},
    ]
    made = client.dns.records.batch(zone_id=zone.id, posts=posts)
    first = made.posts[0]
    changed = client.dns.records.batch(
        zone_id=zone.id,
        deletes=[{"id": made.posts[1].id}],
        patches=[{"id": first.id, "name": "hosted.com", "type": "TXT", "content": '"v=spf1 ~all"', "ttl": 600}],
    )
    say("batch", [len(made.posts), changed.patches[0].ttl, changed.deletes[0].id == made.posts[1].id])
    say("records", sorted([one.type, one.content] for one in client.dns.records.list(zone_id=zone.id, per_page=2)))
    redirects(zone.id)
    say("gone", client.zones.delete(zone_id=zone.id).id == zone.id)


def redirects(zone):
    rule = {
        "ref": "judged", "expression": '(http.host in {"www.hosted.com"})', "action": "redirect", "enabled": True,
        "action_parameters": {"from_value": {"target_url": {"value": "https://a.example/"}, "status_code": 301}},
    }
    phase = "http_request_dynamic_redirect"
    client.rulesets.create(zone_id=zone, kind="zone", name="default", phase=phase, rules=[rule])
    known = client.rulesets.phases.get(phase, zone_id=zone)
    # What a change answers may be anything by the client's types: only a look is judged.
    client.rulesets.rules.create(known.id, zone_id=zone, **{**rule, "ref": "first", "position": {"index": 1}})
    more = client.rulesets.phases.get(phase, zone_id=zone)
    say("rules", [one.ref for one in more.rules])
    client.rulesets.rules.delete(more.rules[0].id, zone_id=zone, ruleset_id=known.id)
    less = client.rulesets.phases.get(phase, zone_id=zone)
    say("rule", [less.rules[0].ref, less.rules[0].action_parameters.from_value.target_url.value])


names()
zones()
say("account", client.accounts.get(account_id=account).name)
