"""Streams from workflow servers of other projects, through proxies of other projects.

usage: upstreams_test.py BINARIES TOOLS [--long]

BINARIES is the folder of the functions, TOOLS the virtual environment with the servers. A workflow is silent for 9 s
behind an nginx that waits for 6 s; with --long for 90 s behind one that waits for 60 s. Prints a line for each server
and way on standard output, and a sum. Exit code 4: a stream was wrong.
"""

import concurrent.futures
import contextlib
import http.client
import itertools
import json
import os
import subprocess
import sys
import tempfile

from servers import WORKFLOWS, HERE, compressing_node, haproxy, listens, nginx, ports, workflow_commands
from silence import check_silence
from streams import PATIENCE, Difference, Stream, Way, check_killed

sys.path.append(os.path.join(os.path.dirname(HERE), "Browser"))
from processes import process, read, redis, wait_for  # noqa: E402


class Lab:
    """Redis, functions, workflows and proxies. All end with the stack."""

    def __init__(self, binaries, tools, stack):
        self.binaries, self.stack = binaries, stack
        self.folder = stack.enter_context(tempfile.TemporaryDirectory())
        _, redis_url = stack.enter_context(redis(self.folder))
        self.settings = {
            "REDIS_URL": redis_url, "HOST": "127.0.0.1", "LOOPS": "1", "LOG_LEVEL": "warning", "AUDIT_LOG": "off",
        }
        self.key = self.make_key(redis_url)
        commands = workflow_commands(tools, self.build_go(tools))
        self.names = list(commands)
        self.workflows = dict(zip(commands, ports(len(commands))))
        self.functions = dict(zip(commands, ports(len(commands))))
        self.token_port, nginx_10, nginx_11, haproxy_port, node = ports(5)
        self.start([f"{binaries}/token"], "token", self.token_port, PORT=str(self.token_port), **self.settings)
        for name, command in commands.items():
            port = self.workflows[name]
            self.start(command(port), f"workflow-{name}", port, cwd=WORKFLOWS)
        self.processes = {name: self.start_function(name) for name in commands}
        compressing = [
            "proxy_http_version 1.1;", 'proxy_set_header Connection "";', "gzip on;", "gzip_proxied any;",
            "gzip_min_length 0;", "gzip_types text/plain text/event-stream;",
        ]
        self.start(nginx(self.folder, nginx_10, self.functions), "nginx-1.0", nginx_10)
        self.start(nginx(self.folder, nginx_11, self.functions, *compressing), "nginx-1.1", nginx_11)
        self.start(haproxy(self.folder, haproxy_port, self.functions), "haproxy", haproxy_port)
        self.start(compressing_node(node, self.functions), "node", node)
        self.ways = [
            Way("without a proxy", self.functions.get, prefix=""),
            Way("over HTTP/1.0 without a proxy", self.functions.get, prefix="", version=10),
            Way("through nginx with default settings, over HTTP/1.0", lambda _: nginx_10),
            Way("through nginx over HTTP/1.1, compressing", lambda _: nginx_11),
            Way("through HAProxy, compressing", lambda _: haproxy_port),
            Way("through Node, compressing", lambda _: node),
        ]

    def start(self, command, name, port, cwd=None, **environment):
        environment = {"NODE_PATH": "/usr/share/nodejs", "PYTHONDONTWRITEBYTECODE": "1", **environment}
        with contextlib.chdir(cwd or os.getcwd()):
            started, _, log = self.stack.enter_context(process(command, self.folder, name, **environment))
        wait_for(lambda: listens(port) or started.poll() is not None, name)
        if started.poll() is not None:
            raise SystemExit(f"{name} does not run: {read(log)}")
        return started

    def start_function(self, name):
        url = f"http://127.0.0.1:{self.workflows[name]}/workflows"
        port = self.functions[name]
        settings = {"PORT": str(port), "WORKFLOW_URL": url, **self.settings}
        return self.start([f"{self.binaries}/stream"], f"stream-{name}", port, **settings)

    def kill_function(self, name):
        self.processes[name].kill()
        self.processes[name].wait()

    def build_go(self, tools):
        built = os.path.join(self.folder, "workflow")
        environment = {**os.environ, "GOCACHE": os.path.join(tools, "go-cache"), "GO111MODULE": "off"}
        source = os.path.join(WORKFLOWS, "workflow.go")
        subprocess.run(["go", "build", "-o", built, source], check=True, env=environment)
        return built

    def make_key(self, redis_url):
        command = [f"{self.binaries}/local-runtime", "keys", "create", "--org", "acme", "--limit", "1000000"]
        made = subprocess.run([*command, "--redis", redis_url], check=True, capture_output=True, text=True)
        return made.stdout.strip()

    def mint(self, ttl=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.token_port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", f"/api/v1/token?ttl={ttl}", headers={"Authorization": f"Bearer {self.key}"})
            return json.load(connection.getresponse())["token"]

    def print_logs(self):
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log") and (log := read(os.path.join(self.folder, name))):
                print(f"--- {name}\n{log[-2000:]}", file=sys.stderr)


def differences(title, check, *arguments):
    """A line about what is wrong with a stream, if anything is."""
    try:
        check(*arguments)
    except (Difference, OSError, http.client.HTTPException) as error:
        return [f"{title}: {error if isinstance(error, Difference) else repr(error)}"]
    return []


def check_all(lab, way, name):
    """Checks all kinds of streams of one server by one way; returns their number, and what is wrong with them."""
    streams = [Stream(*each) for each in itertools.product((True, False), repeat=3)]
    wrong = [
        line for each in streams for line in differences(f"{name} {way.title}: {each}", each.check, way, name, lab.mint())
    ]
    return len(streams), wrong


def check_killing(lab, way, name):
    """Kills a function during a stream, and starts it again."""
    title = f"{name} {way.title}: text of a function that was killed"
    wrong = differences(title, check_killed, way, name, lab.mint(), lambda: lab.kill_function(name))
    lab.kill_function(name)
    lab.processes[name] = lab.start_function(name)
    return wrong


def check_ways(lab):
    wrong = []
    count = 0
    # Each server has a function of its own, so they do not wait for each other.
    with concurrent.futures.ThreadPoolExecutor(len(lab.names)) as threads:
        for way in lab.ways:
            for name, (checked, lines) in zip(lab.names, threads.map(lambda name: check_all(lab, way, name), lab.names)):
                count += checked
                wrong += lines
                print(f"{name} {way.title}: {checked - len(lines)} of {checked} streams", flush=True)
    for way in lab.ways:
        wrong += check_killing(lab, way, lab.names[-1])
    print(f"{count} streams of {len(lab.names)} servers by {len(lab.ways)} ways, {len(wrong)} faults")
    return wrong


with contextlib.ExitStack() as stack:
    lab = Lab(*map(os.path.abspath, sys.argv[1:3]), stack)
    wrong = check_silence(lab, "--long" in sys.argv[3:]) + check_ways(lab)
    for each in wrong:
        print(f"error: {each}", file=sys.stderr)
    if wrong:
        lab.print_logs()
        sys.exit(4)
