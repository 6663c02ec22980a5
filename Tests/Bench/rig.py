"""The servers to measure, the Redis behind them, and the table of results."""

import concurrent.futures
import http.client
import json
import os
import re
import shlex
import statistics
import subprocess
import time

from .processes import cpu_seconds, free_port, run, running, say, server

HERE = os.path.dirname(os.path.abspath(__file__))
FUNCTIONS = f"{HERE}/../../.build/functions"
TOKEN = os.path.abspath(f"{FUNCTIONS}/token")
STREAM = os.path.abspath(f"{FUNCTIONS}/stream")
LOCAL = os.path.abspath(f"{FUNCTIONS}/local-runtime")
NGINX = "/usr/sbin/nginx"
CONNECTIONS = 64

# Redis does this itself: a process for each of a million tokens would take too long.
DROP_TOKENS = """
local cursor = '0'
repeat
    local found = redis.call('SCAN', cursor, 'MATCH', 'st:*:tok:*', 'COUNT', 10000)
    cursor = found[1]
    for _, name in ipairs(found[2]) do redis.call('UNLINK', name) end
until cursor == '0'
"""


class Rig:
    """Servers on free ports, and the state of Redis that they need."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.redis_port = free_port()
        self.rows = []
        # The token function of an earlier commit, if it should be compared with.
        self.before = None
        for source in ["noop", "cold", "workflow", "streams"]:
            run("cc", "-O2", "-o", f"{folder}/{source}", f"{HERE}/{source}.c")

    # Servers

    def redis_server(self):
        command = ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "",
                   "--appendonly", "no", "--dir", self.folder]
        return server(command, {}, self.redis_port)

    def token(self, **environment):
        return self.function(TOKEN, environment)

    def stream(self, **environment):
        return self.function(STREAM, environment)

    def function(self, binary, environment):
        port = free_port()
        settings = {
            "PORT": str(port), "HOST": "127.0.0.1", "REDIS_URL": self.redis_url, "LOG_LEVEL": "error",
            "AUDIT_LOG": "off",
        }
        return server([binary], {**settings, **environment}, port), port

    def noop(self):
        port = free_port()
        return server([f"{self.folder}/noop", str(port)], {}, port), port

    def workflow(self):
        port = free_port()
        return server([f"{self.folder}/workflow", str(port)], {}, port), port

    def nginx(self, workflow):
        """nginx before the workflow at that port: one process, which passes each event on at once."""
        port = free_port()
        parts = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        temporary = " ".join(f"{each}_temp_path {self.folder}/nginx-{each};" for each in parts)
        path = f"{self.folder}/nginx.conf"
        with open(path, "w") as file:
            file.write(f"""
                daemon off; master_process off; pid {self.folder}/nginx.pid; error_log stderr crit;
                worker_rlimit_nofile 65536;
                events {{ worker_connections 16384; }}
                http {{
                    access_log off; {temporary}
                    upstream workflow {{ server 127.0.0.1:{workflow}; keepalive 2000; }}
                    server {{
                        listen 127.0.0.1:{port} backlog=4096;
                        location / {{
                            proxy_pass http://workflow; proxy_http_version 1.1; proxy_set_header Connection "";
                            proxy_buffering off; proxy_read_timeout 300s;
                        }}
                    }}
                }}
                """)
        return server([NGINX, "-c", path], {}, port), port

    def peer(self):
        port = free_port()
        environment = {"PORT": str(port), "REDIS_PORT": str(self.redis_port), "COMMAND": json.dumps(self.command)}
        return server(["node", f"{HERE}/peer.js"], environment, port), port

    # Redis

    @property
    def redis_url(self):
        return f"redis://127.0.0.1:{self.redis_port}"

    def redis(self, *command):
        return run("redis-cli", "-p", str(self.redis_port), *command).strip()

    def keys(self, count):
        """The path of a file with a key of each of `count` organizations, which are made at the first call."""
        path = f"{self.folder}/keys-{count}"
        if not os.path.exists(path):
            make_keys(path, count, self.redis_url)
        return path

    def drop_tokens(self):
        """Removes all tokens, however many organizations there are."""
        self.redis("eval", DROP_TOKENS, "0")

    def create_keys(self):
        """Makes a key, and records the command of a mint as the function sends it."""
        self.key = run(
            LOCAL, "keys", "create", "--org", "bench", "--limit", "1000000", "--window", "1",
            "--redis", self.redis_url,
        ).strip()
        tag = self.key.removeprefix("sk_")[:6]
        self.redis("hset", f"st:{{{tag}}}:org", "max_streams", "2000")
        monitor = ["redis-cli", "-p", str(self.redis_port), "monitor"]
        with running(monitor, stdout=subprocess.PIPE, text=True) as monitor:
            monitor.stdout.readline()
            # The first mint sends the script's text; later ones send its digest.
            self.mint(3, ttl=60)
            # A mark for the loop below, which ends there at the latest.
            self.redis("echo", "the last one")
            for line in monitor.stdout:
                if '"EVALSHA"' in line and ":tok:" in line:
                    break
                if "the last one" in line:
                    raise SystemExit("MONITOR showed no EVALSHA of a mint")
        words = shlex.split(line[line.index('"EVALSHA"'):])
        # The function has ended, but its script stays loaded.
        self.command = [re.sub(r"(:tok:).*", r"\1TOKEN", word) for word in words]

    def mint(self, count, ttl=300):
        """Mints stream tokens."""
        tokens = []
        serving, port = self.token(LOOPS="1")
        with serving:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            for _ in range(count):
                client.request("GET", f"/api/v1/token?ttl={ttl}", headers={"Authorization": f"Bearer {self.key}"})
                response = client.getresponse()
                body = response.read()
                if response.status != 200:
                    raise SystemExit(f"the token function responds with {response.status}: {body.decode()}")
                tokens.append(json.loads(body)["token"])
            client.close()
        return tokens

    def forget_tokens(self):
        """Removes all tokens, and keeps the organization and its key."""
        keep = [key for key in self.redis("--scan", "--pattern", "st:*").split() if ":tok:" not in key]
        saved = {key: run("redis-cli", "-p", str(self.redis_port), "--raw", "hgetall", key).splitlines()
                 for key in keep if self.redis("type", key) == "hash"}
        self.redis("flushdb")
        for key, fields in saved.items():
            self.redis("hset", key, *fields)

    # Load

    def wrk(self, port, pid, seconds, ttl=60):
        """Requests per second, and the server's CPU time for each, in microseconds."""
        load = ["wrk", "-t1", f"-c{CONNECTIONS}", "-H", f"Authorization: Bearer {self.key}",
                f"http://127.0.0.1:{port}/api/v1/token?ttl={ttl}"]
        run(*load[:3], "-d1s", *load[3:])
        before, began = cpu_seconds(pid), time.monotonic()
        output = run(*load[:3], f"-d{seconds}s", *load[3:])
        after, took = cpu_seconds(pid), time.monotonic() - began
        if "Non-2xx" in output or "Socket errors" in output:
            raise SystemExit(f"wrk reported errors:\n{output}")
        count = int(re.search(r"(\d+) requests in", output)[1])
        return count / took, (after - before) / count * 1e6

    def loaded(self, make, **environment):
        serving, port = make(**environment)
        with serving as pid:
            return self.wrk(port, pid, self.options.seconds)

    def rounds(self, *measures):
        """Runs each in turn, round after round, and returns a list of results for each."""
        results = [[] for _ in measures]
        for number in range(self.options.rounds):
            say(f"  round {number + 1} of {self.options.rounds}")
            for result, measure in zip(results, measures):
                result.append(measure())
        return results

    # The table

    def row(self, what, figure, bound=None, holds=True):
        """Adds a line to the table; one without a bound is only information."""
        self.rows.append((what, figure, bound, holds))
        say(f"  {what}: {figure} ({f'bound {bound}' if bound else 'no bound'})")

    def ratio(self, what, ours, theirs, *, most=None, least=None, format="{:,.0f}"):
        """Adds a line with the ratio of two medians, and its bound."""
        ours, theirs = statistics.median(ours), statistics.median(theirs)
        ratio = ours / theirs
        figure = f"{ratio:.2f} × ({format.format(ours)} ÷ {format.format(theirs)})"
        if most is not None:
            self.row(what, figure, f"≤ {most:g} ×", ratio <= most)
        elif least is not None:
            self.row(what, figure, f"≥ {least:g} ×", ratio >= least)
        else:
            self.row(what, figure)


def make_keys(path, count, redis_url):
    """Makes organizations, and writes a file with a key of each, one a line."""
    say(f"  making {count:,} organizations")

    def create(number):
        return run(LOCAL, "keys", "create", "--org", f"bench {number}", "--limit", "1000000", "--window", "1",
                   "--redis", redis_url).strip()

    with concurrent.futures.ThreadPoolExecutor(4) as pool, open(path, "w") as file:
        file.writelines(f"{key}\n" for key in pool.map(create, range(count)))
