"""Runs commands and servers, ends them with their block, and reads their use of CPU and memory."""

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

from progress import progress

TICKS = os.sysconf("SC_CLK_TCK")


def say(text):
    """Prints a line of progress, which is also shown as what the script waits for."""
    progress.line(text)
    progress.waits(text.strip())


def end_when_interrupted():
    """Makes signals raise an error, so that every started process is ended on the way out."""

    def interrupted(number, frame):
        # Another signal must not interrupt the cleaning up.
        for each in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(f"interrupted by {signal.Signals(number).name}")

    for each in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        signal.signal(each, interrupted)


def run(*command, check=True, **options):
    """Runs a command to its end and returns its output."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if check and done.returncode:
        raise SystemExit(f"{shlex.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@contextlib.contextmanager
def running(command, **options):
    """Starts a process, and ends it with the block."""
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def server(command, environment, port):
    """Starts a server that listens on `port`, and ends it with the block. The value is its process id."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with running(command, env={**os.environ, **environment}, **quiet) as process:
        for _ in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {process.returncode}")
            time.sleep(0.01)
        else:
            raise SystemExit(f"{command[0]} does not listen on its port")
        yield process.pid


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """The CPU time of the process and its children."""
    pids = [pid] + [int(child) for child in run("pgrep", "-P", str(pid), check=False).split()]
    total = 0
    for each in pids:
        with open(f"/proc/{each}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mib(pid):
    return kib(f"/proc/{pid}/status", "VmRSS") / 1024


def kib(path, name):
    """A value in KiB of a file in /proc about memory."""
    with open(path) as file:
        return int(re.search(rf"^{name}:\s+(\d+) kB", file.read(), re.MULTILINE)[1])
