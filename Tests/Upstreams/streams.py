"""One stream, from a workflow through the function and a proxy to a client, and what the client has to get.

A workflow learns from its variables the pieces to send, the port for signals, and whether to break off after the last
piece. After each piece it waits for a signal, a byte, unless the piece has no data, such as a retry. The client sends
the signal when the piece has arrived. So a piece that is held back until the next one makes the stream hang, and the
test needs no measurement of time.
"""

import concurrent.futures
import contextlib
import http.client
import json
import socket
import zlib

# Only a piece that is held back takes so long.
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

# The first block, unless the workflow says itself how soon to reconnect; and how the id of the last event ends.
OPENING = {"retry": "1000"}
END = ";end"
DONE = {"event": "done", "data": "{}"}
FAILED = {
    "event": "error", "data": '{"code":"workflow_unavailable","error":"The workflow is not available."}',
}


class Difference(Exception):
    """The client got something unexpected."""


class Way:
    """How a client reaches the functions: the port, the beginning of a path, and the version of HTTP."""

    def __init__(self, title, port_of, prefix="/{}", version=11):
        self.title, self.port_of, self.prefix, self.version = title, port_of, prefix, version


class StreamResponse:
    """A response of the stream function, while it arrives."""

    def __init__(self, way, name, workflow, token, variables, accept, patience=PATIENCE):
        self.connection = http.client.HTTPConnection("127.0.0.1", way.port_of(name), timeout=patience)
        self.connection._http_vsn, self.connection._http_vsn_str = way.version, f"HTTP/1.{way.version - 10}"
        path = f"{way.prefix.format(name)}/api/v1/run/{workflow}/stream?token={token}"
        headers = {"Accept": accept, "Content-Type": "application/json", "Accept-Encoding": "gzip"}
        self.connection.request("POST", path, json.dumps(variables), headers)
        self.response = self.connection.getresponse()
        is_compressed = self.response.getheader("content-encoding") == "gzip"
        self.decompressor = zlib.decompressobj(31) if is_compressed else None
        # At the end of the connection: whether the content was complete.
        self.is_whole = None
        if self.response.status != 200:
            raise Difference(f"{self.response.status} {self.response.read().decode()}")
        if not self.response.getheader("content-type").startswith(accept):
            raise Difference(f"the content's type is {self.response.getheader('content-type')}")

    def read(self):
        """The next bytes; none at the end."""
        while True:
            try:
                piece = self.response.read1(65536)
            except TimeoutError:
                raise Difference("nothing arrives, although all pieces so far were sent") from None
            except (http.client.HTTPException, OSError):
                self.is_whole = False
                return b""
            if not piece:
                self.is_whole = self.decompressor is None or self.decompressor.eof
                return b""
            # Compressed bytes may decode to nothing yet.
            if content := self.decompressor.decompress(piece) if self.decompressor else piece:
                return content


def blocks(text):
    """The fields of each complete event of an event stream, without comments."""
    found = []
    for block in text.split("\n\n")[:-1]:
        fields = {}
        for line in block.split("\n"):
            if line.startswith(":"):
                continue
            name, _, value = line.partition(": ")
            if name == "data" and "data" in fields:
                value = f"{fields['data']}\n{value}"
            if name:
                fields[name] = value
        if fields:
            found.append(fields)
    return found


def passed_on(event):
    """A workflow's event as the stream function passes it on."""
    fields = {name: str(value) for name, value in event.items()}
    if fields.get("event") in ("done", "error"):
        fields["event"] = f"workflow_{fields['event']}"
    return fields


class Stream:
    """A stream of events or text from a workflow, which a client reads as events or text; it may break off."""

    def __init__(self, has_events, wants_events, breaks):
        self.pieces = EVENTS if has_events else TEXT
        self.has_events, self.wants_events, self.breaks = has_events, wants_events, breaks
        self.workflow = "events" if has_events else "text"
        self.accept = "text/event-stream" if wants_events else "text/plain"

    def __str__(self):
        return f"{self.workflow} as {self.accept}" + (", broken off" if self.breaks else "")

    def expected(self, count):
        """What the client has after the first pieces."""
        pieces = self.pieces[:count]
        if self.has_events and self.wants_events:
            return [passed_on(each) for each in pieces]
        return "".join(each.get("data", "") if self.has_events else each for each in pieces)

    def got(self, content):
        """The content that has arrived, in the form of `expected`, and the events that end the stream."""
        text = content.decode(errors="ignore")
        if not self.wants_events:
            return text, []
        all_blocks = blocks(text)
        if all_blocks[:1] == [OPENING]:
            del all_blocks[0]
        ends = [each for each in all_blocks if each.get("event") in ("done", "error")]
        rest = [each for each in all_blocks if each not in ends]
        return rest if self.has_events else "".join(each["data"] for each in rest), ends

    def check(self, way, name, token):
        with socket.create_server(("127.0.0.1", 0)) as signs, concurrent.futures.ThreadPoolExecutor(1) as thread:
            signs.settimeout(PATIENCE)
            variables = {"signs": signs.getsockname()[1], "breaks": self.breaks, "pieces": self.pieces}
            workflow = thread.submit(signs.accept)
            response = StreamResponse(way, name, self.workflow, token, variables, self.accept)
            with contextlib.closing(response.connection), workflow.result()[0] as workflow:
                content = b""
                for count, piece in enumerate(self.pieces, 1):
                    if not self.has_events or "data" in piece:
                        content += self.receive_piece(response, content, count)
                        workflow.sendall(b".")
                while more := response.read():
                    content += more
        self.check_end(response, content)

    def receive_piece(self, response, before, count):
        """Reads up to the end of a piece, which must not wait for the next one."""
        content = b""
        expected = self.expected(count)
        while True:
            got, ends = self.got(before + content)
            if ends or len(got) > len(expected):
                raise Difference(f"before piece {count} arrived {str(ends or got)[-200:]}")
            if got == expected:
                return content
            try:
                more = response.read()
            except Difference:
                raise Difference(f"piece {count} is held back or wrong: {str(got)[-200:]}") from None
            if not more:
                raise Difference(f"the stream ended before piece {count}: {str(got)[-200:]}")
            content += more

    def check_end(self, response, content):
        got, ends = self.got(content)
        if got != self.expected(len(self.pieces)):
            raise Difference(f"after the last piece arrived {str(got)[-200:]}")
        ids = [each.pop("id", "") for each in ends]
        if self.wants_events and (ends != [FAILED if self.breaks else DONE] or not ids[0].endswith(END)):
            raise Difference(f"the stream ends with {ends}, {ids}")
        # Events have an event for the end; text can only break off.
        if response.is_whole != (self.wants_events or not self.breaks):
            raise Difference("it looks complete" if response.is_whole else "it looks broken off")


def check_killed(way, name, token, kill):
    """Kills a function while it streams text: what has arrived must not look complete."""
    with socket.create_server(("127.0.0.1", 0)) as signs:
        variables = {"signs": signs.getsockname()[1], "breaks": False, "pieces": TEXT}
        response = StreamResponse(way, name, "text", token, variables, "text/plain")
        with contextlib.closing(response.connection):
            if not response.read():
                raise Difference("nothing came")
            kill()
            while response.read():
                pass
    if response.is_whole:
        raise Difference("it looks complete")
