"""The code for pages in functions/README.md, run as it stands in a page of another origin."""

import json
import os
import re

from checks import ROOT, expect
from processes import serve

# Where the document's code finds the functions, and the back end that mints.
ADDRESS, MINTING = "https://api.example", '"/chat/token"'


def functions():
    """The document's functions, by the heading that they are under."""
    with open(os.path.join(ROOT, "functions/README.md"), encoding="utf-8") as file:
        text = file.read()
    found = dict(re.findall(r"^### With (\w+)\n.*?^```js\n(.*?)^```", text, re.S | re.M))
    assert found.keys() == {"EventSource", "fetch"}, f"code for pages: {', '.join(found)}"
    return found


def stream(tab, code, server, workflow, token=None, **variables):
    """Runs the code with a token: the text that came, and the error's text if it failed."""
    assert ADDRESS in code and MINTING in code, "the code asks other addresses"
    minted = json.dumps({"token": token or server.mint()})
    return tab.run(f"""(async () => {{
        const wire = window.fetch;
        const fetch = (url, options) =>
            url === {MINTING} ? Promise.resolve(new Response({json.dumps(minted)})) : wire(url, options);
        {code.replace(ADDRESS, server.url)}
        let text = '', error = null;
        try {{
            await stream({json.dumps(workflow)}, {json.dumps(variables)}, (piece) => text += piece);
        }} catch (thrown) {{
            error = thrown.error ?? thrown.message;
        }}
        return {{ text, error }};
    }})()""")


def documented_checks(checks, tab, binary, folder, port):
    with serve(binary, folder, "documented", STREAM_MAX_SECONDS="2") as server:
        tab.open(f"http://127.0.0.1:{port}")
        for way, code in functions().items():
            with checks.check(f"the document's code with {way} streams to the end"):
                expect(stream(tab, code, server, "echo", text="word by word"), {"text": "word by word", "error": None})
            with checks.check(f"the document's code with {way} fails for a token that is used"):
                token = server.mint()
                stream(tab, code, server, "echo", token, text="once")
                again = stream(tab, code, server, "echo", token, text="twice")
                assert again["text"] == "" and again["error"], again
            with checks.check(f"the document's code with {way} notices that a stream breaks off"):
                cut = stream(tab, code, server, "count", to=1000, interval_ms=100)
                assert cut["text"].startswith("1") and cut["error"], cut

