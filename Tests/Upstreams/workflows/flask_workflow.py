"""A workflow with Flask, for gunicorn."""

import socket

from flask import Flask, Response, request

from text import event_text

app = Flask(__name__)


def stream(variables, encode):
    with socket.create_connection(("127.0.0.1", variables["signs"])) as signs:
        for piece in variables["pieces"]:
            yield encode(piece)
            if (isinstance(piece, str) or "data" in piece) and not signs.recv(1):
                return
    if variables["breaks"]:
        raise RuntimeError("breaks off, as it is told")


@app.post("/workflows/events")
def events():
    return Response(stream(request.get_json(), event_text), mimetype="text/event-stream")


@app.post("/workflows/text")
def text():
    return Response(stream(request.get_json(), str), mimetype="text/plain")
