"""One stream, from a workflow through the function and what is before it to a client, and what has to come of it.

A workflow is told by its variables the pieces to send, the port where it gets signs, and whether it breaks off behind the
last piece. It sends a piece, and waits for a sign, a byte, before the next one; what has no data, such as a retry alone, it
does not wait for. The client gives the sign when the piece has come: so a piece that is held up on the way, until the next
one or for long, is found without any time being measured.
"""

import concurrent.futures
import contextlib
import http.client
import json
import socket
import zlib

# Nothing takes so long unless it is held up.
PATIENCE = 10

EVENTS = [
    {"retry": 3000},
    {"event": "token", "id": "1", "data": "hello"},
    {"data": "two\nlines, and é 😀"},
    {"id": "2", "data": "x" * 100_000},
    {"id": "3"},
    {"event": "done", "data": '{"step": 1}'},
]
TEXT = ["hello ", "wörld 😀\n", "y" * 100_000, "\nthe end"]

DONE = {"event": "done", "data": "{}"}
FAILED = {
    "event": "error", "data": '{"code":"workflow_unavailable","error":"The workflow is not available."}',
}


class Difference(Exception):
    """What came is not what had to come."""


class Way:
    """How a client reaches the functions: by which port, what a path begins with, and its version of HTTP."""

    def __init__(self, title, port_of, prefix="/{}", version=11):
        self.title, self.port_of, self.prefix, self.version = title, port_of, prefix, version


class Answer:
    """An answer of the stream function, as it comes."""

    def __init__(self, way, name, workflow, token, variables, accept):
        self.connection = http.client.HTTPConnection("127.0.0.1", way.port_of(name), timeout=PATIENCE)
        self.connection._http_vsn, self.connection._http_vsn_str = way.version, f"HTTP/1.{way.version - 10}"
        path = f"{way.prefix.format(name)}/api/v1/run/{workflow}/stream?token={token}"
        headers = {"Accept": accept, "Content-Type": "application/json", "Accept-Encoding": "gzip"}
        self.connection.request("POST", path, json.dumps(variables), headers)
        self.response = self.connection.getresponse()
        is_compressed = self.response.getheader("content-encoding") == "gzip"
        self.decompressor = zlib.decompressobj(31) if is_compressed else None
        # At its end, whether that is the content's.
        self.is_whole = None
        if self.response.status != 200:
            raise Difference(f"{self.response.status} {self.response.read().decode()}")
        if not self.response.getheader("content-type").startswith(accept):
            raise Difference(f"the content's type is {self.response.getheader('content-type')}")

    def read(self):
        """What comes next; nothing at the end."""
        while True:
            try:
                piece = self.response.read1(65536)
            except TimeoutError:
                raise Difference("nothing comes, though all waits for it") from None
            except (http.client.HTTPException, OSError):
                self.is_whole = False
                return b""
            if not piece:
                self.is_whole = self.decompressor is None or self.decompressor.eof
                return b""
            # Compressed bytes may hold none of the content.
            if content := self.decompressor.decompress(piece) if self.decompressor else piece:
                return content


def blocks(text):
    """The blocks of an event stream that are whole, by their fields; comments are left out."""
    found = []
    for block in text.split("\n\n")[:-1]:
        fields = {}
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            if name == "data" and "data" in fields:
                value = f"{fields['data']}\n{value}"
            if name:
                fields[name] = value
        if fields:
            found.append(fields)
    return found


def passed_on(event):
    """A workflow's event as the stream function has it."""
    fields = {name: str(value) for name, value in event.items()}
    if fields.get("event") in ("done", "error"):
        fields["event"] = f"workflow_{fields['event']}"
    return fields


class Stream:
    """A stream of events or text that a client gets as events or text, and that breaks off or does not."""

    def __init__(self, has_events, wants_events, breaks):
        self.pieces = EVENTS if has_events else TEXT
        self.has_events, self.wants_events, self.breaks = has_events, wants_events, breaks
        self.workflow = "events" if has_events else "text"
        self.accept = "text/event-stream" if wants_events else "text/plain"

    def __str__(self):
        return f"{self.workflow} as {self.accept}" + (", broken off" if self.breaks else "")

    def expected(self, count):
        """What the client has got once the first pieces have come."""
        pieces = self.pieces[:count]
        if self.has_events and self.wants_events:
            return [passed_on(each) for each in pieces]
        return "".join(each.get("data", "") if self.has_events else each for each in pieces)

    def got(self, content):
        """The same of what has come, and the events that end the stream."""
        text = content.decode(errors="ignore")
        if not self.wants_events:
            return text, []
        all_blocks = blocks(text)
        ends = [each for each in all_blocks if each.get("event") in ("done", "error")]
        rest = [each for each in all_blocks if each not in ends]
        return rest if self.has_events else "".join(each["data"] for each in rest), ends

    def check(self, way, name, token):
        with socket.create_server(("127.0.0.1", 0)) as signs, concurrent.futures.ThreadPoolExecutor(1) as thread:
            signs.settimeout(PATIENCE)
            variables = {"signs": signs.getsockname()[1], "breaks": self.breaks, "pieces": self.pieces}
            workflow = thread.submit(signs.accept)
            answer = Answer(way, name, self.workflow, token, variables, self.accept)
            with contextlib.closing(answer.connection), workflow.result()[0] as workflow:
                content = b""
                for count, piece in enumerate(self.pieces, 1):
                    if not self.has_events or "data" in piece:
                        content += self.receive_piece(answer, content, count)
                        workflow.sendall(b".")
                while more := answer.read():
                    content += more
        self.check_end(answer, content)

    def receive_piece(self, answer, before, count):
        """What comes up to the end of that piece, which must not wait for the next one."""
        content = b""
        expected = self.expected(count)
        while True:
            got, ends = self.got(before + content)
            if ends or len(got) > len(expected):
                raise Difference(f"before piece {count} came {str(ends or got)[-200:]}")
            if got == expected:
                return content
            try:
                more = answer.read()
            except Difference:
                raise Difference(f"piece {count} is held up, or another: {str(got)[-200:]}") from None
            if not more:
                raise Difference(f"the stream ended before piece {count}: {str(got)[-200:]}")
            content += more

    def check_end(self, answer, content):
        got, ends = self.got(content)
        if got != self.expected(len(self.pieces)):
            raise Difference(f"behind the last piece came {str(got)[-200:]}")
        if self.wants_events and ends != [FAILED if self.breaks else DONE]:
            raise Difference(f"the stream ends with {ends}")
        # An event tells of the end; text can only break off.
        if answer.is_whole != (self.wants_events or not self.breaks):
            raise Difference("it looks complete" if answer.is_whole else "it looks broken off")


def check_killed(way, name, token, kill):
    """A function that is killed while it streams text: what has come must not look complete."""
    with socket.create_server(("127.0.0.1", 0)) as signs:
        variables = {"signs": signs.getsockname()[1], "breaks": False, "pieces": TEXT}
        answer = Answer(way, name, "text", token, variables, "text/plain")
        with contextlib.closing(answer.connection):
            if not answer.read():
                raise Difference("nothing came")
            kill()
            while answer.read():
                pass
    if answer.is_whole:
        raise Difference("it looks complete")
