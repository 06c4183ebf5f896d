"""Says of each request, one JSON object a line, whether the client's own signatures allow it: `ok`, or what is wrong.

A line is `{"operation": …, "body": …}`. What a signature does not name is not allowed.
"""

import inspect
import json
import sys
import typing

from pydantic import ConfigDict, ValidationError, create_model

from instantlyai._transport import NOT_GIVEN
from instantlyai.models import Warmup
from instantlyai.resources.accounts import Accounts

OPERATIONS = {
    "link": Accounts.create,
    "change": Accounts.update,
    "warm_up": Accounts.enable_warmup,
}
# What the signatures name and do not bring along.
NAMES = {"_list": list, "JSONObject": dict}
CONFIG = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)


def model(operation):
    hints = typing.get_type_hints(OPERATIONS[operation], localns=NAMES)
    parameters = inspect.signature(OPERATIONS[operation]).parameters.values()
    wanted = [one for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]
    fields = {one.name: (hints[one.name], ... if one.default is inspect.Parameter.empty else NOT_GIVEN) for one in wanted}
    return create_model(operation, __config__=CONFIG, **fields)


def faults(operation, body):
    warmup = body.get("warmup")
    if isinstance(warmup, dict):
        yield from (f"warmup.{name} is not known" for name in warmup.keys() - Warmup.model_fields.keys())
        body = {**body, "warmup": Warmup.model_validate(warmup)}
    try:
        model(operation).model_validate(body)
    except ValidationError as error:
        yield from (f"{fault['loc']}: {fault['msg']}" for fault in error.errors())


for line in sys.stdin:
    request = json.loads(line)
    try:
        print("; ".join(faults(request["operation"], request["body"])) or "ok")
    except ValidationError as error:
        print("; ".join(fault["msg"] for fault in error.errors()))
