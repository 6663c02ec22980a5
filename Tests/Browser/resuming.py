"""Streams that are resumed: the line is cut, the page is loaded again, the reader stops it."""

import contextlib
import json
import os
import re
import socket
import threading
import time

from checks import ROOT, expect
from processes import read, serve, wait_for

# Longer than Chromium waits before it opens an EventSource again.
RECONNECT = 5


class CuttingProxy:
    """Passes connections on to a port of this machine, and cuts each one after `lifetime` seconds."""

    def __init__(self, target, lifetime):
        self.target, self.lifetime = target, lifetime
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()
                timer = threading.Timer(self.lifetime, self.cut, (client, server))
                timer.daemon = True
                timer.start()

    def pass_on(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def cut(self, *sockets):
        self.cuts += 1
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def call(function, *arguments):
    return f"{function}({', '.join(json.dumps(each) for each in arguments)})"


def documented_code():
    """The code of functions/README.md for a page that is loaded again."""
    with open(os.path.join(ROOT, "functions/README.md"), encoding="utf-8") as file:
        return re.search(r"^## Resume a stream\n.*?^```js\n(.*?)^```", file.read(), re.S | re.M)[1]


def audited(server, event):
    """How many audit lines tell of such an event."""
    return sum(f'"event":"{event}"' in line for line in read(server.log).splitlines())


def resume_checks(checks, tab, binary, folder, port):
    page = f"http://127.0.0.1:{port}"
    with serve(binary, folder, "resuming", STREAM_RESUME_SECONDS="60") as server:
        own = int(server.url.rpartition(":")[2])

        with checks.check("plain EventSource goes on where its line was cut, and ends for good at done"):
            tab.open(page)
            before, audits = len(server.requests()), [audited(server, each) for each in ("redemption", "resumption")]
            with CuttingProxy(own, lifetime=0.8) as proxy:
                url = server.stream(server.mint(), to=60, interval_ms=50).replace(f":{own}/", f":{proxy.port}/")
                told = tab.run(call("listen", url, False))
                # Only time shows that no request follows.
                time.sleep(RECONNECT)
                assert proxy.cuts >= 2, f"{proxy.cuts} cuts"
            expect([each["data"] for each in told if each["type"] == "message"], [f"{n}\n" for n in range(1, 61)])
            expect([each["data"] for each in told if each["type"] == "done"], ["{}"])
            expect((told[-1]["type"], told[-1]["state"]), ("error", 2))
            requests = server.requests()[before:]
            expect(requests[-1], ("GET", 204))
            expect(set(requests[:-1]), {("GET", 200)})
            assert len(requests) >= 4, requests
            expect(audited(server, "redemption") - audits[0], 1, "streams that were opened")
            expect(audited(server, "resumption") - audits[1], len(requests) - 2, "streams that were resumed")

        with checks.check("a page that is loaded again shows the whole stream once more, by the document's code"):
            url = server.stream(server.mint(), to=40, interval_ms=50)
            tab.open(page)
            tab.run(documented_code())
            tab.run(f"window.text = ''; follow({json.dumps(url)}, (text) => window.text += text, () => {{}})")
            tab.wait_for("window.text.includes('7\\n')")
            tab.open(page)
            tab.run(documented_code())
            shown = tab.run("""(async () => {
                let [text, end] = ['', null];
                await resume((piece) => text += piece, (type) => end = type);
                return { text, end };
            })()""")
            expect(shown, {"text": "".join(f"{n}\n" for n in range(1, 41)), "end": "done"})

        with checks.check("or goes on without what it has, by the id of the last event"):
            url = server.stream(server.mint(), to=30, interval_ms=50)
            tab.open(page)
            tab.run(documented_code())
            tab.run(f"window.text = ''; follow({json.dumps(url)}, (text) => window.text += text, () => {{}})")
            tab.wait_for("window.text.includes('7\\n')")
            saved = tab.run("JSON.parse(sessionStorage.getItem('stream'))")
            number = int(re.search(r";(\d+)\.", saved["id"])[1])
            tab.open(page)
            options = {"headers": {"Accept": "text/event-stream", "Last-Event-ID": saved["id"]}}
            response = tab.run(call("read", url, options))
            expect(response["status"], 200)
            expect(re.findall(r"^data: (\d+)$", response["text"], re.M), [str(n) for n in range(number + 1, 31)])
            assert response["text"].endswith("event: done\ndata: {}\n\n"), response["text"][-100:]

        with checks.check("a page stops its stream by DELETE, and gets an error that says so"):
            url = server.stream(server.mint(), to=10000, interval_ms=50)
            tab.open(page)
            tab.run(documented_code())
            tab.run("window.text = ''; window.end = null")
            tab.run(f"follow({json.dumps(url)}, (text) => window.text += text, (type) => window.end = type)")
            tab.wait_for("window.text.includes('7\\n')")
            last = tab.run("JSON.parse(sessionStorage.getItem('stream')).id")
            response = tab.run(call("read", url, {"method": "DELETE", "headers": {"Last-Event-ID": last}}))
            expect(response["status"], 204)
            tab.wait_for("window.end === 'error'")
            # Behind the end that is recorded as well.
            response = tab.run(call("read", url, {"method": "DELETE", "headers": {"Last-Event-ID": last}}))
            expect(response["status"], 204)


def page_resume_checks(checks, tab, server, fill, choose, mint):
    """The button of the local runtime's page."""
    kinds = "[...document.querySelectorAll('#arrived li')].map((row) => row.children[1].textContent)"
    state = "document.querySelector('#state').textContent"
    visible = "!document.querySelector('#cut').hidden"

    with checks.check("the page cuts the line of its stream, which goes on behind the last id"):
        tab.open(server.url)
        mint(tab)
        choose(tab, "workflow", "count")
        fill(tab, "to", "40")
        fill(tab, "interval", "50")
        choose(tab, "way", "events")
        tab.run("document.querySelector('#open-button').click()")
        for count in (1, 2):
            tab.wait_for(f"{visible} && {kinds}.filter((kind) => kind.startsWith('message')).length > {count * 5}")
            tab.run("document.querySelector('#cut').click()")
            tab.wait_for(f"{kinds}.filter((kind) => kind === 'cut').length === {count}")
        tab.wait_for(f"{state}.startsWith('ended')")
        shown = [re.search(r";(\d+)\.", kind)[1] for kind in tab.run(kinds) if kind.startswith("message")]
        expect(shown, [str(number) for number in range(1, 41)])
        expect(tab.run(visible), False)

    with checks.check("the page stops a stream that can be resumed by DELETE"):
        mint(tab)
        fill(tab, "to", "10000")
        tab.run("document.querySelector('#open-button').click()")
        tab.wait_for(visible)
        tab.run("document.querySelector('#open-button').click()")
        tab.wait_for(f"{state}.startsWith('ended')")
        expect(tab.run(kinds)[-2], "error")
