"""Says of each request, one JSON object a line, whether Cloudflare's own types allow it: `ok`, or what is wrong.

A line is `{"operation": …, "body": …}`. What the types do not know is not allowed.
"""

import json
import sys

from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from cloudflare.types.dns import RecordBatchParams
from cloudflare.types.registrar import RegistrarCheckParams, RegistrationCreateParams, RegistrationEditParams
from cloudflare.types.rulesets import RulesetCreateParams, rule_create_params, rule_edit_params
from cloudflare.types.zones import ZoneCreateParams, ZoneEditParams

ACCOUNT, ZONE, RULESET = {"account_id": "a"}, {"zone_id": "z"}, {"zone_id": "z", "ruleset_id": "r"}
TYPES = {
    "check": (RegistrarCheckParams, ACCOUNT),
    "register": (RegistrationCreateParams, ACCOUNT),
    "start_renewing": (RegistrationEditParams, ACCOUNT),
    "stop_renewing": (RegistrationEditParams, ACCOUNT),
    "create_zone": (ZoneCreateParams, {}),
    "pause_zone": (ZoneEditParams, ZONE),
    "write_records": (RecordBatchParams, ZONE),
    "make_redirects": (RulesetCreateParams, ZONE),
    "add_redirect": (rule_create_params.RedirectRule, ZONE),
    "change_redirect": (rule_edit_params.RedirectRule, RULESET),
}


def closed(schema):
    """The same schema, in which what is not named is not allowed."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            closed(inner)
    elif isinstance(schema, list):
        for inner in schema:
            closed(inner)
    return schema


validators = {}
for line in sys.stdin:
    request = json.loads(line)
    kind, path = TYPES[request["operation"]]
    if request["operation"] not in validators:
        validators[request["operation"]] = Draft202012Validator(closed(TypeAdapter(kind).json_schema()))
    faults = list(validators[request["operation"]].iter_errors({**path, **request["body"]}))
    print("; ".join(fault.message for fault in faults) or "ok")
