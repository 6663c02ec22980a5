"""The examples of functions/deploy/proxies, each in front of servers that nobody here wrote.

usage: proxies_test.py BINARIES TOOLS [--long] [--only NAME]

BINARIES is the folder of the functions, TOOLS the virtual environment with servers and proxies. Prints a line for each
proxy on standard output, and a sum. Exit code 4: something was wrong.
"""

import contextlib
import os
import subprocess
import sys
import tempfile

from lab import EXAMPLE_LIST, Difference, Lab  # It also makes the modules of other folders known.

from checks import APART, EVERYWHERE, Place
from chromium import Failure
from websockets.exceptions import WebSocketException
from page import check_page
from race import check_race
from retries import check_retries


FAILURES = (
    Difference, Failure, WebSocketException, OSError, ValueError, StopIteration, TimeoutError, AssertionError, KeyError,
    subprocess.CalledProcessError,
)


def attempt(title, check, *arguments):
    """A line about what is wrong, if anything is."""
    try:
        check(*arguments)
    except FAILURES as error:
        return [f"{title}: {check.__name__}: {error if isinstance(error, Difference) else repr(error)}"]
    return []


def check_example(lab, example):
    place = Place(lab, example)
    wrong = [line for check in EVERYWHERE for line in attempt(example.name, check, place)]
    return wrong + [line for check in APART for line in attempt(example.name, check, lab, example)]


def main():
    words = sys.argv[1:]
    only = words[words.index("--only") + 1] if "--only" in words else None
    examples = [each for each in EXAMPLE_LIST if only in (None, each.name)]
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        lab = Lab(*map(os.path.abspath, words[:2]), folder, stack)
        wrong = []
        for example in examples:
            found = check_example(lab, example)
            total = len(EVERYWHERE) + len(APART)
            print(f"{example.name}: {total - len({each.split(': ')[1] for each in found})} of {total} checks", flush=True)
            wrong += found
        wrong += attempt("Chromium", check_page, lab) if only is None else []
        if only in (None, "nginx"):
            wrong += attempt("nginx", check_retries, lab) + attempt("nginx", check_race, lab, "--long" in words)
        for each in wrong:
            print(f"error: {each}", file=sys.stderr)
        print(f"{len(examples)} proxies, {len(wrong)} faults")
        if wrong:
            lab.print_logs()
            sys.exit(4)


main()
