"""Redis, the functions, servers of other projects, and a proxy with its example from functions/deploy/proxies."""

import contextlib
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "functions", "deploy", "proxies")
BACKENDS = os.path.join(ROOT, "Tests", "Proxies", "backends")
sys.path += [os.path.join(ROOT, "Tests", each) for each in ("Browser", "Upstreams")]
from processes import process, read, redis, wait_for  # noqa: E402
from servers import listens, ports  # noqa: E402

SECRET = "the-secret-of-this-test"
# Longer than anything here takes, except what hangs.
PATIENCE = 20
CLAIMS = ("x-organization", "x-user", "x-token-id", "x-variables", "x-max-seconds")
FORWARDED = {"ADMIT_URI_HEADER": "X-Forwarded-Uri", "ADMIT_METHOD_HEADER": "X-Forwarded-Method"}


class Difference(Exception):
    """Something is not as it has to be."""


def expect(got, wanted, what):
    if got != wanted:
        raise Difference(f"{what}: expected {wanted!r}, got {got!r}")


def listening_port():
    """A port of all addresses that nothing uses, outside the range from which clients' ports come."""
    while True:
        port = random.randrange(20_000, 30_000)
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("0.0.0.0", port))
            return port


class Example:
    """A proxy: its command, its example, and the settings that the example says the function needs."""

    def __init__(self, name, files, command, settings, asks_twice=False):
        self.name, self.files, self.command, self.settings = name, files, command, settings
        # Whether it names its requests, so that it may ask twice about one.
        self.asks_twice = asks_twice

    def start(self, lab, backend, admit, *, change=lambda text: text):
        """Starts it from a copy of the example with other addresses; returns its port."""
        port = listening_port()
        folder = os.path.join(lab.folder, f"{self.name}-{port}")
        os.makedirs(folder)
        for file in self.files:
            source, target = os.path.join(EXAMPLES, file), os.path.join(folder, os.path.basename(file))
            if os.path.isdir(source):
                shutil.copytree(source, target)
                continue
            text = read(source)
            for old, new in (
                ("127.0.0.1:9000", f"127.0.0.1:{backend}"), ("127.0.0.1:8082", f"127.0.0.1:{admit}"),
                ("port_value: 9000", f"port_value: {backend}"), ("port_value: 8082", f"port_value: {admit}"),
                ("port_value: 8080", f"port_value: {port}"), ("X-Admit-Secret ADMIT_SECRET", f"X-Admit-Secret {SECRET}"),
                ("value: ADMIT_SECRET", f"value: {SECRET}"), (":8080", f":{port}"), ("listen 8080", f"listen {port}"),
            ):
                text = text.replace(old, new)
            with open(target, "w") as copy:
                copy.write(change(text))
        lab.start(self.command(lab, folder, port), f"{self.name}-{port}", port, cwd=folder, ADMIT_SECRET=SECRET,
                  HOME=folder, XDG_CONFIG_HOME=folder, XDG_DATA_HOME=folder)
        # Traefik listens before it knows its routes.
        wait_for(lambda: Response(port, "/").status != 404, f"the routes of {self.name}", seconds=30)
        return port


def nginx(lab, folder, port):
    parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{each}_temp_path {folder}/{each};" for each in parts)
    # What nginx needs to run beside another one.
    path = os.path.join(folder, "nginx.conf")
    text = read(path).replace("http {", "http {\n    " + temporary, 1).replace("/dev/stdout", f"{folder}/access.log")
    with open(path, "w") as file:
        file.write(f"daemon off; worker_processes 2; pid {folder}/pid; error_log stderr;\n{text}")
    return ["/usr/sbin/nginx", "-p", folder, "-c", path]


def tool(name):
    return lambda lab: os.path.join(lab.tools, "bin", name)


EXAMPLE_LIST = [
    Example("nginx", ["nginx.conf"], nginx, {"ADMIT_REFUSE_AS": "nginx"}, asks_twice=True),
    Example(
        "Caddy", ["Caddyfile"],
        lambda lab, folder, port: ["caddy", "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"],
        FORWARDED, asks_twice=True,
    ),
    Example(
        "HAProxy", ["haproxy.cfg", "haproxy.lua"],
        lambda lab, folder, port: ["/usr/sbin/haproxy", "-f", f"{folder}/haproxy.cfg"], {},
    ),
    Example(
        "Traefik", ["traefik/traefik.yml", "traefik/dynamic.yml", "traefik/plugins-local"],
        lambda lab, folder, port: [tool("traefik")(lab), "--configFile=traefik.yml"],
        {**FORWARDED, "ADMIT_HOST_HEADER": "X-Forwarded-Host"},
    ),
    Example(
        "Envoy", ["envoy.yaml"],
        lambda lab, folder, port: [tool("envoy")(lab), "-c", "envoy.yaml", "--concurrency", "2", "-l", "warning",
                                   "--base-id", str(port), "--disable-hot-restart"],
        {"ADMIT_STATUS": "200"}, asks_twice=True,
    ),
]


class Lab:
    """All processes end with the stack."""

    def __init__(self, binaries, tools, folder, stack):
        self.binaries, self.tools, self.folder, self.stack = binaries, tools, folder, stack
        self.redis, self.redis_url = stack.enter_context(redis(folder))
        self.settings = {
            "REDIS_URL": self.redis_url, "HOST": "127.0.0.1", "LOOPS": "1", "LOG_LEVEL": "warning", "AUDIT_LOG": "off",
        }
        self.key = self.make_key("acme")
        self.token_port = ports(1)[0]
        self.start([f"{binaries}/token"], "token", self.token_port, PORT=str(self.token_port), **self.settings)
        self.backends = {
            "FastAPI": lambda port: [
                f"{tools}/bin/uvicorn", "fastapi_backend:app", "--port", str(port), "--log-level", "warning"],
            "aiohttp": lambda port: [f"{tools}/bin/python", "-B", "aiohttp_backend.py", str(port)],
            "websockets": lambda port: [f"{tools}/bin/python", "-B", "websockets_backend.py", str(port)],
        }

    def start(self, command, name, port, cwd=None, **environment):
        environment = {"PYTHONDONTWRITEBYTECODE": "1", **environment}
        with contextlib.chdir(cwd or os.getcwd()):
            started, output, log = self.stack.enter_context(process(command, self.folder, name, **environment))
        wait_for(lambda: listens(port) or started.poll() is not None, name, seconds=180)
        if started.poll() is not None:
            raise SystemExit(f"{name} ended with {started.returncode}: {read(log)}{read(output)}")
        return started

    def start_backend(self, name):
        port = ports(1)[0]
        self.start(self.backends[name](port), f"backend-{name}-{port}", port, cwd=BACKENDS)
        return port

    def start_admit(self, settings=None):
        """Starts an admit function; returns its process and its port."""
        port = ports(1)[0]
        settings = {**self.settings, "ADMIT_SECRET": SECRET, **(settings or {}), "PORT": str(port)}
        return self.start([f"{self.binaries}/admit"], f"admit-{port}", port, **settings), port

    def administer(self, *arguments, text=""):
        command = [f"{self.binaries}/local-runtime", *arguments, "--redis", self.redis_url]
        done = subprocess.run(command, input=text, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def make_key(self, organization):
        return self.administer("keys", "create", "--org", organization, "--limit", "1000000")

    def mint(self, policy=None, key=None, ttl=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.token_port, timeout=PATIENCE)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {key or self.key}"}
            if policy is None:
                connection.request("GET", f"/api/v1/token?ttl={ttl}", headers=headers)
            else:
                connection.request("POST", "/api/v1/token", json.dumps({"ttl": ttl, **policy}), headers)
            return json.load(connection.getresponse())["token"]

    def state(self, token):
        """One of the words live, reserved, used, revoked and unknown."""
        return json.loads(self.administer("tokens", "show", "-", "--json", text=token))["state"]

    def print_logs(self):
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log") and (log := read(os.path.join(self.folder, name))):
                print(f"--- {name}\n{log[-1500:]}", file=sys.stderr)


class Response:
    """A response, and what a server of events or of WebSockets says that it has received."""

    def __init__(self, port, target, method="GET", headers=(), body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.putrequest(
                method, target, skip_host=any(name == "Host" for name, _ in headers), skip_accept_encoding=True
            )
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            self.status, self.headers = response.status, response.headers
            self.text = response.read().decode(errors="replace")

    @property
    def code(self):
        try:
            return json.loads(self.text).get("code")
        except ValueError:
            return None

    @property
    def received(self):
        """What the server behind the proxy received: its target, and its headers in lower case."""
        data = next(line[6:] for line in self.text.splitlines() if line.startswith("data: {"))
        return Received(json.loads(data))


class Received:
    def __init__(self, message):
        self.target = message["target"].split("://", 1)[-1]
        self.target = self.target[self.target.index("/"):]
        self.fields = [(name.lower(), value) for name, value in message["headers"]]

    def values(self, name):
        return [value for each, value in self.fields if each == name]

    def check_claims(self, token_id_of, organization="acme", **claims):
        """Each claim of the function is there once, or is not there or empty if it has no value."""
        for name in CLAIMS:
            got = [each for each in self.values(name) if each]
            wanted = {"x-organization": organization, **claims}.get(name)
            if name == "x-token-id":
                expect(len(got), 1 if token_id_of else 0, "fields x-token-id")
            else:
                expect(got, [wanted] if wanted else [], f"fields {name}")

    def check_without(self, token):
        if token in json.dumps([self.target, self.fields]):
            raise Difference(f"the token has gone on to the server: {self.target} {self.fields}")
