"""Checks the API description against events/: it allows every response that a fixture expects, and a fixture expects
every error code that the functions themselves respond with. Its examples match their schemas.

usage: events_test.py OPENAPI_JSON EVENTS
"""

import json
import pathlib
import re
import sys

import jsonschema

description_path, events = map(pathlib.Path, sys.argv[1:])
description = json.loads(description_path.read_text())
# Codes of the layers below the functions and of platforms, which no fixture reaches.
OF_THE_RUNTIME = {
    "bad_request", "request_timeout", "uri_too_long", "expectation_failed", "headers_too_large", "not_implemented",
    "http_version_not_supported", "overloaded", "deadline_exceeded", "response_too_large", "response_incomplete",
}
MATCHERS = {"$type", "$regex", "$range", "$oneOf", "$length", "$absent"}

problems = []
seen = set()
held = 0


def resolved(node):
    """The target of a reference; any other node itself."""
    while "$ref" in node and len(node) == 1:
        target = description
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def validator(schema):
    # References are resolved from the root of the schema.
    return jsonschema.Draft202012Validator({**schema, "components": description["components"]})


def path_item(path):
    for template, item in description["paths"].items():
        # Any text may stand for a parameter of the path.
        if re.fullmatch(re.sub(r"\\\{[a-z_]+\\\}", ".*", re.escape(template)), path):
            return resolved(item)
    return None


def plain(pattern, place=()):
    """The value of a pattern, and the places in it where a matcher allows several values."""
    if isinstance(pattern, dict):
        if "$exact" in pattern:
            return plain(pattern["$exact"], place)
        if MATCHERS & pattern.keys():
            return None, {place}
        members = {name: plain(value, (*place, name)) for name, value in pattern.items()}
        return {name: value for name, (value, _) in members.items()}, {p for _, open_ in members.values() for p in open_}
    return pattern, set()


def check_body(expected, content_type, response):
    """Why the description does not allow a body of that type; None if it does."""
    content = response.get("content", {})
    media = content.get(content_type)
    if media is None:
        return f"no content of type {content_type}"
    body, open_places = plain(expected)
    if not isinstance(body, dict):
        return None
    for error in flat(validator(media["schema"]).iter_errors(body)):
        if tuple(error.absolute_path) not in open_places:
            return f"{list(error.absolute_path)}: {error.message}"
    return None


def flat(errors):
    """The errors; of a oneOf only those of the alternative that fits best."""
    for error in errors:
        if error.validator == "oneOf":
            branches = {}
            for inner in error.context:
                branches.setdefault(inner.schema_path[0], []).append(inner)
            yield from min(branches.values(), key=len)
        else:
            yield error


def check(name, event, expected):
    """Checks one expectation against the description."""
    global held
    if "status" not in expected or not isinstance(expected["status"], int):
        return
    status, method, path = expected["status"], event.get("method", "GET"), event["path"]
    item = path_item(path.partition("?")[0])
    if item is None or method.lower() not in item:
        # The description covers these in prose.
        if status != (404 if item is None else 405):
            problems.append(f"{name}: {method} {path} is not described, but gets {status}")
        return
    response = item[method.lower()]["responses"].get(str(status))
    if response is None:
        problems.append(f"{name}: {method} {path} may not get {status}")
        return
    response = resolved(response)
    held += 1
    headers = {k: v for k, v in expected.get("headers", {}).items() if isinstance(v, str)}
    content_type = headers.pop("content-type", "").partition(";")[0] or next(iter(response.get("content", {})), "")
    for header, value in headers.items():
        described = response.get("headers", {}).get(header)
        if described is None:
            problems.append(f"{name}: {status} has no header {header}")
            continue
        schema = resolved(described)["schema"]
        value = int(value) if value.isdigit() else value
        if not validator(schema).is_valid(value):
            problems.append(f"{name}: {status} has no {header}: {value}")
    body = expected.get("body")
    if body == {"$absent": True}:
        body = None
    if content_type == "application/json" and isinstance(body, str):
        body = json.loads(body)
    if isinstance(body, dict):
        code = body.get("$exact", body).get("code")
        if isinstance(code, str):
            seen.add(code)
        problem = check_body(body, content_type, response)
        if problem:
            problems.append(f"{name}: {status}: {problem}")
    elif (body or {"events", "chunks"} & expected.keys()) and content_type not in response.get("content", {}):
        problems.append(f"{name}: {status} has no content of type {content_type}")


def short(event, folder):
    """An event in the short form. It may be given here or in a file, and may be an event of AWS."""
    if isinstance(event, str):
        event = json.loads((folder / event).read_text())
    context = event.get("requestContext", {}).get("http", {})
    return {
        "method": event.get("method") or event.get("httpMethod") or context.get("method", "GET"),
        "path": event.get("rawPath") or event["path"],
    }


def check_steps(name, steps, folder):
    for step in steps:
        for each in step.get("parallel", [step]):
            if "event" in each:
                for member in ("expect", "again"):
                    if member in step:
                        check(name, short(each["event"], folder), step[member])


def codes(node):
    """The error codes that the responses of an operation, or a part of them, may have."""
    node = resolved(node) if isinstance(node, dict) else node
    if isinstance(node, list):
        return set().union(*map(codes, node))
    if not isinstance(node, dict):
        return set()
    code = node.get("properties", {}).get("code", {}) if isinstance(node.get("properties"), dict) else {}
    found = set(code.get("enum", [])) | ({code["const"]} if "const" in code else set())
    return found.union(*(codes(v) for k, v in node.items() if k not in ("examples", "example", "$ref")))


def check_examples(node, place="#"):
    """Checks every example against the schema beside it or around it."""
    if isinstance(node, list):
        for index, each in enumerate(node):
            check_examples(each, f"{place}/{index}")
        return
    if not isinstance(node, dict):
        return
    schema, given = node.get("schema"), [node["example"]] if "example" in node else []
    if isinstance(node.get("examples"), dict):
        given += [each["value"] for each in node["examples"].values()]
    elif isinstance(node.get("examples"), list):
        schema, given = node, node["examples"]
    for example in given:
        for error in validator(schema).iter_errors(example):
            problems.append(f"{place}: example: {error.message}")
    for name, each in node.items():
        if name not in ("example", "examples"):
            check_examples(each, f"{place}/{name}")


for file in sorted(events.rglob("*.expect.json")):
    name = str(file.relative_to(events)).removesuffix(".expect.json")
    event = json.loads((file.parent / (file.name.removesuffix(".expect.json") + ".json")).read_text())
    check(name, short(event, file.parent), json.loads(file.read_text()))
for file in sorted(events.rglob("*.scenario.json")):
    name = str(file.relative_to(events)).removesuffix(".scenario.json")
    check_steps(name, json.loads(file.read_text())["steps"], file.parent)

described = codes([operation["responses"] for item in description["paths"].values()
                   for method, operation in resolved(item).items() if method in ("get", "post", "options")])
for code in sorted(described - seen - OF_THE_RUNTIME):
    problems.append(f"no fixture expects {code}")
for code in sorted(OF_THE_RUNTIME - described):
    problems.append(f"{code} is not described")

check_examples(description)

for problem in problems:
    print(problem, file=sys.stderr)
print(f"{held} expectations of events allowed by the description, {len(problems)} problems")
sys.exit(4 if problems else 0)
