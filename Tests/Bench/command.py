"""The command line: options, measurements one after the other, table and exit code."""

import argparse
import os
import subprocess
import tempfile

from progress import progress

from . import about, admissions, cluster, groups, invocation, mints, replay, streams, tls
from .before import built
from .processes import end_when_interrupted, say
from .rig import LOCAL, STREAM, TOKEN, Rig

MEASURES = {
    "cpu": mints.cpu,
    "node": mints.node,
    "redis": mints.redis,
    "memory": mints.memory,
    "start": mints.start,
    "live": mints.live,
    "idle": mints.idle,
    "fanout": streams.fanout,
    "delay": streams.delay,
    "silent": streams.silent,
    "proxy": streams.proxy,
    "resume": streams.resume,
    "slow": streams.slow,
    "admit": admissions.measure,
    "lambda": invocation.measure,
    "replay": replay.measure,
    "tls": tls.measure,
    "cluster": cluster.measure,
    "policy": groups.policy,
    # Last: it leaves 10,000 organizations in Redis.
    "groups": groups.measure,
}


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(1, f"script/bench: {message}. See script/bench --help.\n")


def parse(usage):
    parser = Parser(description=usage, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default=",".join(MEASURES))
    parser.add_argument("--against")
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = set(options.only) - set(MEASURES)
    if unknown:
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds must be at least 1")
    return options


def main(usage):
    """Returns the exit code."""
    try:
        return measure(parse(usage))
    except SystemExit as exit:
        if not isinstance(exit.code, str):
            raise
        say(f"script/bench: {exit.code}")
        return 3


def measure(options):
    end_when_interrupted()
    for tool in ["wrk", "redis-server", "redis-benchmark", "cc"]:
        if subprocess.run(["which", tool], capture_output=True).returncode:
            raise SystemExit(f"script/bench needs {tool}: run script/setup --bench first")
    for binary in [TOKEN, STREAM, admissions.ADMIT, LOCAL]:
        if not os.path.exists(binary):
            raise SystemExit(f"{binary} is missing: run script/build first")
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(options, folder)
        if options.against:
            rig.before = built(options.against)
        with rig.redis_server() as rig.redis_pid:
            rig.create_keys()
            for name, measure in MEASURES.items():
                if name in options.only:
                    say(name)
                    measure(rig)
    progress.waits(None)
    print("| | |\n|---|---|")
    for name, value in about.rows(rig):
        print(f"| {name} | {value} |")
    print()
    print("| what | measured | bound | |\n|---|---|---|---|")
    for what, figure, bound, holds in rig.rows:
        print(f"| {what} | {figure} | {bound or ''} | {('holds' if holds else 'MISSED') if bound else ''} |")
    return 0 if all(holds for *_, holds in rig.rows) else 4
