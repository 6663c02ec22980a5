"""A page in Chromium opens a WebSocket through a proxy with the token in the subprotocol, and reads why it is refused."""

import json

from chromium import Chromium, Tab
from processes import another_origin

from lab import EXAMPLE_LIST, Received, expect

TALK = """
(url, protocols) => new Promise((resolve) => {
  const socket = new WebSocket(url, protocols);
  const told = {messages: []};
  socket.onopen = () => {
    told.protocol = socket.protocol;
    socket.send("hello");
  };
  socket.onmessage = (event) => {
    if (told.messages.push(event.data) === 2) socket.close(1000);
  };
  socket.onclose = (event) => resolve({...told, code: event.code});
})
"""
# What a page does to learn why a WebSocket did not open. The query needs no preflight, which a server of WebSockets may
# not answer.
ASK = """
async (url, token) => {
  const response = await fetch(`${url}?token=${token}`);
  return {status: response.status, body: await response.json()};
}
"""

def call(function, *arguments):
    return f"({function})({', '.join(json.dumps(each) for each in arguments)})"


def check_page(lab):
    for name in ("Caddy", "nginx"):
        example = next(each for each in EXAMPLE_LIST if each.name == name)
        _, admit = lab.start_admit(example.settings)
        sockets = example.start(lab, lab.start_backend("websockets"), admit)
        with another_origin() as pages, Chromium() as browser:
            tab = Tab(browser)
            tab.open(f"http://localhost:{pages}/")
            token = lab.mint()
            url, protocols = f"ws://127.0.0.1:{sockets}/streams/chat", ["chat", f"stream-token.{token}"]
            told = tab.run(call(TALK, url, protocols))
            expect((told["protocol"], told["code"], told["messages"][1]), ("chat", 1000, "echo hello"), f"{name}: WebSocket")
            received = Received(json.loads(told["messages"][0]))
            received.check_without(token)
            received.check_claims(token_id_of=token)
            told = tab.run(call(TALK, url, protocols))
            expect(told, {"messages": [], "code": 1006}, f"{name}: the second WebSocket")
            told = tab.run(call(ASK, url.replace("ws:", "http:"), token))
            expect((told["status"], told["body"]["code"]), (401, "invalid_token"), f"{name}: why")
