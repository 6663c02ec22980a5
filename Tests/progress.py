"""Prints the progress of a script: lines, and on a terminal also what it waits for and for how long."""

import os
import shutil
import sys
import threading
import time


class Progress:
    def __init__(self):
        self._text, self._since = None, 0.0
        self._lock = threading.Lock()
        self._lives = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        if self._lives:
            threading.Thread(target=self._show, daemon=True).start()

    def waits(self, text):
        """Shows what the script waits for from now on; None shows nothing."""
        with self._lock:
            self._clear()
            self._text, self._since = text, time.monotonic()

    def line(self, text, stream=sys.stderr):
        """Prints a line in place of what is shown."""
        with self._lock:
            self._clear()
            print(text, file=stream, flush=True)

    def _clear(self):
        if self._lives and self._text is not None:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _show(self):
        while True:
            time.sleep(1)
            with self._lock:
                if self._text is None:
                    continue
                text = f"    {time.monotonic() - self._since:.0f} s  {self._text}"
                width = shutil.get_terminal_size().columns - 1
                print("\r\x1b[K" + text[:width], end="", file=sys.stderr, flush=True)


progress = Progress()
