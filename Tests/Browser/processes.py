"""The servers for the browser: the local runtime, a Redis, and pages of another origin. Each ends with its block."""

import contextlib
import ctypes
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


# Loaded before a fork, because loading is not safe after it.
LIBC = ctypes.CDLL(None)


def die_with_parent():
    """Runs between fork and exec: the child will get SIGTERM when its parent ends (prctl(2), PR_SET_PDEATHSIG)."""
    LIBC.prctl(1, signal.SIGTERM)


@contextlib.contextmanager
def process(command, folder, name, **environment):
    """A process whose output and log are files in the folder. It ends with the block."""
    paths = [os.path.join(folder, f"{name}.{each}") for each in ("out", "log")]
    with open(paths[0], "wb") as output, open(paths[1], "wb") as log:
        started = subprocess.Popen(
            command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=output, stderr=log,
            preexec_fn=die_with_parent,
        )
    try:
        yield started, *paths
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def wait_for(condition, what, seconds=15):
    """Waits until the condition has a true value, and returns it."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
    return value


def read(path):
    with open(path, errors="replace") as file:
        return file.read()


class Serve:
    """`local-runtime serve`, and a back end that mints with a key, by default that of the demo organization."""

    def __init__(self, output, log, key=None):
        self.log = log
        greeting = wait_for(
            lambda: found if (found := read(output)).endswith("\n") else read_failure(log), "local-runtime serve"
        )
        self.url = re.search(r"http://[^ /,]+", greeting)[0]
        self.key = key or re.search(r"\bsk_\w+", greeting)[0]

    def mint(self, ttl=60, policy=None):
        request = urllib.request.Request(
            f"{self.url}/api/v1/token" + ("" if policy else f"?ttl={ttl}"),
            headers={"Authorization": f"Bearer {self.key}"}, data=json.dumps(policy).encode() if policy else None,
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)["token"]

    def stream(self, token, workflow="count", **variables):
        """The URL that opens a stream, for EventSource with variables."""
        return f"{self.url}/api/v1/run/{workflow}/stream?" + urllib.parse.urlencode({"token": token, **variables})

    def requests(self, end="/stream"):
        """Method and status of every finished request whose path ends so, in order."""
        lines = [json.loads(line) for line in read(self.log).splitlines() if line.endswith("}")]
        return [(line["method"], line["status"]) for line in lines if line.get("path", "").endswith(end)]


def read_failure(log):
    """None; an error if the process has ended."""
    if (said := read(log)).startswith("local-runtime:"):
        raise RuntimeError(said.strip())


@contextlib.contextmanager
def serve(binary, folder, name, *arguments, key=None, **environment):
    command = [binary, "serve", "--port", "0", *arguments]
    with process(command, folder, name, LOG_LEVEL="info", **environment) as (_, output, log):
        yield Serve(output, log, key)


@contextlib.contextmanager
def redis(folder):
    """Starts a Redis: its process and its URL."""
    path = os.path.join(folder, "redis.sock")
    command = ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder]
    with process(command, folder, "redis") as (started, *_):
        wait_for(lambda: os.path.exists(path), "redis-server")
        yield started, f"unix://{path}"


class WorkflowHandler(http.server.BaseHTTPRequestHandler):
    """Workflows of server-sent events that ask for reconnects after 300 ms: `ends`, `breaks` in the middle, `fails`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.rpartition("/")[2]
        self.send_response(500 if name == "fails" else 200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        content = b"retry: 300\n\ndata: hello\n\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        if name != "breaks":
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = name == "breaks"

    def log_message(self, *_):
        pass


class PageHandler(http.server.BaseHTTPRequestHandler):
    """Serves one page at every path."""

    def do_GET(self):
        body = read(os.path.join(HERE, "other.html")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def another_origin():
    """The port of a server with other.html: one origin as 127.0.0.1, and another one as localhost."""
    return http_server(PageHandler)


def workflow_server():
    """The port of a server of workflows."""
    return http_server(WorkflowHandler)


@contextlib.contextmanager
def http_server(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
