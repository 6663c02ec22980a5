"""Measures the cost of spreading organizations over several nodes."""

import binascii
import contextlib
import os
import re
import secrets
import statistics
import time

from .processes import cpu_seconds, free_port, run, server
from .rig import CONNECTIONS, HERE, make_keys

ORGANIZATIONS = 1000
SLOTS = 16384
# Machines for the estimate. Each core has a node and a loop.
MACHINES = 10


def measure(rig):
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(single(rig))
        keys = f"{rig.folder}/keys"
        make_keys(keys, ORGANIZATIONS, one.url)
        three = stack.enter_context(cluster(rig, 3, one))
        ten = stack.enter_context(cluster(rig, MACHINES, one))
        results = rig.rounds(*[lambda nodes=nodes: load(rig, nodes, keys) for nodes in [one, three, ten]])
    (single_rate, *_), (rate, *_), _ = figures = [[statistics.median(each) for each in zip(*result)]
                                                 for result in results]
    rig.ratio(f"mints a second on a cluster of three against one node, {ORGANIZATIONS} organizations",
              [rate], [single_rate], least=0.6)
    for name, (_, ours, theirs) in zip(["one node", "three nodes", f"{MACHINES} nodes"], figures):
        rig.row(f"CPU per mint with {name}: function and Redis", f"{ours:.1f} + {theirs:.1f} µs")
    _, ours, theirs = figures[-1]
    # An estimate: each machine has as many loops and nodes as cores, and does nothing else.
    reach = MACHINES * os.cpu_count() * 1e6 / (ours + theirs)
    rig.row(f"{MACHINES} machines of {os.cpu_count()} cores, on paper", f"{reach:,.0f} mints a second")


class Nodes:
    """Running servers: their URL, ports, and process ids."""

    def __init__(self, scheme, ports, pids):
        self.url = f"{scheme}://" + ",".join(f"127.0.0.1:{port}" for port in ports)
        self.ports = ports
        self.pids = pids


@contextlib.contextmanager
def single(rig):
    port = free_port()
    with server(command(port, folder(rig, port)), {}, port) as pid:
        yield Nodes("redis", [port], [pid])


@contextlib.contextmanager
def cluster(rig, count, source):
    """Starts a cluster with the data of `source`; its nodes know each other from files."""
    ports = [free_port() for _ in range(2 * count)]
    plans = [(secrets.token_hex(20), port, bus, SLOTS * index // count, SLOTS * (index + 1) // count - 1)
             for index, (port, bus) in enumerate(zip(ports[:count], ports[count:]))]
    pids = []
    with contextlib.ExitStack() as stack:
        for me, (_, port, bus, *_) in enumerate(plans):
            place = folder(rig, port)
            with open(f"{place}/nodes.conf", "w") as file:
                for index, (name, other, other_bus, first, last) in enumerate(plans):
                    flags = "myself,master" if index == me else "master"
                    file.write(f"{name} 127.0.0.1:{other}@{other_bus} {flags} - 0 0 {index + 1} connected "
                               f"{first}-{last}\n")
                file.write(f"vars currentEpoch {count} lastVoteEpoch 0\n")
            options = ["--cluster-enabled", "yes", "--cluster-port", str(bus)]
            pids.append(stack.enter_context(server(command(port, place) + options, {}, port)))
        for port in ports[:count]:
            until_serving(port)
        names = redis(source.ports[0], "--scan", "--pattern", "st:*").split()
        for _, port, _, first, last in plans:
            own = [name for name in names if first <= slot(name) <= last]
            redis(source.ports[0], "migrate", "127.0.0.1", str(port), "", "0", "30000", "copy", "keys", *own)
        yield Nodes("redis+cluster", ports[:count], pids)


def until_serving(port):
    end = time.monotonic() + 30
    while "cluster_state:ok" not in redis(port, "cluster", "info"):
        if time.monotonic() > end:
            raise SystemExit("the cluster did not get ready")
        time.sleep(0.05)


def load(rig, nodes, keys):
    """Mints per second, and the CPU time of function and Redis for each, in microseconds."""
    serving, port = rig.token(REDIS_URL=nodes.url)
    wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", "-s", f"{HERE}/organizations.lua", f"http://127.0.0.1:{port}"]
    environment = {**os.environ, "KEYS": keys}
    with serving as pid:
        run(*wrk, "-d1s", env=environment)

        def used():
            return cpu_seconds(pid), sum(cpu_seconds(each) for each in nodes.pids)

        (ours, theirs), began = used(), time.monotonic()
        output = run(*wrk, f"-d{rig.options.seconds}s", env=environment)
        (ours_now, theirs_now), took = used(), time.monotonic() - began
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"wrk reported errors:\n{output}")
    count = int(re.search(r"(\d+) requests in", output)[1])
    return count / took, (ours_now - ours) / count * 1e6, (theirs_now - theirs) / count * 1e6


def slot(key):
    """The hash slot of a key (Redis Cluster Specification), by its CRC-16."""
    tagged = re.search(r"\{(.+?)\}", key)
    return binascii.crc_hqx((tagged[1] if tagged else key).encode(), 0) % SLOTS


def redis(port, *words):
    return run("redis-cli", "-p", str(port), *words)


def folder(rig, port):
    path = f"{rig.folder}/redis-{port}"
    os.mkdir(path)
    return path


def command(port, place):
    return ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", place]
