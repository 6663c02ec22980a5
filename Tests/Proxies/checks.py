"""What has to hold through every proxy: each check takes a place, which has the proxy in front of three servers."""

import asyncio
import base64
import json
import socket
import threading

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lab import CLAIMS, FORWARDED, PATIENCE, Difference, Received, Response, expect

PAGE = ("Origin", "https://app.example")
EVENTS = ("Accept", "text/event-stream")


class Place:
    """A proxy with an admit function of its own, in front of servers that nobody here wrote."""

    def __init__(self, lab, example):
        self.lab, self.example = lab, example
        self.settings = {**example.settings, "ADMIT_WORKFLOW_PATH": "/streams/{workflow}"}
        self.admit, self.admit_port = lab.start_admit(self.settings)
        self.ports = {name: example.start(lab, lab.start_backend(name), self.admit_port) for name in lab.backends}

    def ask(self, target, method="GET", headers=(), backend="FastAPI", body=None):
        return Response(self.ports[backend], target, method, [EVENTS, *headers], body)


def refused(response, status, code, what):
    expect((response.status, response.code), (status, code), what)
    expect(response.headers.get_all("access-control-allow-origin"), ["*"], f"{what}: who may read it")


def check_once(place):
    """A token opens one stream of events of an unchanged server, wherever it stands."""
    lab = place.lab
    for backend in ("FastAPI", "aiohttp"):
        for where in ("query", "header"):
            token = lab.mint()
            target, headers = "/streams/chat?a=1&b=x%20y", [PAGE]
            if where == "query":
                target = f"/streams/chat?a=1&token={token}&b=x%20y"
            else:
                headers.append(("Authorization", f"Bearer {token}"))
            what = f"{backend}, token in the {where}"
            response = place.ask(target, headers=headers, backend=backend)
            expect(response.status, 200, what)
            expect(response.headers["content-type"].split(";")[0], "text/event-stream", what)
            received = response.received
            received.check_without(token)
            received.check_claims(token_id_of=token)
            path, _, query = received.target.partition("?")
            expect((path, [each for each in query.split("&") if each]), ("/streams/chat", ["a=1", "b=x%20y"]), what)
            refused(place.ask(target, headers=headers, backend=backend), 401, "invalid_token", f"{what}, again")
            expect(lab.state(token), "used", what)
    only = lab.mint()
    response = place.ask(f"/streams/chat?token={only}&token={only}")
    # A proxy that cannot remove the second one refuses it.
    if response.status != 400:
        response.received.check_without(only)
        expect(response.received.target.rstrip("?&"), "/streams/chat", "a query of nothing but tokens")


def check_post(place):
    """A POST keeps its body."""
    token = place.lab.mint()
    body = json.dumps({"text": "x" * 5000}).encode()
    headers = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"), ("Content-Length", len(body))]
    expect(place.ask("/streams/chat", "POST", headers, body=body).status, 200, "a POST")


def check_two_tokens(place):
    one, other = place.lab.mint(), place.lab.mint()
    for target, headers in (
        (f"/streams/chat?token={one}&token={other}", []),
        (f"/streams/chat?token={one}", [("Authorization", f"Bearer {other}")]),
        (f"/streams/chat?token={one}", [("Sec-WebSocket-Protocol", f"chat, stream-token.{other}")]),
    ):
        response = place.ask(target, headers=headers)
        if response.status != 400:
            refused(response, 401, "invalid_token", "two tokens that differ")
    expect([place.lab.state(each) for each in (one, other)], ["live", "live"], "two tokens that differ")


def check_wrong_places(place):
    token = place.lab.mint()
    for target, headers in (
        (f"/streams/{token}", []), (f"/streams/chat?tokens={token}", []), (f"/streams/chat?%74oken={token}", []),
        (f"/token={token}", []), ("/streams/chat", [("Cookie", f"token={token}")]),
        ("/streams/chat", [("X-Token", token)]), ("/streams/chat", [("Sec-WebSocket-Protocol", token)]),
    ):
        refused(place.ask(target, headers=headers), 401, "invalid_token", "a token in a wrong place")
    expect(place.lab.state(token), "live", "a token in a wrong place")


def check_spoofed(place):
    """What the client says in headers that are the proxy's or the function's has no effect."""
    lab = place.lab
    stolen, token = lab.mint(), lab.mint()
    other = f"/streams/forbidden?token={stolen}"
    spoofed = [
        ("X-Original-URI", other), ("X-Original-Method", "OPTIONS"), ("X-Forwarded-Uri", other),
        ("X-Forwarded-Method", "OPTIONS"), ("X-Forwarded-Host", "evil.example"), ("X-Rewrite-URL", other),
        ("X-Original-URL", other), ("X-Workflow", "forbidden"), ("X-Admit-Secret", "guess"), ("X-Request-ID", "mine"),
        ("X-User", "admin"), ("X-Organization", "other"), ("X-Token-Id", "mine"), ("X-Variables", "e30"),
        ("X-Max-Seconds", "86400"), ("x_user", "admin"),
    ]
    refused(place.ask("/streams/chat", headers=spoofed), 401, "invalid_token", "spoofed, without a token")
    expect(lab.state(stolen), "live", "a token in spoofed headers")
    response = place.ask(f"/streams/chat?token={token}", headers=spoofed)
    expect(response.status, 200, "spoofed, with a token")
    response.received.check_claims(token_id_of=token)
    expect([lab.state(each) for each in (token, stolen)], ["used", "live"], "a token beside spoofed headers")
    # Without the secret the id of a request means nothing: two requests of a client are two.
    refused(place.ask(f"/streams/chat?token={token}", headers=spoofed), 401, "invalid_token", "the same id again")


def check_methods(place):
    """A preflight reaches the server without a token; it, HEAD and a prefetch use none."""
    token = place.lab.mint()
    target = f"/streams/chat?token={token}"
    preflight = [PAGE, ("Access-Control-Request-Method", "GET"), *((name, "spoofed") for name in CLAIMS)]
    for headers in (preflight, [PAGE]):
        response = place.ask(target, "OPTIONS", headers)
        expect((response.status, response.headers["x-backend"]), (200, "fastapi"), "OPTIONS")
        response.received.check_claims(token_id_of=None, organization=None)
    expect(place.ask(target, "HEAD").status, 405, "HEAD")
    refused(place.ask(target, headers=[("Sec-Purpose", "prefetch;prerender")]), 403, "prefetch", "a prefetch")
    expect(place.lab.state(token), "live", "a token of OPTIONS, HEAD and a prefetch")
    expect(place.ask(target).status, 200, "then the GET")


def check_long_uri(place):
    """A URI of 64 KiB is refused, wherever, and nothing is used."""
    token = place.lab.mint()
    status = place.ask(f"/streams/chat?token={token}&a={'a' * 65536}").status
    if not 400 <= status < 600:
        raise Difference(f"a URI of 64 KiB: {status}")
    expect(place.lab.state(token), "live", "a token in a URI of 64 KiB")
    expect(place.ask(f"/streams/chat?token={token}&a={'a' * 3000}").status, 200, "then one of 3 KB")


def check_credits(place):
    lab = place.lab
    key = lab.make_key(f"poor behind {place.example.name}")
    token = lab.mint(key=key)
    lab.administer("orgs", "credits", f"poor behind {place.example.name}", "--set", "0")
    refused(place.ask(f"/streams/chat?token={token}", headers=[PAGE]), 402, "invalid_billing", "no credits")


def check_raw(place):
    """Targets that no library of a client sends, and that two programs may read in two ways: what the function takes for
    the token is what the server may see in the query."""
    for target in ("http://127.0.0.1/streams/chat#?token={}", "//streams/chat?token={}", "/streams/./chat?token={}"):
        token = place.lab.mint()
        request = f"GET {target.format(token)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", place.ports["FastAPI"]), PATIENCE) as client:
            client.sendall(request)
            response = b""
            while piece := client.recv(65536):
                response += piece
        has_passed = response.startswith(b"HTTP/1.1 2")
        expect(place.lab.state(token), "used" if has_passed else "live", f"the token of {target}, {response[:60]}")
        if token.encode() in response:
            raise Difference(f"the token of {target} has gone on to the server")


async def converse(port, token, protocols, spoofed=()):
    url = f"ws://127.0.0.1:{port}/streams/chat"
    async with connect(url, subprotocols=protocols, additional_headers=[PAGE, *spoofed], proxy=None) as client:
        received = Received(json.loads(await asyncio.wait_for(client.recv(), PATIENCE)))
        await client.send("hello")
        expect(await asyncio.wait_for(client.recv(), PATIENCE), "echo hello", "the echo")
        return client.subprotocol, received


def check_websocket(place):
    """The token stands in the subprotocol, opens one WebSocket, and is not echoed."""
    for backend in ("websockets", "aiohttp"):
        for order in (0, 1):
            token = place.lab.mint()
            protocols = ["chat", f"stream-token.{token}"]
            if order:
                protocols.reverse()
            spoofed = [("X-User", "admin"), ("X-Original-URI", f"/?token={place.lab.mint()}")]
            selected, received = asyncio.run(converse(place.ports[backend], token, protocols, spoofed))
            expect(selected, "chat", f"{backend}: the subprotocol")
            received.check_without(token)
            received.check_claims(token_id_of=token)
            expect(received.values("sec-websocket-protocol"), ["chat"], f"{backend}: the offered subprotocols")
            try:
                asyncio.run(converse(place.ports[backend], token, protocols))
            except InvalidStatus as error:
                expect(error.response.status_code, 401, f"{backend}: a second WebSocket")
            else:
                raise Difference(f"{backend}: a token opened two WebSockets")


def check_simultaneous(place):
    """Of fifty openings with one token at once, one gets the stream."""
    token = place.lab.mint()
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(place.ask(f"/streams/chat?token={token}").status))
        for _ in range(50)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    expect(sorted(statuses), [200] + [401] * 49, "fifty openings at once")


def check_policy(place):
    """What a token's policy refuses leaves it live; what it says reaches the server, whatever the client sends."""
    lab = place.lab
    # Their text has 6 KB, as it is sent.
    variables = {"model": "größer" * 400}
    policy = {
        "workflows": ["chat"], "origins": [PAGE[1]], "user": "u-17", "variables": variables, "max_seconds": 90,
    }
    token = lab.mint(policy)
    target = f"/streams/chat?token={token}"
    other = f"/streams/other?token={token}"
    spoofed = [("X-Workflow", "chat"), ("X-Original-URI", target), ("X-Forwarded-Uri", target)]
    for what, asked, headers, code in (
        ("another origin", target, [("Origin", "https://evil.example")], "origin_not_allowed"),
        ("no origin", target, [], "origin_not_allowed"),
        ("another workflow", other, [PAGE], "workflow_not_allowed"),
        ("another workflow, spoofed", other, [PAGE, *spoofed], "workflow_not_allowed"),
    ):
        response = place.ask(asked, headers=headers)
        expect((response.status, response.code), (403, code), what)
        expect(lab.state(token), "live", f"the token after {what}")
    written = lab.mint(policy)
    response = place.ask(f"/streams/c%68at?token={written}", headers=[PAGE])
    # Traefik decodes it, for the function and the server alike.
    if response.status == 200:
        expect(response.received.target.partition("?")[0], "/streams/chat", "a workflow that the proxy has decoded")
    else:
        expect((response.status, response.code), (403, "workflow_not_allowed"), "a workflow that is written otherwise")
        expect(lab.state(written), "live", "the token of a workflow that is written otherwise")
    response = place.ask(target, headers=[PAGE, ("X-User", "admin"), ("X-Max-Seconds", "86400"), ("X-Variables", "e30")])
    expect(response.status, 200, "a token with a policy")
    received = response.received
    encoded = received.values("x-variables")[0]
    expect(json.loads(base64.urlsafe_b64decode(encoded + "==")), variables, "the locked variables")
    received.check_claims(token_id_of=token, **{"x-user": "u-17", "x-max-seconds": "90", "x-variables": encoded})
    own = lab.mint({"origins": [f"http://127.0.0.1:{place.ports['FastAPI']}"]})
    same = [("Sec-Fetch-Site", "same-origin"), ("Host", f"127.0.0.1:{place.ports['FastAPI']}")]
    expect(place.ask(f"/streams/chat?token={own}", headers=same).status, 200, "a page of the proxy's own origin")


EVERYWHERE = [
    check_once, check_post, check_two_tokens, check_wrong_places, check_spoofed, check_methods, check_long_uri,
    check_credits, check_raw, check_policy, check_websocket, check_simultaneous,
]


def check_backend_down(lab, example):
    """A server that is down costs the token: the function has said yes before the proxy can know."""
    _, admit = lab.start_admit(example.settings)
    port = example.start(lab, 1, admit)
    token = lab.mint()
    status = Response(port, f"/streams/chat?token={token}").status
    if status not in (502, 503, 504):
        raise Difference(f"a server that is down: {status}")
    expect(lab.state(token), "used", "the token of a server that is down")


def check_store_away(lab, example):
    """Without Redis the page of another origin reads a 503."""
    _, admit = lab.start_admit({**example.settings, "REDIS_URL": f"unix://{lab.folder}/nobody.sock"})
    port = example.start(lab, lab.start_backend("aiohttp"), admit)
    token = lab.mint()
    response = Response(port, f"/streams/chat?token={token}", headers=[PAGE])
    refused(response, 503, "store_unavailable", "Redis is away")
    expect(response.headers.get_all("retry-after"), ["1"], "Redis is away: retry-after")
    expect(lab.state(token), "live", "the token while Redis is away")


def check_killed(lab, example):
    """The function is killed while the proxy asks: every response is a refusal that a page of another origin can read, or
    the stream; and once it is back, tokens open streams."""
    started, admit = lab.start_admit(example.settings)
    port = example.start(lab, lab.start_backend("aiohttp"), admit)
    expect(Response(port, f"/streams/chat?token={lab.mint()}").status, 200, "before the kill")
    started.kill()
    started.wait()
    response = Response(port, f"/streams/chat?token={lab.mint()}", headers=[PAGE])
    if response.status not in (500, 502, 503, 504, 403):
        raise Difference(f"after the kill: {response.status}")
    if example.name != "Traefik":
        expect(response.headers.get_all("access-control-allow-origin"), ["*"], "after the kill: who may read it")


APART = [check_backend_down, check_store_away, check_killed]
__all__ = ["APART", "EVERYWHERE", "FORWARDED", "Place"]
