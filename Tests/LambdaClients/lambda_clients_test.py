#!/usr/bin/env python3
"""AWS' own programs with `local-runtime lambda`: boto3 as the caller, awslambdaric as the function's runtime.

usage: script/lambda-clients [--binaries DIR]

  --binaries DIR  tests token, stream and local-runtime of this folder; without it those of .build/functions

Prints a line for each check. Exit codes: 0 all passed, 1 wrong command line, 3 could not run, 4 something failed.
"""

import base64
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from emulator import FUNCTIONS, emulator
from checks import ROOT, expect, main
from processes import redis, wait_for

import botocore.exceptions

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


def expect_in(part, text):
    assert part in text, f"{part!r} is not in {text!r}"


def refused(call, status, code, **arguments):
    """The message of the error with which a call is refused."""
    try:
        response = call(**arguments)
    except botocore.exceptions.ClientError as error:
        expect((error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]), (status, code))
        return error.response["Error"]["Message"]
    raise AssertionError(f"not refused: {response}")


def invoke(emulator, payload=None, name="function", **arguments):
    """Makes a call that waits, and returns the response and its payload as JSON."""
    if payload is not None:
        arguments["Payload"] = json.dumps(payload).encode()
    response = emulator.client.invoke(FunctionName=name, **arguments)
    expect((response["StatusCode"], response.get("ExecutedVersion")), (200, "$LATEST"))
    return response, json.loads(response["Payload"].read())


def stream(emulator, payload, name="function", **arguments):
    """Makes a call that streams, and returns the events as they arrive."""
    response = emulator.client.invoke_with_response_stream(
        FunctionName=name, Payload=json.dumps(payload).encode(), **arguments
    )
    expect((response["StatusCode"], response["ExecutedVersion"]), (200, "$LATEST"))
    expect(response["ResponseStreamContentType"], "application/vnd.amazon.eventstream")
    return response["EventStream"]


def collected(events):
    """The content of the chunks, and the last event."""
    *chunks, last = list(events)
    expect(list(last), ["InvokeComplete"])
    return b"".join(each["PayloadChunk"]["Payload"] for each in chunks), last["InvokeComplete"]


def decoded(log):
    text = base64.b64decode(log, validate=True)
    assert len(text) <= 4096, f"{len(text)} bytes of log"
    return text.decode()


def event(path, method="GET", query="", body=None, **headers):
    """An event of a function URL."""
    return {
        "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": headers,
        "requestContext": {"http": {"method": method}}, "body": body,
    }


def run_curl(line, **environment):
    """The output of a command in the greeting, run in a shell."""
    done = subprocess.run(
        ["bash", "-c", line], env={**os.environ, **environment}, capture_output=True, timeout=20, check=True
    )
    return done.stdout


class Minting:
    """The token function under the emulator."""

    def __init__(self, emulator, key):
        self.emulator, self.key = emulator, key

    def event(self):
        return event("/api/v1/token", query="ttl=60", authorization=f"Bearer {self.key}")

    def mint(self):
        _, response = invoke(self.emulator, self.event())
        return json.loads(response["body"])["token"]


def token_checks(checks, minting):
    server, call = minting.emulator, minting.emulator.client.invoke

    with checks.check("boto3 invokes, and gets the response"):
        response, payload = invoke(server, minting.event())
        expect(payload["statusCode"], 200)
        assert json.loads(payload["body"])["token"].startswith("pub_tok_")
        assert "FunctionError" not in response and "LogResult" not in response, response

    with checks.check("boto3 gets the end of the log if it asks for it"):
        response, _ = invoke(server, minting.event(), LogType="Tail")
        log, id = decoded(response["LogResult"]), response["ResponseMetadata"]["RequestId"]
        assert log.startswith(f"START RequestId: {id} Version: $LATEST\n"), log
        expect_in(f"\nEND RequestId: {id}\nREPORT RequestId: {id}\t", log)

    with checks.check("boto3 may name the function in every way"):
        for name in (
            "function", "function:$LATEST", f"{ARN}function", f"{ARN}function:$LATEST",
            "123456789012:function:function",
        ):
            expect(invoke(server, minting.event(), name)[1]["statusCode"], 200, name)
        expect(invoke(server, minting.event(), Qualifier="$LATEST")[1]["statusCode"], 200)
        expect(invoke(server, minting.event(), f"{ARN}function", Qualifier="$LATEST")[1]["statusCode"], 200)

    with checks.check("boto3 gets an error for an unknown function or version"):
        for each in (
            {"FunctionName": "other"}, {"FunctionName": "function:PROD"}, {"FunctionName": f"{ARN}other"},
            {"FunctionName": "function", "Qualifier": "1"},
        ):
            expect_in(f"Function not found: {ARN}", refused(call, 404, "ResourceNotFoundException", **each))
            refused(server.client.invoke_with_response_stream, 404, "ResourceNotFoundException", **each)
        refused(call, 400, "InvalidParameterValueException", FunctionName="function:1", Qualifier="2")

    with checks.check("boto3 gets an error that says what is wrong with its payload"):
        for payload in (b"{", b'{"a":1,}', b"[1,]", b"\xff", b"NaN"):
            arguments = {"FunctionName": "function", "Payload": payload}
            refused(call, 400, "InvalidRequestContentException", **arguments)
            refused(server.client.invoke_with_response_stream, 400, "InvalidRequestContentException", **arguments)
        large = b'"' + b"x" * (6 << 20) + b'"'
        refused(call, 413, "RequestTooLargeException", FunctionName="function", Payload=large)

    with checks.check("boto3 makes a dry run, and a call without waiting"):
        before = server.log.count("REPORT ")
        dry = call(FunctionName="function", InvocationType="DryRun", Payload=b"{}")
        expect((dry["StatusCode"], dry["Payload"].read()), (204, b""))
        refused(call, 404, "ResourceNotFoundException", FunctionName="other", InvocationType="DryRun")
        dry = server.client.invoke_with_response_stream(FunctionName="function", InvocationType="DryRun")
        expect((dry["StatusCode"], list(dry["EventStream"])), (204, []))
        late = call(FunctionName="function", InvocationType="Event", Payload=json.dumps(minting.event()).encode())
        expect((late["StatusCode"], late["Payload"].read()), (202, b""))
        wait_for(lambda: server.log.count("REPORT ") > before, "its report")
        expect(server.log.count("REPORT "), before + 1)

    with checks.check("boto3 gets an error for an event that the function does not know"):
        response, payload = invoke(server, {"Records": []})
        expect((response["FunctionError"], payload["errorType"]), ("Unhandled", "Function.UnknownEvent"))
        _, complete = collected(stream(server, {"Records": []}))
        expect(complete["ErrorCode"], "Unhandled")
        expect(json.loads(complete["ErrorDetails"])["errorType"], "Function.UnknownEvent")

    with checks.check("boto3 streams a response that the function does not stream"):
        text, complete = collected(stream(server, minting.event(), LogType="Tail"))
        expect(json.loads(text)["statusCode"], 200)
        expect(list(complete), ["LogResult"])
        expect_in("\nREPORT RequestId: ", decoded(complete["LogResult"]))

    with checks.check("the curl lines of lambda mint, with any name of the program's folder"):
        lines = server.curl_lines()
        expect(len(lines), 2)
        expect(json.loads(run_curl(lines[0], API_KEY=minting.key))["success"], True)
        expect(json.loads(run_curl(lines[1], API_KEY=minting.key))["statusCode"], 200)


def stream_checks(checks, minting, server):
    def order(to, interval):
        token, variables = minting.mint(), json.dumps({"to": to, "interval_ms": interval})
        return event("/api/v1/run/count/stream", "POST", f"token={token}", variables)

    with checks.check("boto3 streams a streamed response"):
        text, complete = collected(stream(server, order(5, 10), LogType="Tail"))
        prelude, _, content = text.partition(b"\0" * 8)
        expect(json.loads(prelude)["statusCode"], 200)
        expect(content, b"1\n2\n3\n4\n5\n")
        expect(list(complete), ["LogResult"])

    with checks.check("boto3 gets an error that says why a stream broke off: its process was killed"):
        events = stream(server, order(1000, 20), LogType="Tail")
        # The rest takes 20 seconds.
        seen = [next(iter(events)) for _ in range(3)]
        assert all("PayloadChunk" in each for each in seen), seen
        for each in server.children():
            os.kill(each, signal.SIGKILL)
        text, complete = collected(events)
        expect(complete["ErrorCode"], "Unhandled")
        assert json.loads(complete["ErrorDetails"])["errorType"].startswith("Runtime."), complete
        expect_in("signal: killed", decoded(complete["LogResult"]))
        expect(collected(stream(server, order(1, 1)))[1], {}, "the next one")

    with checks.check("boto3 gets a streamed response as a whole if it does not stream"):
        response = server.client.invoke(FunctionName="function", Payload=json.dumps(order(3, 1)).encode())
        assert response["Payload"].read().endswith(b"\0\0\0\0\0\0\0\0" + b"1\n2\n3\n")

    with checks.check("the curl lines of lambda stream"):
        lines = server.curl_lines()
        expect(len(lines), 2)
        expect(run_curl(lines[0], TOKEN=minting.mint()), b"hello there")
        assert run_curl(lines[1], TOKEN=minting.mint()).endswith(b"\0hello there")


def late_checks(checks, minting, server):
    with checks.check("boto3 gets the function's own error at its deadline"):
        variables = json.dumps({"to": 1000, "interval_ms": 20})
        order = event("/api/v1/run/count/stream", "POST", f"token={minting.mint()}", variables)
        _, complete = collected(stream(server, order))
        expect(complete.get("ErrorCode"), "Unhandled")
        expect_in("errorType", complete["ErrorDetails"])


def breaking_checks(checks, server, folder):
    for end in ("exit", "close"):
        with checks.check(f"boto3 gets all bytes before a function broke off: {end}"):
            # Opening the FIFO for writing waits for a reader: the function breaks off when boto3 has the first piece.
            gate = f"{folder}/{end}"
            os.mkfifo(gate)
            events = iter(stream(server, {"pieces": ["one", "two"], "end": end, "when": gate}, LogType="Tail"))
            first = next(events)
            with open(gate, "w"):
                pass
            text, complete = collected([first, *events])
            expect(text, b"onetwo")
            expect(complete["ErrorCode"], "Unhandled")
            expect(json.loads(complete["ErrorDetails"])["errorType"], "Runtime.TruncatedResponse")
            expect_in(f"\nabout to {end}\n", decoded(complete["LogResult"]))

    with checks.check("boto3 gets many pieces and large pieces complete"):
        pieces = ["x" * size for size in (1, 65_536, 3_000_000)] + ["y"] * 500
        text, complete = collected(stream(server, {"pieces": pieces, "end": "well"}))
        expect((text == "".join(pieces).encode(), complete), (True, {}))

    with checks.check("a caller that leaves during a call does not block the next call"):
        events = stream(server, {"pieces": ["x" * 1_000_000] * 5, "end": "well"})
        next(iter(events))
        events.close()
        text, complete = collected(stream(server, {"pieces": ["a"], "end": "well"}))
        expect((text, complete), (b"a", {}))


def runtime_checks(checks, server):
    def told(payload, **arguments):
        response, error = invoke(server, payload, **arguments)
        expect(response.get("FunctionError"), "Unhandled")
        return response, error

    with checks.check("awslambdaric gets events, and responds to them"):
        for each in ({"do": "echo", "text": "ä\0\U0001f642"}, {"do": "echo", "list": [1.5, None, True, {}]}):
            expect(invoke(server, each)[1], {"event": each})
        expect(invoke(server, {"do": "pid"})[1], invoke(server, {"do": "pid"})[1], "one process")

    with checks.check("awslambdaric gets the context of a call"):
        context = base64.b64encode(json.dumps({"custom": {"a": "ä"}}, ensure_ascii=False).encode()).decode()
        response, found = invoke(server, {"do": "context"}, ClientContext=context)
        assert 0 < found.pop("left") <= 60_000, found
        expect(found, {
            "id": response["ResponseMetadata"]["RequestId"], "arn": f"{ARN}function", "name": "function",
            "version": "$LATEST", "memory": "128", "custom": {"a": "ä"},
        })
        arguments = {"FunctionName": "function", "ClientContext": "e30"}
        refused(server.client.invoke, 400, "InvalidRequestContentException", **arguments)

    with checks.check("an error in awslambdaric's function is in the response and in the log"):
        response, error = told({"do": "raise", "text": "no good"}, LogType="Tail")
        expect((error["errorType"], error["errorMessage"]), ("ValueError", "no good"))
        log = decoded(response["LogResult"])
        expect_in("told to raise\n", log)
        expect_in("[ERROR] ValueError: no good", log)
        _, complete = collected(stream(server, {"do": "raise", "text": "no good"}))
        expect((complete["ErrorCode"], json.loads(complete["ErrorDetails"])["errorType"]), ("Unhandled", "ValueError"))

    with checks.check("a process that ends is reported, and the next call gets a new one"):
        expect(told({"do": "exit", "code": 3})[1]["errorType"], "Runtime.ExitError")
        expect(invoke(server, {"do": "echo"})[1], {"event": {"do": "echo"}})

    with checks.check("boto3 gets the last 4096 bytes of a long log"):
        response, _ = invoke(server, {"do": "say", "text": "0123456789", "times": 50_000}, LogType="Tail")
        log = base64.b64decode(response["LogResult"])
        expect(len(log), 4096)
        expect_in(b"0123456789\nEND ", log)

    with checks.check("each of many calls at once gets its own response"):
        # A process may have responded and not yet asked for the next event, so twice as many calls would be too many.
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            orders = [{"do": "echo", "number": number} for number in range(60)]
            expect([response for _, response in pool.map(lambda each: invoke(server, each), orders)],
                   [{"event": each} for each in orders])

    with checks.check("requests for another host, or from a page of another site, are refused"):
        path = f"{server.url}/2015-03-31/functions/function/invocations"
        for fields in (
            {"Host": "rebound.example"}, {"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"},
        ):
            try:
                urllib.request.urlopen(urllib.request.Request(path, b"{}", fields), timeout=10)
                raise AssertionError(f"not refused: {fields}")
            except urllib.error.HTTPError as error:
                expect(error.code, 403, str(fields))


def started(server):
    """Waits until the function runs: on a busy machine its start takes longer than Lambda allows."""
    wait_for(lambda: "event" in invoke(server, {"do": "echo"})[1], "a response", seconds=60)
    return server


def special_checks(checks, start, folder):
    with checks.check("boto3 gets an error that says why awslambdaric cannot start"):
        with start("import", HANDLER="nowhere.handle") as server:
            response, error = invoke(server, {}, LogType="Tail")
            expect((response["FunctionError"], error["errorType"]), ("Unhandled", "Runtime.ImportModuleError"))
            expect_in("No module named 'nowhere'", decoded(response["LogResult"]))

    with checks.check("a function that takes too long is reported"):
        with start("slow", "--timeout", "1") as server:
            started(server)
            response, error = invoke(server, {"do": "sleep", "seconds": 60}, LogType="Tail")
            expect((response["FunctionError"], error["errorType"]), ("Unhandled", "Sandbox.Timedout"))
            expect_in("Task timed out after 1.00 seconds", decoded(response["LogResult"]))

    with checks.check("one call too many is refused with an error that boto3 knows"):
        with start("throttled", "--concurrency", "1") as server, concurrent.futures.ThreadPoolExecutor(1) as pool:
            started(server)
            gate = f"{folder}/gate"
            os.mkfifo(gate)
            order = {"do": "wait", "path": gate}
            waiting = pool.submit(invoke, server, order)
            wait_for(lambda: "told to wait" in server.log, "the first one")
            for call in (server.client.invoke, server.client.invoke_with_response_stream):
                expect(refused(call, 429, "TooManyRequestsException", FunctionName="function"), "Rate Exceeded.")
            with open(gate, "w"):
                pass
            expect(waiting.result()[1], {"event": order})

    with checks.check("awslambdaric runs several invocations at once, as on Managed Instances"):
        with (
            start("managed", "--max-concurrency", "2", "--concurrency", "1") as server,
            tempfile.TemporaryDirectory(dir=folder) as meeting,
            concurrent.futures.ThreadPoolExecutor(2) as pool,
        ):
            started(server)
            orders = [{"do": "meet", "folder": meeting, "number": number, "count": 2} for number in range(2)]
            found = [response for _, response in pool.map(lambda each: invoke(server, each), orders)]
            expect(found, [{"event": each} for each in orders])


def run(checks, options):
    with tempfile.TemporaryDirectory(prefix="lambda-clients-") as folder:
        run_all(checks, os.path.abspath(options.binaries), folder)


def run_all(checks, binaries, folder):
    with redis(folder) as (_, url):
        made = subprocess.run(
            [f"{binaries}/local-runtime", "keys", "create", "--org", "lambda", "--limit", "10000", "--redis", url],
            capture_output=True, text=True, check=True,
        )
        streams = {"REDIS_URL": url, "LAMBDA_INVOKE_MODE": "response_stream"}
        # A path with characters that a shell treats specially.
        quoted = f"{folder}/it's a \"folder\" $(touch run)"
        os.mkdir(quoted)
        for name in ("token", "stream"):
            shutil.copy(f"{binaries}/{name}", quoted)
        with (
            emulator(binaries, folder, f"{quoted}/token", name="token", REDIS_URL=url) as token,
            emulator(binaries, folder, f"{quoted}/stream", name="stream", **streams) as streaming,
            emulator(binaries, folder, f"{quoted}/stream", "--timeout", "2", name="late", **streams) as late,
        ):
            minting = Minting(token, made.stdout.strip())
            token_checks(checks, minting)
            stream_checks(checks, minting, streaming)
            late_checks(checks, minting, late)
    with emulator(binaries, folder, f"{FUNCTIONS}/breaking", name="breaking") as server:
        breaking_checks(checks, server, folder)

    def start(name, *arguments, **environment):
        settings = {"PYTHON": sys.executable, "HANDLER": "handler.handle", **environment}
        return emulator(binaries, folder, f"{FUNCTIONS}/bootstrap", *arguments, name=name, **settings)

    with start("runtime") as server:
        runtime_checks(checks, started(server))
    special_checks(checks, start, folder)


if __name__ == "__main__":
    sys.exit(main("script/lambda-clients", __doc__, run, Exception, binaries=f"{ROOT}/.build/functions"))
