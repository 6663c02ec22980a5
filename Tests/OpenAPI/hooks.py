"""Tells schemathesis how to get a token, and what opens a stream.

Environment: MINT_URL is the URL of the token function, and API_KEY a key with a large limit.
"""

import json
import os
import urllib.request

import schemathesis
from schemathesis.core.parameters import ParameterLocation

MINT = os.environ["MINT_URL"] + "/api/v1/token"
KEY = os.environ["API_KEY"]
STREAM = "/api/v1/run/{workflow_id}/stream"


@schemathesis.auth(refresh_interval=None).apply_to(path="/api/v1/token")
class Key:
    """Uses the same key for every mint."""

    def get(self, case, context):
        return KEY

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.auth(refresh_interval=None).apply_to(path=STREAM, method=["GET", "POST"])
class Token:
    """Uses a new token for every stream, alternately in the query and in the Authorization field."""

    minted = 0

    def get(self, case, context):
        request = urllib.request.Request(MINT, headers={"Authorization": f"Bearer {KEY}"})
        with urllib.request.urlopen(request) as response:
            return json.load(response)["token"]

    def set(self, case, data, context):
        Token.minted += 1
        if Token.minted % 2:
            case.query = {**(case.query or {}), "token": data}
        else:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook("map_case").apply_to(path="/api/v1/token", method="POST")
def map_policy(context, case):
    """Replaces what a schema cannot tell: origins as browsers write them, names of variables, numbers in digits only."""
    if isinstance(case.body, dict) and not is_negative(case, ParameterLocation.BODY):
        valid = {"origins": ["https://app.example"], "variables": {"model": "small"}, "allow": ["text"]}
        case.body = {
            name: valid.get(name, int(value) if isinstance(value, float) else value) for name, value in case.body.items()
        }
    return case


def is_negative(case, location):
    component = case.meta.components.get(location) if case.meta else None
    return component is not None and component.mode.is_negative


@schemathesis.hook.apply_to(path=STREAM, method=["GET", "POST"])
def map_case(context, case):
    """Replaces random names and variables, which are refused, by those of a built-in workflow, which open a stream."""
    if not is_negative(case, ParameterLocation.PATH):
        case.path_parameters["workflow_id"] = "echo"
    if case.method == "POST" and isinstance(case.body, dict) and not is_negative(case, ParameterLocation.BODY):
        case.body = {**case.body, "text": "two words"}
    # OpenAPI cannot express this: all variables in one parameter, or each in a parameter of its own.
    if case.method == "GET" and case.query and not is_negative(case, ParameterLocation.QUERY):
        whole = {name: value for name, value in case.query.items() if name == "variables"}
        case.query = whole or {name: value for name, value in case.query.items() if isinstance(value, str)}
    return case


@schemathesis.hook.apply_to(path=STREAM, method="GET")
def before_call(context, case, kwargs):
    """Adds the Accept field that EventSource sends; without it every response would be 405."""
    case.headers = {"Accept": "text/event-stream", **(case.headers or {})}
