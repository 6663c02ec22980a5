#!/usr/bin/env python3
"""Streams in a real browser: from a page of another origin, and from the page of local-runtime serve.

usage: script/browser [--screenshot FILE] [--local-runtime FILE]

  --screenshot FILE     saves a picture of that page, 1200 pixels wide
  --local-runtime FILE  tests this binary; without it .build/functions/local-runtime

Prints a line for each check. Exit codes: 0 all passed, 1 wrong command line, 3 could not run, 4 something failed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

from checks import ROOT, expect, main
from chromium import Chromium, Failure, Tab
from documented import documented_checks
from policies import page_policy_checks, policy_checks
from processes import another_origin, redis, serve, wait_for, workflow_server
from resuming import page_resume_checks, resume_checks

# Longer than Chromium waits before it opens an EventSource again (HTML standard: a few seconds).
RECONNECT = 5


def call(function, *arguments):
    return f"{function}({', '.join(json.dumps(each) for each in arguments)})"


def post(body, **headers):
    return {"method": "POST", "headers": headers, "body": body if isinstance(body, str) else json.dumps(body)}


def new_requests(server, before, count):
    """The requests to the stream function since then, as soon as there are so many."""
    return wait_for(
        lambda: found if len(found := server.requests()[before:]) >= count else None, f"{count} requests in the log"
    )


def fetch_checks(checks, tab, server):
    with checks.check("fetch gets the chunks as they come"):
        url = server.stream(server.mint())
        response = tab.run(call("read", url, post({"to": 6, "interval_ms": 150})))
        expect(response["status"], 200)
        expect(response["headers"]["content-type"], "text/plain; charset=utf-8")
        expect(response["text"], "1\n2\n3\n4\n5\n6\n")
        reads = response["reads"]
        assert len(reads) >= 4, f"{len(reads)} reads"
        assert reads[-1]["time"] - reads[0]["time"] >= 400, f"all at once: {reads}"

    with checks.check("fetch gets server-sent events where it asks for them"):
        url = server.stream(server.mint(), "echo")
        response = tab.run(call("read", url, post({"text": "hello there world"}, accept="text/event-stream")))
        expect(response["headers"]["content-type"].split(";")[0], "text/event-stream")
        assert response["text"].endswith("event: done\nid: 3;end\ndata: {}\n\n"), response["text"]

    with checks.check("a preflight lets authorization and content-type through"):
        before = len(server.requests())
        headers = {"authorization": f"Bearer {server.mint()}", "content-type": "application/json"}
        url = server.stream("", "echo").split("?")[0]
        response = tab.run(call("read", url, post({"text": "by header"}, **headers)))
        expect((response["status"], response["text"]), (200, "by header"))
        expect(sorted(new_requests(server, before, 2)), [("OPTIONS", 204), ("POST", 200)])

    with checks.check("a page can read why it is refused"):
        token = server.mint()
        tab.run(call("read", server.stream(token), post({"to": 1})))
        response = tab.run(call("read", server.stream(token), post({"to": 1})))
        expect((response["status"], json.loads(response["text"])["code"]), (401, "invalid_token"))
        assert response["headers"]["x-request-id"], "no x-request-id"


def source_checks(checks, tab, server):
    with checks.check("EventSource gets the events in order, and done"):
        told = tab.run(call("listen", server.stream(server.mint(), to=5, interval_ms=40)))
        expect([each["type"] for each in told], ["open"] + ["message"] * 5 + ["done"])
        expect([each["data"] for each in told[1:6]], [f"{number}\n" for number in range(1, 6)])
        expect([each["id"] for each in told[1:6]], ["1", "2", "3", "4", "5"])

    with checks.check("a used token closes EventSource for good"):
        before = len(server.requests())
        token = server.mint()
        tab.run(call("read", server.stream(token), post({"to": 1})))
        told = tab.run(call("listen", server.stream(token)))
        expect([(each["type"], each["state"]) for each in told], [("error", 2)])
        # Only time shows that no request follows.
        time.sleep(RECONNECT)
        expect(server.requests()[before:], [("POST", 200), ("GET", 401)])

    with checks.check("EventSource that is not closed on done connects once more, gets 204, and stops"):
        before = len(server.requests())
        told = tab.run(call("listen", server.stream(server.mint(), to=2, interval_ms=1), False))
        expect(
            [(each["type"], each["state"]) for each in told],
            [("open", 1), ("message", 1), ("message", 1), ("done", 1), ("error", 0), ("error", 2)],
        )
        time.sleep(RECONNECT)
        expect(server.requests()[before:], [("GET", 200), ("GET", 204)])


def end_checks(checks, tab, binary, folder, port):
    """Plain EventSource, which closes nothing, with a workflow that asks for reconnects after 300 ms."""
    with workflow_server() as workflows:
        for opens in ("at_first_byte", "at_once"):
            settings = {"STREAM_OPENS": opens, "WORKFLOW_URL": f"http://127.0.0.1:{workflows}"}
            with serve(binary, folder, f"ends-{opens}", **settings) as server:
                tab.open(f"http://127.0.0.1:{port}")
                for workflow, end in (("ends", "done"), ("breaks", "error")):
                    with checks.check(f"after {end}, EventSource connects once more at most, and stops ({opens})"):
                        expect(ending(tab, server, workflow), ([("GET", 200), ("GET", 204)], end))
                with checks.check(f"a workflow that fails before its first output costs no token ({opens})"):
                    token = server.mint()
                    told = tab.run(call("listen", server.stream(token, "fails"), False))
                    expect(told[-1]["state"], 2)
                    data = [json.loads(each["data"]) for each in told if each.get("data")]
                    expect([each.get("status") for each in data], [502] if opens == "at_once" else [])
                    time.sleep(RECONNECT)
                    response = tab.run(call("read", server.stream(token, "ends"), post("")))
                    expect((response["status"], response["text"]), (200, "hello"))


def ending(tab, server, workflow):
    """The requests of a plain EventSource until it is closed for good, and the type of the last event with data."""
    before = len(server.requests())
    told = tab.run(call("listen", server.stream(server.mint(), workflow), False))
    # Only time shows that no request follows.
    time.sleep(RECONNECT)
    return server.requests()[before:], [each["type"] for each in told if each.get("data")][-1]


def origin_checks(checks, tab, binary, folder, port):
    allowed, refused = f"http://localhost:{port}", f"http://127.0.0.1:{port}"
    with serve(binary, folder, "origins", ALLOWED_ORIGINS=allowed) as server:
        token = server.mint()
        with checks.check("a page of an origin that is not allowed is refused, and cannot read the response"):
            tab.open(refused)
            failure = tab.run(call("read", server.stream(token), post("")) + ".catch((error) => error.name)")
            expect(failure, "TypeError")
            expect(new_requests(server, 0, 1), [("POST", 403)])
            told = tab.run(call("listen", server.stream(token)))
            expect([(each["type"], each["state"]) for each in told], [("error", 2)])
            expect(new_requests(server, 1, 1), [("GET", 403)])
        with checks.check("its preflight allows nothing"):
            options = post({"to": 1}, **{"content-type": "application/json"})
            failure = tab.run(call("read", server.stream(token), options) + ".catch((error) => error.name)")
            expect(failure, "TypeError")
            expect([method for method, _ in new_requests(server, 2, 1)], ["OPTIONS"])
        with checks.check("the token it used opens the stream from the allowed origin"):
            tab.open(allowed)
            response = tab.run(call("read", server.stream(token), post({"to": 3, "interval_ms": 0})))
            expect((response["status"], response["text"]), (200, "1\n2\n3\n"))


def redis_checks(checks, tab, binary, folder, port):
    with redis(folder) as (store, url):
        made = subprocess.run(
            [binary, "keys", "create", "--org", "browser", "--redis", url], capture_output=True, text=True, check=True
        )
        with serve(binary, folder, "with-redis", "--redis", url, key=made.stdout.strip()) as server:
            token = server.mint()
            with checks.check("without a demo organization the page says what to do, and takes a pasted token"):
                tab.open(server.url)
                tab.wait_for("!document.querySelector('#notice').hidden")
                assert "paste a token" in tab.run("document.querySelector('#notice').textContent")
                expect(tab.run("document.querySelector('#mint button').disabled"), True)
                tab.run(f"""{{
                    const field = document.querySelector('#token');
                    field.value = {json.dumps(server.mint())};
                    field.dispatchEvent(new Event('input', {{ bubbles: true }}));
                    document.querySelector('#open-button').click();
                }}""")
                tab.wait_for("document.querySelector('#state').textContent.startsWith('ended')")
            with checks.check("a page can read when to try again"):
                tab.open(f"http://127.0.0.1:{port}")
                store.terminate()
                store.wait()
                response = tab.run(call("read", server.stream(token), post({"to": 1})))
                expect((response["status"], json.loads(response["text"])["code"]), (503, "store_unavailable"))
                expect(response["headers"]["retry-after"], "1")


STATE = "document.querySelector('#state').textContent"
ROWS = "[...document.querySelectorAll('#arrived li')].map((row) => [...row.children].map((each) => each.textContent))"


def rows_since(tab, count):
    """Kind and text of the rows that arrived on the page, from a row on."""
    return [(kind, text) for _, kind, text in tab.run(ROWS)[count:]]


def choose(tab, name, value):
    tab.run(f"document.querySelector('input[name={name}][value={value}]').click()")


def fill(tab, field, value):
    tab.run(f"""{{
        const field = document.querySelector('#{field}');
        field.value = {json.dumps(value)};
        field.dispatchEvent(new Event('input', {{ bubbles: true }}));
    }}""")


def mint(tab):
    tab.run("document.querySelector('#mint button').click()")
    tab.wait_for("document.querySelector('#life-text').textContent.endsWith('s left')")


def open_stream(tab, end):
    """Presses the button, waits for the end, and returns the rows that arrived."""
    before = len(tab.run(ROWS))
    tab.run("document.querySelector('#open-button').click()")
    # The state of the stream before may be the same.
    is_over = "!document.querySelector('#open-button').classList.contains('running')"
    tab.wait_for(f"{is_over} && {STATE}.startsWith({json.dumps(end)})")
    return rows_since(tab, before)


def page_checks(checks, tab, server):
    tab.shape(1200, 900)
    with checks.check("the page mints by keyboard, and the lifetime runs down"):
        tab.open(server.url)
        for _ in range(20):
            tab.press("Tab")
            if tab.run("document.activeElement.textContent") == "Mint a token":
                break
        tab.press("Enter")
        tab.wait_for("document.querySelector('#token').value.startsWith('pub_tok_')")
        left = "document.querySelector('#life').value"
        first = tab.wait_for(left)
        tab.wait_for(f"{left} < {first} - 0.5")

    with checks.check("the page streams with fetch, event by event"):
        choose(tab, "workflow", "count")
        fill(tab, "to", "5")
        choose(tab, "way", "events")
        rows = open_stream(tab, "ended")
        expect([kind for kind, _ in rows[1:-1]], ["200"] + [f"message {number}" for number in range(1, 6)] + ["done"])

    with checks.check("the page uses the token again, and shows that it is refused"):
        rows = open_stream(tab, "401")
        assert rows[-1][0] == "401" and '"code":"invalid_token"' in rows[-1][1], rows
        tab.wait_for("document.querySelector('#exchanges .target').textContent.endsWith(': used token')")

    with checks.check("the page streams with EventSource"):
        mint(tab)
        choose(tab, "way", "source")
        rows = open_stream(tab, "done")
        expect([kind for kind, _ in rows[1:-1]], ["open"] + [f"message {number}" for number in range(1, 6)])

    with checks.check("the page stops a stream"):
        mint(tab)
        choose(tab, "way", "text")
        fill(tab, "to", "1000")
        tab.run("document.querySelector('#open-button').click()")
        tab.wait_for(f"{STATE}.startsWith('open, ')")
        tab.run("document.querySelector('#open-button').click()")
        tab.wait_for(f"{STATE}.startsWith('stopped')")

    with checks.check("the page streams plain text, word by word"):
        mint(tab)
        choose(tab, "workflow", "echo")
        rows = open_stream(tab, "ended")
        expect("".join(text for kind, text in rows if kind.endswith("bytes")), "Here is a stream, one word at a time.")

    with checks.check("the page shows what went over the wire, without a secret"):
        tab.wait_for("![...document.querySelectorAll('.note')].some((each) => each.textContent === 'streaming')")
        shown = tab.run("[...document.querySelectorAll('#exchanges details')].map((each) => each.textContent)")
        expect(len(shown), 4 + 5, "mints and streams")
        assert "POST /api/v1/run/echo/stream?token=pub_tok_" in shown[0], shown[0]
        assert "Here is a stream, one word at a time." in shown[0], shown[0]
        assert "authorization: Bearer sk_" in shown[1] and "HTTP/1.1 200 OK" in shown[1], shown[1]
        token = tab.run("document.querySelector('#token').value")
        assert not any(secret in each for each in shown for secret in (server.key, token)), "a secret is shown"

    with checks.check("the page fits a narrow window"):
        tab.shape(340, 700)
        expect(tab.run("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
        tab.shape(1200, 900)

    with checks.check("the only error on the console is that a token was refused"):
        # The browser reports the refused stream as an error as well.
        expect([each for each in tab.errors() if "status of 401" not in each], [])
        expect(len([each for each in tab.errors() if "status of 401" in each]), 1)


BOARD = """[...document.querySelectorAll('#fixtures details')]
    .map((row) => [...row.firstChild.children].slice(0, 2).map((each) => each.textContent))"""


def fixture_checks(checks, tab, binary, folder):
    events = os.path.join(folder, "events")
    os.mkdir(events)
    for name, status in (("good", 404), ("bad", 200)):
        with open(os.path.join(events, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump({"path": "/nowhere"}, file)
        with open(os.path.join(events, f"{name}.expect.json"), "w", encoding="utf-8") as file:
            json.dump({"status": status, "headers": {"x": "<b>"}} if name == "bad" else {"status": status}, file)
    with serve(binary, folder, "fixtures", "--events", events) as server:
        with checks.check("the page runs a fixture, and shows its verdict"):
            tab.open(server.url)
            tab.wait_for("document.querySelectorAll('#fixtures details').length === 2")
            expect(tab.run(BOARD), [["not run", "bad"], ["not run", "good"]])
            tab.run("document.querySelector('[aria-label=\"Run good\"]').click()")
            tab.wait_for(f"{BOARD}[1][0] === 'passed'")
            expect(tab.run(BOARD)[0], ["not run", "bad"])

        with checks.check("the page runs all fixtures, and shows the differences as text"):
            tab.run("document.querySelector('#run-all').click()")
            tab.wait_for(f"{BOARD}[0][0] === 'failed'")
            tab.wait_for("document.querySelector('#fixtures-state').textContent.endsWith(': 1 failed, 1 passed')")
            text = tab.run("document.querySelector('#fixtures pre').textContent")
            assert "/status" in text and "actual    404" in text and "<b>" in text, text
            expect(tab.run("document.querySelectorAll('#fixtures pre b').length"), 0)
            expect(tab.run("document.querySelector('#fixtures details').open"), False, "a row that was not opened")
            tab.shape(340, 700)
            expect(tab.run("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
            expect(tab.errors(), [])


def access_checks(checks, tab, server, port):
    with checks.check("a request for another host name, as after DNS rebinding, gets no page"):
        tab.open(server.url.replace("127.0.0.1", "rebound.example") + "/")
        assert "host_not_allowed" in tab.run("document.body.textContent"), tab.run("document.body.textContent")

    with checks.check("a page of another site cannot mint with the demo organization's key"):
        before = len(server.requests("/mint"))
        tab.open(f"http://127.0.0.1:{port}")
        tab.run(f"fetch('{server.url}/mint', {{ method: 'POST', mode: 'no-cors' }}).then(() => true)")
        wait_for(lambda: len(server.requests("/mint")) > before, "the request in the log")
        expect(server.requests("/mint")[before:], [("POST", 403)])


def take_screenshot(tab, server, path):
    """The page after both steps and a second use of the token."""
    tab.shape(1200, 900)
    tab.open(server.url)
    mint(tab)
    fill(tab, "text", "hello there world")
    choose(tab, "way", "events")
    open_stream(tab, "ended")
    open_stream(tab, "401")
    tab.wait_for("document.querySelectorAll('#exchanges .note').length === 3")
    tab.run("""{
        document.activeElement.blur();
        document.querySelectorAll('#exchanges details')[1].open = true;
        document.querySelector('#log').style.maxHeight = 'none';
    }""")
    tab.shape(1200, tab.run("document.documentElement.scrollHeight"))
    tab.screenshot(path)


def run(checks, options):
    binary = os.path.abspath(options.local_runtime)
    with (
        tempfile.TemporaryDirectory(prefix="browser-test-") as folder,
        serve(binary, folder, "serve") as server,
        another_origin() as port,
        Chromium() as browser,
    ):
        other = Tab(browser)
        other.open(f"http://127.0.0.1:{port}")
        fetch_checks(checks, other, server)
        source_checks(checks, other, server)
        end_checks(checks, other, binary, folder, port)
        other.open(f"http://127.0.0.1:{port}")
        origin_checks(checks, other, binary, folder, port)
        policy_checks(checks, other, binary, folder, port)
        documented_checks(checks, other, binary, folder, port)
        resume_checks(checks, other, binary, folder, port)
        with serve(binary, folder, "page") as fresh:
            page_checks(checks, Tab(browser), fresh)
            access_checks(checks, Tab(browser), fresh, port)
        with serve(binary, folder, "page-policy") as fresh:
            page_policy_checks(checks, Tab(browser), fresh, fill, choose, mint, open_stream)
        with serve(binary, folder, "page-resume", STREAM_RESUME_SECONDS="60") as fresh:
            page_resume_checks(checks, Tab(browser), fresh, fill, choose, mint)
        fixture_checks(checks, Tab(browser), binary, folder)
        redis_checks(checks, Tab(browser), binary, folder, port)
        if options.screenshot:
            with serve(binary, folder, "screenshot") as fresh:
                take_screenshot(Tab(browser), fresh, options.screenshot)


if __name__ == "__main__":
    sys.exit(
        main(
            "script/browser", __doc__, run, (AssertionError, Failure, TimeoutError, OSError), unable=(Failure,),
            screenshot=None, local_runtime=f"{ROOT}/.build/functions/local-runtime",
        )
    )
