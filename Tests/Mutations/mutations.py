#!/usr/bin/env python3
"""Makes mistakes in a copy of the functions, one at a time, and checks that a fixture fails for each.

usage: script/mutations [--filter TEXT]... [--check]

  --filter TEXT  only mistakes with TEXT in their names; may be repeated
  --check        only checks that the sources still have what each mistake replaces

The mistakes are in Tests/Mutations/mutations.txt. Prints a line for each on standard output, with the first fixture
that found it. Exit codes: 0 all found, 1 wrong command line, 3 could not run (a mistake no longer applies, or does not
build), 4 one was not found.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests"))

from progress import progress  # noqa: E402

# Kept for the next run, so that it builds only what has changed.
COPY = ROOT / ".build-mutations"
SECONDS_TO_BUILD = 900
# A mistake that makes the replay hang is not found by it. The limit is long, because the machine may be busy.
SECONDS_TO_REPLAY = 300


class CannotRun(Exception):
    pass


class Mutation:
    def __init__(self, block):
        lines = block.splitlines()
        self.name, self.file = lines[0].removeprefix("= "), lines[1]
        self.old = "\n".join(line[2:] for line in lines[2:] if line.startswith("-"))
        self.new = "\n".join(line[2:] for line in lines[2:] if line.startswith("+"))
        if any(line[:2] not in ("- ", "+ ") for line in lines[2:]) or not self.old or self.old == self.new:
            raise CannotRun(f"mutation {self.name!r}: it needs lines of - to replace, and lines of + that differ")

    def applied(self):
        """The text of the file with the mistake."""
        path = ROOT / self.file
        text = path.read_text() if path.is_file() else ""
        count = text.count(self.old)
        if count != 1:
            raise CannotRun(
                f"mutation {self.name!r} no longer applies: "
                f"its text is {count} times in {self.file}, not once"
            )
        return text.replace(self.old, self.new)


def read_mutations():
    text = (ROOT / "Tests/Mutations/mutations.txt").read_text()
    blocks = [block.strip("\n") for block in re.split(r"^(?== )", text, flags=re.MULTILINE)[1:]]
    mutations = [Mutation(block) for block in blocks]
    names = [mutation.name for mutation in mutations]
    if len(set(names)) < len(names):
        raise CannotRun("two mutations have the same name")
    return mutations


def copy_sources():
    """Updates the copy to the checkout. It leaves equal files untouched, so that they are not built again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE,
    ).stdout.decode().split("\0")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    COPY.mkdir(exist_ok=True)
    for path in sorted(COPY.rglob("*")):
        name = path.relative_to(COPY)
        if path.is_file() and name.parts[0] != ".build" and str(name) not in wanted:
            path.unlink()
    for name in wanted:
        source, target = ROOT / name, COPY / name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def run(command, limit):
    try:
        done = subprocess.run(
            ["nice", "-n", "10", *command], cwd=COPY, timeout=limit, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        raise CannotRun(f"{' '.join(command)}: did not end within {limit} s")
    return done.returncode, done.stdout


def build():
    code, output = run(["swift", "build", "--product", "local-runtime"], SECONDS_TO_BUILD)
    if code != 0:
        lines = output.splitlines()
        # The compiler prints each error several times, also without its place.
        errors = list(dict.fromkeys(line for line in lines if ".swift:" in line and "error:" in line))
        raise CannotRun("does not build:\n" + "\n".join(errors[:5] or lines[-5:]))


def replay():
    return run([".build/debug/local-runtime", "replay", "--contract", "direct"], SECONDS_TO_REPLAY)


def finder(output):
    """The first fixture that failed, and the place in it."""
    found = re.search(r"^FAIL +(\S+)", output, re.MULTILINE)
    place = re.search(r"\.expect\.json#(\S+)", output)
    return (found[1] if found else "?") + (f" {place[1]}" if place else "")


def judge(mutation):
    """Prints whether the fixtures find the mistake, and returns it."""
    target = COPY / mutation.file
    begin = time.monotonic()
    target.write_text(mutation.applied())
    progress.waits(f"building and replaying: {mutation.name}")
    try:
        build()
        code, output = replay()
    except CannotRun as problem:
        raise CannotRun(f"mutation {mutation.name!r}: {problem}")
    finally:
        shutil.copyfile(ROOT / mutation.file, target)
    seconds = time.monotonic() - begin
    # With 2, a fixture is not valid any more: the mistake refuses what it gives or expects.
    if code in (2, 4):
        progress.line(f"found     {mutation.name}: {finder(output)}, {seconds:.0f} s", sys.stdout)
    else:
        progress.line(f"SURVIVED  {mutation.name}: the replay ended with {code}, {seconds:.0f} s", sys.stdout)
    return code in (2, 4)


def main():
    parser = argparse.ArgumentParser(prog="script/mutations", add_help=False)
    parser.add_argument("--filter", action="append", default=[])
    parser.add_argument("--check", action="store_true")
    try:
        arguments = parser.parse_args()
    except SystemExit:
        return 1
    mutations = [
        mutation for mutation in read_mutations()
        if not arguments.filter or any(text in mutation.name for text in arguments.filter)
    ]
    if not mutations:
        print("error: no mutation has such a name", file=sys.stderr)
        return 1
    # Before building: report a mistake that no longer applies at once.
    for mutation in mutations:
        mutation.applied()
    if arguments.check:
        print(f"{len(mutations)} mutations apply")
        return 0
    begin = time.monotonic()
    copy_sources()
    progress.waits("building the copy")
    build()
    code, output = replay()
    if code != 0:
        raise CannotRun(f"the replay ends with {code} without a mutation:\n{output[-2000:]}")
    progress.line(f"{len(mutations)} mutations; the copy was built in {time.monotonic() - begin:.0f} s")
    survivors = [mutation.name for mutation in mutations if not judge(mutation)]
    found = len(mutations) - len(survivors)
    progress.waits(None)
    print(f"{found} of {len(mutations)} mutations found in {time.monotonic() - begin:.0f} s")
    return 4 if survivors else 0


if __name__ == "__main__":
    os.environ["SWIFT_BACKTRACE"] = "enable=no"
    try:
        sys.exit(main())
    except (CannotRun, OSError, subprocess.CalledProcessError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(3)
