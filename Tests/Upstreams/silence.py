"""A workflow that is silent for longer than a proxy waits: with STREAM_OPENS=at_once its stream arrives."""

import contextlib
import http.client
import http.server
import json
import os
import sys
import threading
import time

from servers import HERE, compressing_node, nginx, ports
from streams import Difference, StreamResponse, Way, blocks

sys.path.append(os.path.join(os.path.dirname(HERE), "Browser"))
from processes import http_server  # noqa: E402

# What the client has before the workflow begins.
OPENING = {"retry": "1000"}


class Silence:
    """How long the workflow is silent and nginx waits, in seconds."""

    def __init__(self, is_long):
        self.seconds, self.timeout = (90, 60) if is_long else (9, 6)
        # An nginx as it comes waits for 60 s.
        self.nginx_lines = [] if is_long else [f"proxy_read_timeout {self.timeout}s;"]
        self.settings = {
            "WORKFLOW_FIRST_BYTE_SECONDS": str(self.seconds + 30),
            **({} if is_long else {"HEARTBEAT_SECONDS": "2"}),
        }


def workflows(seconds):
    """A server with workflows that are silent for so long: `late` then has an event, `fails` responds with 500. `quick`
    has that event at once."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            name = self.path.rpartition("/")[2]
            if name != "quick":
                time.sleep(seconds)
            content = b"data: late\n\n"
            with contextlib.suppress(OSError):
                self.send_response(500 if name == "fails" else 200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_):
            pass

    return http_server(Handler)


class SilenceLab:
    """A function that opens streams at once and one that does not, behind nginx and a proxy that compresses."""

    def __init__(self, lab, silence):
        self.lab, self.silence = lab, silence
        url = f"http://127.0.0.1:{lab.stack.enter_context(workflows(silence.seconds))}"
        names = ("at_once", "at_first_byte")
        functions = dict(zip(names, ports(len(names))))
        for name, port in functions.items():
            settings = {"PORT": str(port), "WORKFLOW_URL": url, "STREAM_OPENS": name, **silence.settings}
            lab.start([f"{lab.binaries}/stream"], f"stream-{name}", port, **settings, **lab.settings)
        nginx_port, node = ports(2)
        lab.start(nginx(lab.folder, nginx_port, functions, *silence.nginx_lines), "nginx-silence", nginx_port)
        lab.start(compressing_node(node, functions), "node-silence", node)
        waits = f"that waits for {silence.timeout} s"
        self.nginx = Way(f"through nginx {waits}", lambda _: nginx_port)
        self.ways = [
            self.nginx, Way(f"through nginx {waits}, from HTTP/1.0", lambda _: nginx_port, version=10),
            Way("through Node, compressing", lambda _: node),
        ]

    def respond(self, way, workflow, token, name="at_once"):
        patience = self.silence.seconds + 30
        return StreamResponse(way, name, workflow, token, {}, "text/event-stream", patience)

    def check_late(self, way):
        """The response begins before the workflow does, and the stream arrives."""
        start = time.monotonic()
        response = self.respond(way, "late", self.lab.mint(300))
        content = response.read()
        waited = time.monotonic() - start
        if waited > self.silence.timeout / 2 or blocks(content.decode())[:1] != [OPENING]:
            raise Difference(f"after {waited:.1f} s came {content}")
        while more := response.read():
            content += more
        got = blocks(content.decode())
        if got != [OPENING, {"data": "late"}, {"event": "done", "id": "0;end", "data": "{}"}]:
            raise Difference(f"the stream is {got}")

    def check_failing(self, way):
        """The token is live, and its credit back, when the client reads that the workflow failed."""
        token = self.lab.mint(300)
        response = self.respond(way, "fails", token)
        content = b""
        while b"event: error" not in content or not content.endswith(b"\n\n"):
            if not (more := response.read()):
                raise Difference(f"the stream ended without an error: {content}")
            content += more
        # At once: only a token that was given back before opens this one.
        again = self.respond(way, "quick", token)
        data = json.loads(blocks(content.decode())[-1]["data"])
        if (data["code"], data["status"]) != ("workflow_unavailable", 502):
            raise Difference(f"the stream ends with {data}")
        while again.read():
            pass

    def check_control(self, way):
        """Without it, nginx gives up: the check would notice."""
        try:
            self.respond(way, "late", self.lab.mint(300), name="at_first_byte")
        except Difference as error:
            if str(error).startswith("504 "):
                return
            raise
        raise Difference("nginx waited for the workflow")


def check_silence(lab, is_long):
    """Checks all at once; returns what is wrong with them, a line each."""
    silence = Silence(is_long)
    place = SilenceLab(lab, silence)
    checks = [(each, way) for way in place.ways for each in (place.check_late, place.check_failing)]
    checks.append((place.check_control, place.nginx))
    wrong = []

    def run(check, way):
        try:
            check(way)
        except (Difference, OSError, http.client.HTTPException) as error:
            text = error if isinstance(error, Difference) else repr(error)
            wrong.append(f"{silence.seconds} s of silence {way.title}: {check.__name__}: {text}")

    threads = [threading.Thread(target=run, args=each) for each in checks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    print(f"{silence.seconds} s of silence: {len(checks) - len(wrong)} of {len(checks)} streams", flush=True)
    return wrong
