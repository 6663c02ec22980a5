"""Measurements of the token function."""

import os
import re
import statistics
import subprocess
import sys

from .processes import free_port, resident_mib, run, running, say
from .rig import CONNECTIONS, HERE, TOKEN


def cpu(rig):
    noop, quiet, logged = ([cpu for _, cpu in results] for results in rig.rounds(
        lambda: rig.loaded(rig.noop),
        lambda: rig.loaded(rig.token, LOOPS="1"),
        lambda: rig.loaded(rig.token, LOOPS="1", LOG_LEVEL="info", AUDIT_LOG="on"),
    ))
    for level, ours, bound in [("error", quiet, 2.5), ("info", logged, 3)]:
        rig.ratio(f"server CPU per mint, LOG_LEVEL={level}, against the no-op in C", ours, noop, most=bound,
                  format="{:.1f} µs")


def node(rig):
    if subprocess.run(["which", "node"], capture_output=True).returncode:
        say("  skipped: node is not installed")
        return
    ours, theirs = ([rate for rate, _ in results] for results in rig.rounds(
        lambda: rig.loaded(rig.token), lambda: rig.loaded(rig.peer),
    ))
    rig.ratio("mints a second against Node, two workers", ours, theirs, least=1.2)


def redis(rig):
    # 22 characters like a digest; redis-benchmark replaces twelve of them by a random number.
    command = [word.replace("TOKEN", "0123456789__rand_int__") for word in rig.command]

    def benchmark():
        output = run("redis-benchmark", "-p", str(rig.redis_port), "-c", str(CONNECTIONS), "-n",
                     str(40000 * rig.options.seconds), "-r", "2147483647", "--csv", *command)
        return float(output.strip().splitlines()[-1].split('","')[1])

    ours, theirs = rig.rounds(lambda: rig.loaded(rig.token)[0], benchmark)
    rig.ratio("mints a second against redis-benchmark, 64 clients", ours, theirs, least=0.8)


def memory(rig):
    serving, port = rig.token(LOG_LEVEL="info", AUDIT_LOG="on")
    with serving as pid:
        done, early = 0, None
        while done < 1_000_000:
            done += int(rig.wrk(port, pid, 2)[0] * 3)
            if early is None and done >= 100_000:
                early = resident_mib(pid)
        late = resident_mib(pid)
    rig.row("memory after 1,000,000 requests", f"{late:.1f} MiB", "≤ 8 MiB", late <= 8)
    # Half a MiB is noise of page tables, not growth.
    rig.row("its growth since the first 100,000", f"{late - early:+.1f} MiB", "≤ 0.5 MiB", late - early <= 0.5)


def start(rig):
    def cold(port, environment, *command):
        return float(run(f"{rig.folder}/cold", "30", str(port), "/api/v1/token?ttl=1", f"Bearer {rig.key}",
                         *command, env={**os.environ, **environment}))

    port, other = free_port(), free_port()
    settings = {"PORT": str(port), "HOST": "127.0.0.1", "REDIS_URL": rig.redis_url}
    ours, noop = rig.rounds(
        lambda: cold(port, settings, TOKEN), lambda: cold(other, {}, f"{rig.folder}/noop", str(other)),
    )
    rig.ratio("exec to the first mint, against the no-op's first response", ours, noop, most=4,
              format="{:.2f} ms")


def live(rig):
    count = 1_000_000

    def used():
        return int(re.search(r"used_memory:(\d+)", rig.redis("info", "memory"))[1])

    def fill():
        command = [word.replace("TOKEN", "0123456789__rand_int__") for word in rig.command]
        # The argument 60 or 60000 is the ttl of the load.
        command = [{"60": "300", "60000": "300000"}.get(word, word) for word in command]
        while (missing := count - int(rig.redis("dbsize"))) > 0:
            run("redis-benchmark", "-p", str(rig.redis_port), "-c", "64", "-P", "64", "-n", str(max(missing, 100)),
                "-r", "2147483647", "-q", *command)

    empty, full = [], []
    for number in range(rig.options.rounds):
        say(f"  round {number + 1} of {rig.options.rounds}")
        rig.forget_tokens()
        empty.append(rig.loaded(rig.token)[0])
        rig.forget_tokens()
        before = used()
        fill()
        each = (used() - before) / int(rig.redis("dbsize"))
        full.append(rig.loaded(rig.token)[0])
    rig.forget_tokens()
    ratio = statistics.median(full) / statistics.median(empty)
    rig.row("throughput with 1,000,000 live tokens against none", f"{ratio:.2f} ×", "≥ 0.9 ×", ratio >= 0.9)
    rig.row("Redis' memory for a live token", f"{each:.0f} bytes", "≤ 200", each <= 200)


def idle(rig):
    serving, port = rig.token(MAX_CONNECTIONS="20000")
    command = [sys.executable, f"{HERE}/idle.py", str(port), "10000"]
    with serving as pid:
        before = resident_mib(pid)
        with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
            first = int(load.stdout.readline())
            grown = resident_mib(pid) - before
            second = int(load.communicate("\n")[0])
    rig.row("10,000 idle connections that respond before and after", f"{first:,} and {second:,}", "all",
            first == second == 10000)
    rig.row("their memory", f"{grown:.1f} MiB", "≤ 56 MiB", grown <= 56)
