"""Chromium, controlled over the DevTools protocol: JSON messages that end with a zero byte, on descriptors 3 and 4."""

import base64
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import tempfile
import time

from processes import die_with_parent

# The browser itself sends nothing, and pages reach only this machine, also as rebound.example.
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
    "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--remote-debugging-pipe", "--window-size=1200,900",
    "--host-resolver-rules=MAP rebound.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


class Failure(Exception):
    """The browser, or a script that ran in it, reports an error."""


class Chromium(contextlib.AbstractContextManager):
    """A browser with a new profile. Both end with the block."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        self.log = os.path.join(self.folder.name, "log")
        commands, self.output = os.pipe()
        self.input, responses = os.pipe()
        # Keep clear of the two descriptors that the browser expects.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (commands, responses)]

        def hand_over():
            die_with_parent()
            for end, wanted in zip(ends, (3, 4)):
                os.dup2(end, wanted)

        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["chromium", *FLAGS, f"--user-data-dir={self.folder.name}/profile", "about:blank"],
                env={**os.environ, "HOME": self.folder.name, "XDG_CONFIG_HOME": self.folder.name,
                     "XDG_CACHE_HOME": self.folder.name},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=False,
                preexec_fn=hand_over,
            )
        for end in (commands, responses, *ends):
            os.close(end)
        self.unread = b""
        self.last_id = 0
        self.events = []

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.call("Browser.close", seconds=5)
            self.process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.input)
        os.close(self.output)
        self.folder.cleanup()

    def call(self, method, session=None, seconds=30, **parameters):
        """Calls a method of the browser and returns its result; keeps the events that arrive meanwhile."""
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while True:
            response = self._receive(end - time.monotonic())
            if response is None:
                raise Failure(f"{method}: no result within {seconds} s")
            if response.get("id") != self.last_id:
                continue
            if "error" in response:
                raise Failure(f"{method}: {response['error']['message']}")
            return response["result"]

    def _receive(self, seconds):
        """The next message; None if none arrives in time."""
        end = time.monotonic() + seconds
        while b"\0" not in self.unread:
            ready, _, _ = select.select([self.input], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            received = os.read(self.input, 1 << 16)
            if not received:
                with open(self.log, errors="replace") as log:
                    raise Failure(f"the browser ended: {log.read()[-2000:]}")
            self.unread += received
        message, _, self.unread = self.unread.partition(b"\0")
        message = json.loads(message)
        if "method" in message:
            self.events.append(message)
        return message


class Tab:
    """A tab of the browser, which keeps the messages on its console."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, seconds=30, **parameters):
        return self.browser.call(method, self.session, seconds, **parameters)

    def open(self, url):
        response = self.call("Page.navigate", url=url)
        if "errorText" in response:
            raise Failure(f"{url}: {response['errorText']}")
        self.wait_for("document.readyState === 'complete'")

    def run(self, script, seconds=30):
        """The value of an expression; it waits for a promise."""
        response = self.call(
            "Runtime.evaluate", seconds, expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in response:
            details = response["exceptionDetails"]
            raise Failure(details.get("exception", {}).get("description") or details["text"])
        return response["result"].get("value")

    def wait_for(self, script, seconds=20):
        """Waits until an expression is true, and returns its value."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(Failure):
                if value := self.run(script):
                    return value
            if time.monotonic() > end:
                raise Failure(f"not within {seconds} s: {script}")
            time.sleep(0.05)

    def press(self, key):
        """Presses a key: Tab, Enter, or a character."""
        text = {"Enter": "\r", "Tab": ""}.get(key, key)
        code = {"Enter": 13, "Tab": 9}.get(key, ord(key[0].upper()))
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", key=key, code=key, text=text,
                  windowsVirtualKeyCode=code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def errors(self):
        """The errors on the console, of scripts and of the browser, including CSP violations."""
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            details = event["params"]
            match event["method"]:
                case "Log.entryAdded" if details["entry"]["level"] == "error":
                    entry = details["entry"]
                    found.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}".strip())
                case "Runtime.exceptionThrown":
                    found.append(f"exception: {details['exceptionDetails'].get('text')}")
                case "Runtime.consoleAPICalled" if details["type"] in ("error", "assert"):
                    found.append(f"console: {[each.get('value') for each in details['args']]}")
        return found

    def shape(self, width, height):
        """Sets the inner size of the window, in pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def screenshot(self, path):
        """The whole page as a PNG."""
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))
