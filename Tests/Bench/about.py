"""What a table of figures was measured with: machine, commit and versions."""

import os
import re
import subprocess

from .processes import run
from .rig import HERE

ROOT = os.path.abspath(f"{HERE}/../..")


def rows(rig):
    """Names and values, a line of the table each."""
    yield "machine", f"{processor()}, {os.cpu_count()} cores, {memory():.0f} GiB, Linux {os.uname().release}, {system()}"
    yield "commit", commit("HEAD") + (" and changes" if git("status", "--porcelain", "--untracked-files=no") else "")
    if rig.before:
        yield "against", commit(rig.options.against)
    yield "rounds", f"{rig.options.rounds} of {rig.options.seconds} s each, taken in turn; medians"
    for name, command in VERSIONS.items():
        if found := version(command):
            yield name, found


VERSIONS = {
    "Swift": ["swift", "--version"],
    "Redis": ["redis-server", "--version"],
    "wrk": ["wrk", "--version"],
    "Node": ["node", "--version"],
    "nginx": ["/usr/sbin/nginx", "-v"],
    "C compiler": ["cc", "--version"],
}


def version(command):
    """The first number with a dot in what a program says of itself; None if it is not installed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found and found[0]


def commit(name):
    return git("log", "-1", "--format=%h of %cs", name)


def git(*words):
    return run("git", "-C", ROOT, *words).strip()


def processor():
    with open("/proc/cpuinfo") as file:
        found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
    return found[1] if found else os.uname().machine


def memory():
    with open("/proc/meminfo") as file:
        return int(re.search(r"^MemTotal:\s+(\d+) kB", file.read(), re.MULTILINE)[1]) / 2**20


def system():
    with open("/etc/os-release") as file:
        found = re.search(r'^PRETTY_NAME="?([^"\n]+)', file.read(), re.MULTILINE)
    return found[1] if found else "unknown"
