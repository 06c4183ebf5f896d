"""Says of each exchange, one JSON object a line, whether the types of Microsoft's own client know all of it: `ok`, or what is wrong.

A line is `{"method": …, "path": …, "query": […], "body": …, "status": …, "answer": …}`. Which type a path takes and answers is read
from the client's own request builders, never from a list of ours.
"""

import importlib
import inspect
import json
import re
import sys
import urllib.parse

from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_serialization_json.json_parse_node import JsonParseNode
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter
from msgraph import GraphRequestAdapter, GraphServiceClient

CLIENT = GraphServiceClient(request_adapter=GraphRequestAdapter(AnonymousAuthenticationProvider()))


def snake(segment):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", segment.replace("microsoft.graph.", "graph_")).lower()


def builder(path):
    at = CLIENT
    for segment in urllib.parse.unquote(path.removeprefix("/v1.0/").replace("%2F", "%252F")).split("/"):
        name = "content" if segment == "$value" else snake(segment)
        if isinstance(getattr(type(at), name, None), property):
            at = getattr(at, name)
            continue
        by = [name for name, _ in inspect.getmembers(type(at), inspect.isfunction) if re.fullmatch(r"by_\w+_id", name)]
        if len(by) != 1:
            return None
        at = getattr(at, by[0])(segment)
    return at


def model(at, annotation):
    """The class that an annotation of a builder names; `None` for bytes and for nothing."""
    name = re.sub(r"^Optional\[(.*)\]$", r"\1", annotation)
    if name in ("None", "bytes"):
        return None
    module = inspect.getmodule(type(at))
    where = re.search(rf"from (\.[\w.]+) import {name}\b", inspect.getsource(module)).group(1)
    return getattr(importlib.import_module(where, module.__package__), name)


def unknown(value, where, allowed):
    found = []
    if isinstance(value, list):
        return [fault for one in value for fault in unknown(one, where, allowed)]
    if hasattr(value, "additional_data"):
        odd = [name for name in value.additional_data or {} if not (allowed and name.startswith("@odata."))]
        found += [f"{where}: {type(value).__name__} has no {name}" for name in odd]
        for name, inner in vars(value).items():
            if name != "additional_data":
                found += unknown(inner, f"{where}.{name}", allowed)
    return found


def lost(said, kept, where):
    """What was said and is not there any more when the type has read and written it: it was of another kind."""
    if isinstance(said, dict):
        if not isinstance(kept, dict):
            return [f"{where} was lost"]
        named = [name for name in said if not name.startswith("@odata.")]
        return [fault for name in named for fault in lost(said[name], kept.get(name), f"{where}.{name}")]
    if isinstance(said, list):
        if not said:
            return []
        if not isinstance(kept, list) or len(kept) != len(said):
            return [f"{where} was lost"]
        return [fault for one, other in zip(said, kept) for fault in lost(one, other, where)]
    is_time = isinstance(said, str) and re.match(r"\d{4}-\d\d-\d\dT", said)
    return [] if said is None or said == kept or (is_time and kept) else [f"{where}: {said!r} became {kept!r}"]


def read(known, value, where, allowed):
    try:
        parsed = JsonParseNode(value).get_object_value(known)
        faults = unknown(parsed, where, allowed)
        writer = JsonSerializationWriter()
        writer.write_object_value(None, parsed)
        return faults + lost(value, json.loads(writer.get_serialized_content() or b"{}"), where)
    except (TypeError, ValueError, AttributeError) as fault:
        return [f"{where}: {type(fault).__name__} {fault}"]


def parameters(at, verb):
    kinds = [kind for name, kind in vars(type(at)).items() if name.lower().endswith(f"requestbuilder{verb}queryparameters")]
    fields = kinds[0].__dataclass_fields__ if kinds else {}
    return ["$" + name for name in fields] + list(fields)


def judge(one):
    at, verb = builder(one["path"]), one["method"].lower()
    call = getattr(at, verb, None)
    if call is None:
        return [f"{one['method']} {one['path']} is not described"]
    signature = inspect.signature(call)
    faults = [f"the parameter {name} is not described" for name in one["query"] if name not in parameters(at, verb)]
    body = signature.parameters.get("body")
    wanted = model(at, body.annotation) if body else None
    if wanted and one["body"] is None:
        faults.append("request: a body is missing")
    elif wanted:
        faults += read(wanted, one["body"], "request", False)
    elif one["body"] is not None and not body:
        faults.append("request: no body is described")
    if 200 <= one["status"] < 300 and one["answer"] is not None:
        answered = model(at, signature.return_annotation)
        faults += read(answered, one["answer"], "answer", True) if answered else []
    return faults


for line in sys.stdin:
    print("; ".join(judge(json.loads(line))) or "ok", flush=True)
