"""A page whose token has a policy tries to get anything else out of it."""

import json
import os
import re

from checks import expect
from processes import HERE, read, serve, wait_for

LOCKED = "only what the back end says"


def call(function, *arguments):
    return f"{function}({', '.join(json.dumps(each) for each in arguments)})"


def tools():
    """The functions of other.html, for pages of another server."""
    return re.search(r"<script>\n(.*?)</script>", read(os.path.join(HERE, "other.html")), re.S)[1]


def attempts(server, token):
    """Ways to misuse the token, each as the expression that tries it, and the code that refuses it. All of them go on
    to the function; some of their responses no page can read."""
    stream = server.stream
    post = lambda body, **headers: {"method": "POST", "headers": headers, "body": json.dumps(body)}
    bare = stream(token, "echo").split("?")[0]
    fetches = [
        (stream(token, "count"), post({"to": 1}), "workflow_not_allowed"),
        (stream(token, "echo"), post({"text": "what the page says"}), "variable_locked"),
        (stream(token, "echo"), post({"text": LOCKED}), "variable_locked"),
        (stream(token, "echo"), post({"text": None}), "variable_locked"),
        (stream(token, "echo"), {"method": "POST", "body": '{"\\u0074ext":"a"}'}, "variable_locked"),
        (stream(token, "echo"), post({"text": "a"}, **{"x-user": "mallory"}), "variable_locked"),
        (stream(token, "echo"), post({"other": 1}), "variable_not_allowed"),
        (bare, post({"text": "a"}, authorization=f"Bearer {token}"), "variable_locked"),
        (stream(token, "echo"), post({"text": "a"}, accept="text/event-stream"), "variable_locked"),
    ]
    sources = [
        stream(token, "count", to=1), stream(token, "echo", text=LOCKED), stream(token, "echo", other=1),
        stream(token, "echo", variables='{"text":"a"}'), stream(token, "echo").replace("/echo/", "/e%63ho/"),
    ]
    return fetches, sources


def policy_checks(checks, tab, binary, folder, port):
    allowed, other = f"http://localhost:{port}", f"http://127.0.0.1:{port}"
    with serve(binary, folder, "policies") as server:
        policy = {
            "ttl": 300, "workflows": ["echo"], "variables": {"text": LOCKED}, "allow": ["interval_ms"],
            "origins": [allowed], "user": "user-4711",
        }
        token = server.mint(policy=policy)

        with checks.check("a page of the right origin cannot choose another workflow or variable, by no way"):
            tab.open(allowed)
            fetches, sources = attempts(server, token)
            for url, options, code in fetches:
                response = tab.run(call("read", url, options))
                expect((response["status"], json.loads(response["text"])["code"]), (403, code))
                assert LOCKED not in response["text"], response["text"]
            for url in sources:
                told = tab.run(call("listen", url))
                expect([(each["type"], each["state"]) for each in told], [("error", 2)], url)

        with checks.check("a page of another origin cannot open it, by no way"):
            before = len(server.requests())
            tab.open(other)
            url = server.stream(token, "echo")
            refused = tab.run(call("read", url, {"method": "POST", "body": "{}"}))
            expect((refused["status"], json.loads(refused["text"])["code"]), (403, "origin_not_allowed"))
            told = tab.run(call("listen", url))
            expect([(each["type"], each["state"]) for each in told], [("error", 2)])
            for options in ({"mode": "no-cors"}, {"mode": "no-cors", "method": "POST", "body": "{}"},
                            {"referrerPolicy": "no-referrer", "method": "POST", "body": "{}"}):
                tab.run(f"fetch({json.dumps(url)}, {json.dumps(options)}).then(() => true)")
            tab.run(f"navigator.sendBeacon({json.dumps(url)}, '{{}}')")
            tab.run(f"""new Promise((resolve) => {{
                const image = new Image();
                image.onerror = () => resolve(true);
                image.src = {json.dumps(url)};
            }})""")
            # A sandboxed frame has the origin null.
            tab.run(f"""new Promise((resolve) => {{
                const frame = document.createElement('iframe');
                frame.sandbox = 'allow-scripts';
                frame.srcdoc = `<script>fetch({json.dumps(url)}, {{ method: 'POST', body: '{{}}' }})
                    .finally(() => parent.postMessage('done', '*'))</scr` + 'ipt>';
                window.addEventListener('message', () => resolve(true), {{ once: true }});
                document.body.append(frame);
            }})""")
            found = wait_for(
                lambda: all_ if len(all_ := server.requests()[before:]) >= 8 else None, "8 requests in the log"
            )
            assert {status for _, status in found} <= {403, 405}, found

        with checks.check("nor can a page of the functions' own origin, whose EventSource sends no Origin"):
            before = len(server.requests())
            tab.open(server.url)
            tab.run(tools())
            told = tab.run(call("listen", server.stream(token, "echo")))
            expect([(each["type"], each["state"]) for each in told], [("error", 2)])
            expect(wait_for(lambda: server.requests()[before:], "a request in the log"), [("GET", 403)])

        with checks.check("after all that the token is live: it opens what it is for, once"):
            tab.open(allowed)
            response = tab.run(call("read", server.stream(token, "echo"), {"method": "POST", "body": "{}"}))
            expect((response["status"], response["text"]), (200, LOCKED))
            response = tab.run(call("read", server.stream(token, "echo"), {"method": "POST", "body": "{}"}))
            expect(response["status"], 401)

        with checks.check("a page of the functions' own origin opens a token of that origin with EventSource"):
            token = server.mint(policy={**policy, "origins": [server.url]})
            tab.open(allowed)
            told = tab.run(call("listen", server.stream(token, "echo")))
            expect([(each["type"], each["state"]) for each in told], [("error", 2)])
            tab.open(server.url)
            tab.run(tools())
            told = tab.run(call("listen", server.stream(token, "echo", interval_ms=0)))
            expect([each["type"] for each in told], ["open"] + ["message"] * 6 + ["done"])
            expect("".join(each["data"] for each in told[1:-1]), LOCKED)

        with checks.check("no line of the log has what is locked, or the user"):
            log = read(server.log)
            assert LOCKED not in log and "mallory" not in log, "it is in the log"
            for line in log.splitlines():
                assert "user-4711" not in line or '"message":"audit"' in line, line


def page_policy_checks(checks, tab, server, fill, choose, mint, open_stream):
    """The form of the local runtime's page."""
    with checks.check("the page mints with a policy, and is refused what the policy does not allow"):
        tab.open(server.url)
        tab.run("document.querySelector('#policy').open = true")
        fill(tab, "policy-workflows", "count")
        fill(tab, "policy-variables", '{"to":2}')
        fill(tab, "policy-user", "user-4711")
        wire = tab.run("document.querySelector('#mint-wire').textContent")
        assert wire.startswith("POST /api/v1/token\n") and '"variables":{"to":2}' in wire, wire
        mint(tab)
        choose(tab, "way", "text")
        rows = open_stream(tab, "403")
        assert '"code":"workflow_not_allowed"' in rows[-1][1], rows
        choose(tab, "workflow", "other")
        fill(tab, "other", "count")
        fill(tab, "variables", '{"to":5}')
        rows = open_stream(tab, "403")
        assert '"code":"variable_locked"' in rows[-1][1], rows
        fill(tab, "variables", '{"interval_ms":0}')
        rows = open_stream(tab, "ended")
        expect("".join(text for kind, text in rows if kind.endswith("bytes")), "1\n2\n")
        tab.wait_for("document.querySelectorAll('#exchanges .note').length === 4")
        shown = tab.run("[...document.querySelectorAll('#exchanges details')].map((each) => each.textContent)")
        assert '"variables":{"to":0},"user":"user"' in shown[-1], shown[-1]

    with checks.check("the page says what is wrong with a policy"):
        fill(tab, "policy-workflows", "a.b")
        tab.run("document.querySelector('#mint button').click()")
        tab.wait_for("!document.querySelector('#notice').hidden")
        text = tab.run("document.querySelector('#notice').textContent")
        assert text.startswith("400: Invalid policy: workflows/0: "), text

    with checks.check("the form fits a narrow window"):
        tab.shape(340, 700)
        expect(tab.run("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
        tab.shape(1200, 900)
