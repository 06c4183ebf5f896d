"""Says of each exchange, one JSON object a line, whether Google's own descriptions allow it: `ok`, or what is wrong.

A line is `{"method": …, "path": …, "query": […], "body": …, "status": …, "answer": …}`. What is not described is not allowed.
"""

import json
import pathlib
import re
import sys

import googleapiclient
from jsonschema import Draft202012Validator

DOCUMENTS = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"


def schema(described, method):
    """JSON Schema of a described value: closed, and with what the method requires."""
    if "$ref" in described:
        return {"$ref": "#/$defs/" + described["$ref"]}
    kind = described.get("type")
    if kind == "any":
        return {}
    made = {"type": kind} if kind else {}
    if "enum" in described:
        made["enum"] = described["enum"]
    if "items" in described:
        made["items"] = schema(described["items"], method)
    if kind == "object":
        fields = described.get("properties", {})
        made["properties"] = {name: schema(field, method) for name, field in fields.items()}
        more = described.get("additionalProperties")
        made["additionalProperties"] = schema(more, method) if more else False
        made["required"] = [
            name for name, field in fields.items() if method in field.get("annotations", {}).get("required", [])
        ]
    return made


def methods(resources):
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from methods(resource.get("resources", {}))


class Api:
    def __init__(self, name):
        self.all = json.loads((DOCUMENTS / f"{name}.json").read_text())
        self.methods = list(methods(self.all["resources"]))

    def find(self, verb, path):
        for method in self.methods:
            template = "/" + self.all["servicePath"] + method["path"]
            pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
            if method["httpMethod"] == verb and "{+" not in template and re.fullmatch(pattern, path):
                return method
        return None

    def faults(self, what, described, value, method):
        if described is None:
            return [] if value is None else [f"{what}: no body is described"]
        defs = {name: schema(one, method) for name, one in self.all["schemas"].items()}
        if "$ref" in described and value is None:
            return [f"{what}: a body is missing"]
        judge = Draft202012Validator({**schema(described, method), "$defs": defs})
        return [f"{what}: {fault.message}" for fault in judge.iter_errors(value)]


APIS = [Api(name) for name in ("admin.directory_v1", "siteVerification.v1", "licensing.v1")]


def judge(one):
    for api in APIS:
        method = api.find(one["method"], one["path"])
        if method is None:
            continue
        known = {**api.all.get("parameters", {}), **method.get("parameters", {})}
        faults = [f"the parameter {name} is not described" for name in one["query"] if name not in known]
        faults += api.faults("request", method.get("request"), one["body"], method["id"])
        if 200 <= one["status"] < 300 and one["answer"] not in (None, {}):
            faults += api.faults("answer", method.get("response"), one["answer"], "")
        return faults
    return [f"{one['method']} {one['path']} is not described"]


for line in sys.stdin:
    print("; ".join(judge(json.loads(line))) or "ok")
