"""Measures replays of fixtures by the local runtime. The bounds are times, because people and CI wait for them."""

import shutil
import statistics
import time

from .processes import run
from .rig import HERE, LOCAL

EVENTS = f"{HERE}/../../events"
# The folder has over 200 fixtures.
COPIES = 5


def seconds(*arguments):
    """The seconds of a replay from exec to exit; a failed one ends the measurement."""
    began = time.monotonic()
    run(LOCAL, "replay", *arguments)
    return time.monotonic() - began


def measure(rig):
    folder = f"{rig.folder}/events"
    for copy in range(COPIES):
        shutil.copytree(EVENTS, f"{folder}/{copy}")
    count = run(LOCAL, "replay", folder).strip().splitlines()[-1].split()[0]
    memory, redis, one = rig.rounds(
        lambda: seconds(folder),
        lambda: seconds(folder, "--redis", rig.redis_url),
        lambda: seconds(f"{EVENTS}/token/minted"),
    )
    row(rig, f"replay of {count} fixtures in memory", memory, 1)
    row(rig, f"replay of {count} fixtures on Redis", redis, 5)
    row(rig, "replay of one fixture", one, 0.1)


def row(rig, what, measured, most):
    median = statistics.median(measured)
    rig.row(what, f"{median * 1000:,.0f} ms", f"≤ {most * 1000:g} ms", median <= most)
