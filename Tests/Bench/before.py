"""Builds the token function of an earlier commit."""

import os
import subprocess

from .processes import run, say
from .rig import HERE

ROOT = os.path.abspath(f"{HERE}/../..")


def built(commit):
    """The path of its binary. Sources and binary are kept, so that a commit is built once."""
    digest = run("git", "-C", ROOT, "rev-parse", "--verify", f"{commit}^{{commit}}").strip()
    place = f"{ROOT}/.build/bench/{digest}"
    binary = f"{place}/.build/functions/token"
    if not os.path.exists(binary):
        say(f"building the token function of {commit}, which takes minutes")
        os.makedirs(place, exist_ok=True)
        sources = subprocess.run(["git", "-C", ROOT, "archive", digest], check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "-x", "-C", place], check=True, input=sources)
        run(f"{place}/script/build", "token")
    return binary
