"""Compares the function under Lambda's contract with a minimal runtime in C; a Runtime API measures both."""

import json
import os

from .processes import run
from .rig import HERE, TOKEN

RUNS = 30
EVENTS = 100


def event(path, query="", headers=None):
    """An event of a function URL."""
    return {
        "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": headers or {},
        "requestContext": {"domainName": "bench.lambda-url.eu-central-1.on.aws", "http": {"method": "GET", "path": path}},
        "isBase64Encoded": False,
    }


def invocations(rig, name, event, *command):
    """Milliseconds from exec to the first `next`, for the first event, and for a later event."""
    file = f"{rig.folder}/{name}.json"
    with open(file, "w") as output:
        json.dump(event, output)
    environment = {**os.environ, "REDIS_URL": rig.redis_url, "LOG_LEVEL": "error", "AUDIT_LOG": "off"}
    printed = run(f"{rig.folder}/invocations", str(RUNS), str(EVENTS), file, *command, env=environment)
    start, first, later = (float(number) for number in printed.split())
    return start, first / 1000, later / 1000


def measure(rig):
    run("cc", "-O2", "-o", f"{rig.folder}/invocations", f"{HERE}/invocations.c")
    run("cc", "-O2", "-static", "-o", f"{rig.folder}/bootstrap", f"{HERE}/bootstrap.c")
    trivial = event("/health/liveness")
    mint = event("/api/v1/token", "ttl=60", {"authorization": f"Bearer {rig.key}"})
    ours, minting, theirs = rig.rounds(
        lambda: invocations(rig, "trivial", trivial, TOKEN),
        lambda: invocations(rig, "mint", mint, TOKEN),
        lambda: invocations(rig, "trivial", trivial, f"{rig.folder}/bootstrap"),
    )
    form = {"format": "{:,.3f} ms"}
    rig.ratio("exec to first next ÷ static C", [each[0] for each in ours], [each[0] for each in theirs], most=3, **form)
    totals = [[start + first for start, first, _ in each] for each in (minting, theirs)]
    rig.ratio("exec to first mint posted ÷ static C", *totals, most=5, **form)
    rig.ratio("warm invocation ÷ static C", [each[2] for each in ours], [each[2] for each in theirs], most=3, **form)
    rig.ratio("warm mint ÷ static C", [each[2] for each in minting], [each[2] for each in theirs], **form)
