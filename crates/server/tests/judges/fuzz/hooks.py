"""How schemathesis judges us beyond its own checks, and how half of what it makes up is made sense of."""

import json
import os
import re
from functools import cache

import schemathesis

import sense
from beyond_schema import FIELDS

BUSINESS_STATUSES = {400, 402, 409, 410}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Schemathesis looks again at what is changed here, and knows whether it is still valid."""
    sense.make(case, _pools())
    _elsewhere(case)


def _elsewhere(case):
    """The run must not lose its world, nor see years go by: these calls are another partner's."""
    ours, other = (f"Bearer {os.environ[name]}" for name in ("JUDGE_KEY", "JUDGE_OTHER_KEY"))
    if case.path.startswith("/partner/v1/test/") and (case.headers or {}).get("Authorization") == ours:
        case.headers["Authorization"] = other


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """What is no finding after all."""
    if type(failure).__name__ == "AcceptedNegativeData":
        return not _is_told_in_a_quote(case, response)
    return not _is_business(failure, case, response)


def _is_told_in_a_quote(case, response):
    """A quote never refuses an order's faults: it lists them all."""
    if case.operation.definition.raw["operationId"] != "quote_order" or response.status_code != 200:
        return False
    return any(problem["code"] == "invalid_request" for problem in response.json()["data"]["problems"])


def _is_business(failure, case, response):
    """Valid data may be refused for a business reason: when the description names its code for this very answer."""
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code not in BUSINESS_STATUSES:
        return False
    error = _error(response)
    if error.get("code") not in _documented(case, response.status_code):
        return False
    return error["code"] != "invalid_request" or all(map(_beyond_schema, _faults(case, error)))


@schemathesis.check
def the_code_of_an_error_is_documented(ctx, response, case):
    """Every error is in the one envelope, and the description names its code for this call and status."""
    if response.status_code < 400:
        return
    error = _error(response)
    assert error.get("code") and error.get("message"), f"this is no error as described: {response.text[:300]}"
    outside = {404: "not_found", 405: "method_not_allowed"}.get(response.status_code)
    codes = _documented(case, response.status_code) or {outside}
    assert error["code"] in codes, f"{response.status_code} with `{error['code']}`; the description names {codes}"
    assert response.headers.get("peeker-request-id"), "an answer without a request id"


@cache
def _pools():
    with open(os.environ["JUDGE_POOLS"], encoding="utf-8") as file:
        return json.load(file)


def _error(response):
    try:
        body = response.json()
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _documented(case, status):
    """The codes that are shown as examples of this answer."""
    answer = case.operation.definition.raw.get("responses", {}).get(str(status), {})
    return set(answer.get("content", {}).get("application/json", {}).get("examples", {}))


def _faults(case, error):
    for fault in error.get("details", {}).get("errors") or [error]:
        yield case.operation.definition.raw["operationId"], fault.get("code"), fault.get("field", "")


def _beyond_schema(fault):
    operation, code, field = fault
    path = re.sub(r"\[\d+\]", "[]", field)
    names = {path, path.rsplit(".", 1)[-1], path.split(".", 1)[0], "*"}
    return code != "invalid_request" or any(name in FIELDS or f"{operation}:{name}" in FIELDS for name in names)
