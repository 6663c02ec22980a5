"""Processes: run to their end or as servers, always ended with what needed them; and what they use."""

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
    """A line of progress, and what is waited for from now on."""
    progress.line(text)
    progress.waits(text.strip())


def end_when_interrupted():
    """Has signals raise, so that every process that was started is ended on the way out."""

    def interrupted(number, frame):
        # Once is enough: what is being ended now is not to be interrupted.
        for each in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(f"interrupted by {signal.Signals(number).name}")

    for each in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        signal.signal(each, interrupted)


def run(*command, check=True, **options):
    """What a command prints, when it has ended."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if check and done.returncode:
        raise SystemExit(f"{shlex.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@contextlib.contextmanager
def running(command, **options):
    """A process, ended with the block if it has not ended by itself."""
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
    """A server that listens on `port`, ended with the block; its process id."""
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
    """What the process and its children have used."""
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
    """A line of the files in /proc that tell of memory."""
    with open(path) as file:
        return int(re.search(rf"^{name}:\s+(\d+) kB", file.read(), re.MULTILINE)[1])
