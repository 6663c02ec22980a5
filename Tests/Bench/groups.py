"""Measures mints in groups: of one organization and of many, over one connection and over many."""

import os
import re

from .processes import cpu_seconds, run, say
from .rig import CONNECTIONS, HERE

ORGANIZATIONS = [1, 100, 10_000]


def measure(rig):
    for organizations in ORGANIZATIONS:
        keys = rig.keys(organizations)
        for connections in [1, CONNECTIONS]:
            for loops in ["1", "2"] if (organizations, connections) == (1, CONNECTIONS) else ["1"]:
                say(f"  {organizations:,} organizations, {connections} connections, LOOPS={loops}")
                compare(rig, organizations, connections, loops, keys)


def compare(rig, organizations, connections, loops, keys):
    def load(make):
        return lambda: loaded(rig, make(), keys, connections)

    ours, single, *before = map(Figures, rig.rounds(
        load(lambda: rig.token(LOOPS=loops)),
        load(lambda: rig.token(LOOPS=loops, GROUP_MINTS="1")),
        *([load(lambda: rig.function(rig.before, {"LOOPS": loops}))] if rig.before else []),
    ))
    # The bounds are meant for an earlier commit, if there is one to compare with.
    peer, name = (before[0], rig.options.against) if before else (single, "one by one")
    what = f"{organizations:,} {'organization' if organizations == 1 else 'organizations'}, {connections} " \
           f"{'connection' if connections == 1 else 'connections'}, LOOPS={loops}"
    if connections == 1:
        rig.ratio(f"{what}: median latency against {name}", ours.p50, peer.p50, most=1.1, format="{:,.0f} µs")
        rig.ratio(f"{what}: 99th percentile against {name}", ours.p99, peer.p99, most=1.1, format="{:,.0f} µs")
    elif organizations == 1:
        rig.ratio(f"{what}: mints per second against {name}", ours.rate, peer.rate)
        rig.ratio(f"{what}: Redis CPU per mint against {name}", ours.redis, peer.redis, most=0.55,
                  format="{:.1f} µs")
        rig.ratio(f"{what}: server CPU per mint against {name}", ours.server, peer.server, format="{:.1f} µs")
    else:
        rig.ratio(f"{what}: mints per second against {name}", ours.rate, peer.rate, least=0.98)
        rig.ratio(f"{what}: server CPU per mint against {name}", ours.server, peer.server, most=1.02,
                  format="{:.1f} µs")


class Figures:
    """What each round measured, as a list: mints per second, and times in microseconds."""

    def __init__(self, results):
        self.rate, self.server, self.redis, self.p50, self.p99 = zip(*results)


def policy(rig):
    keys = rig.keys(1)
    body = '{"ttl":60,"workflows":["chat"],"user":"u-4711","origins":["https://app.example"],"max_seconds":120}'
    plain, ours = map(Figures, rig.rounds(
        lambda: loaded(rig, rig.token(LOOPS="1"), keys, CONNECTIONS),
        lambda: loaded(rig, rig.token(LOOPS="1"), keys, CONNECTIONS, body),
    ))
    what = "mint with workflow, user, origin and max_seconds, against one without"
    rig.ratio(f"server CPU of a {what}", ours.server, plain.server, most=1.25, format="{:.1f} µs")
    rig.ratio(f"Redis CPU of a {what}", ours.redis, plain.redis, most=1.15, format="{:.1f} µs")


def loaded(rig, function, keys, connections, policy=None):
    """Mints per second; in microseconds the CPU time of server and Redis for each, and the median and the 99th
    percentile of the latency. With a policy, POST is used."""
    rig.drop_tokens()
    serving, port = function
    wrk = ["wrk", "-t1", f"-c{connections}", "--latency", "-s", f"{HERE}/organizations.lua",
           f"http://127.0.0.1:{port}"]
    environment = {**os.environ, "KEYS": keys, **({"POLICY": policy} if policy else {})}
    with serving as pid:
        run(*wrk, "-d1s", env=environment)
        before = cpu_seconds(pid), cpu_seconds(rig.redis_pid)
        output = run(*wrk, f"-d{rig.options.seconds}s", env=environment)
        after = cpu_seconds(pid), cpu_seconds(rig.redis_pid)
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"wrk reported errors:\n{output}")
    count = int(re.search(r"(\d+) requests in", output)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    server, redis = ((late - early) / count * 1e6 for early, late in zip(before, after))
    return rate, server, redis, latency(output, 50), latency(output, 99)


def latency(output, percent):
    number, unit = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)$", output, re.MULTILINE).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]
