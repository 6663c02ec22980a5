"""Runs and counts checks one by one, and reads the command line of the scripts that do."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Checks:
    """Runs and counts checks. An exception of `failures` fails one check and does not end the others."""

    def __init__(self, failures):
        self.passed = self.failed = 0
        self.failures = failures

    @contextlib.contextmanager
    def check(self, name):
        try:
            yield
        except self.failures as problem:
            self.failed += 1
            print(f"FAILED {name}: {type(problem).__name__}: {problem}", flush=True)
        else:
            self.passed += 1
            print(f"ok {name}", flush=True)


def expect(found, wanted, what="found"):
    assert found == wanted, f"{what}: {found!r}, not {wanted!r}"


def main(script, usage, run, failures, unable=(), **defaults):
    """Runs `run(checks, options)` and returns the exit code. `defaults` has the options with their default values;
    `unable` are further exceptions which mean that the checks could not run."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    for name, default in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), default=default)
    if {"--help", "-h"} & set(sys.argv):
        print(usage.strip())
        return 0
    try:
        options, others = parser.parse_known_args()
        if others:
            raise argparse.ArgumentError(None, f"unknown argument: {others[0]}")
    except argparse.ArgumentError as problem:
        print(f"error: {problem}\ntry {script} --help", file=sys.stderr)
        return 1
    # A signal must not prevent the cleaning up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    checks = Checks(failures)
    try:
        run(checks, options)
    except (*unable, TimeoutError, OSError, RuntimeError, subprocess.SubprocessError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 3
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 4 if checks.failed else 0
