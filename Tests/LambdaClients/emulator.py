"""`local-runtime lambda`, and a client of boto3 for it."""

import contextlib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FUNCTIONS = f"{HERE}/functions"
sys.path.insert(0, f"{os.path.dirname(HERE)}/Browser")

# AWS settings of the machine must not matter here.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1",
    AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
)

import boto3  # noqa: E402
import botocore.config  # noqa: E402

from processes import process, read, wait_for  # noqa: E402


class Emulator:
    def __init__(self, started, output, log):
        self.process, self.path = started, log
        self.greeting = wait_for(
            lambda: found if "endpoint" in (found := read(output)) and found.endswith("\n") else self.failure(),
            "lambda",
        )
        self.url = re.search(r"http://[^ ]+", self.greeting)[0]
        # No retries: the tests look at each response.
        config = botocore.config.Config(
            retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=50, proxies={},
        )
        self.client = boto3.client("lambda", endpoint_url=self.url, config=config)

    @property
    def log(self):
        return read(self.path)

    def failure(self):
        """None; an error if the process has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(self.log.strip())

    def children(self):
        """The ids of the function's processes, without the shell that guards them."""
        found = []
        for id in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                # The name in parentheses may contain anything (proc_pid_stat(5)).
                name, _, rest = read(f"/proc/{id}/stat").partition("(")[2].rpartition(")")
                if int(rest.split()[1]) == self.process.pid and name != "sh":
                    found.append(int(id))
        return found

    def curl_lines(self):
        return [line for line in self.greeting.splitlines() if line.startswith("curl ")]


@contextlib.contextmanager
def emulator(binaries, folder, bootstrap, *arguments, name="emulator", **environment):
    # A long deadline, unless a test sets another one.
    timeout = [] if "--timeout" in arguments else ["--timeout", "60"]
    command = [f"{binaries}/local-runtime", "lambda", bootstrap, "--port", "0", *timeout, *arguments]
    with process(command, folder, name, **environment) as (started, output, log):
        yield Emulator(started, output, log)
