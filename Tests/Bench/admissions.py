"""What the admit function adds to a request through nginx, by the example of functions/deploy/proxies."""

import os
import socket
import statistics
import time

from .processes import free_port, say, server
from .rig import FUNCTIONS, HERE, NGINX

ADMIT = os.path.abspath(f"{FUNCTIONS}/admit")
EXAMPLE = f"{HERE}/../../functions/deploy/proxies/nginx.conf"
# Requests a second.
PACE = 300


def measure(rig):
    if not os.path.exists(NGINX):
        say("  nginx is not installed: left out")
        return
    count = PACE * rig.options.seconds
    serving, backend = rig.noop()
    with serving:
        admitting, admit = rig.function(ADMIT, {"LOOPS": "1", "ADMIT_REFUSE_AS": "nginx", "LOG_LEVEL": "error"})
        with admitting:
            proxying, port = nginx(rig, backend, admit)
            with proxying:
                plain, guarded = rig.rounds(
                    lambda: paced(port, ["/plain"] * count),
                    lambda: paced(port, [f"/events?token={token}" for token in rig.mint(count)]),
                )
    for name, share, bound in (("median", 0.5, 0.5), ("99th percentile", 0.99, 2)):
        ours, theirs = (statistics.median(quantile(each, share) for each in way) for way in (guarded, plain))
        added = (ours - theirs) * 1000
        rig.row(f"{name} of a request through nginx, {PACE} a second, that admit adds",
                f"{added:.2f} ms ({ours * 1000:.2f} − {theirs * 1000:.2f})", f"≤ {bound:g} ms", added <= bound)


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def nginx(rig, backend, admit):
    """The example with another location, which does not ask."""
    port = free_port()
    parts = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    temporary = " ".join(f"{each}_temp_path {rig.folder}/admit-{each};" for each in parts)
    with open(EXAMPLE) as file:
        text = file.read()
    for old, new in (
        ("listen 8080;", f"listen 127.0.0.1:{port};\n        location = /plain {{ proxy_pass http://backend; "
                         'proxy_http_version 1.1; proxy_set_header Connection ""; }'),
        ("127.0.0.1:9000", f"127.0.0.1:{backend}"), ("127.0.0.1:8082", f"127.0.0.1:{admit}"),
        ("access_log /dev/stdout without_query;", "access_log off;"), ("http {", f"http {{ {temporary}"),
    ):
        text = text.replace(old, new)
    path = f"{rig.folder}/admit-nginx.conf"
    with open(path, "w") as file:
        file.write(f"daemon off; master_process off; pid {rig.folder}/admit-nginx.pid; error_log stderr crit;\n{text}")
    return server([NGINX, "-c", path], {}, port), port


def paced(port, targets):
    """Requests these targets one after the other, so many a second; returns how long each took, in seconds."""
    took = []
    start = time.monotonic()
    # nginx closes a connection after a thousand requests.
    for first in range(0, len(targets), 500):
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for index, target in enumerate(targets[first:first + 500], first):
                if (wait := start + index / PACE - time.monotonic()) > 0:
                    time.sleep(wait)
                began = time.perf_counter()
                client.sendall(f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
                head = receive(client)
                took.append(time.perf_counter() - began)
                if not head.startswith(b"HTTP/1.1 200 "):
                    raise SystemExit(f"{target.split('?')[0]}: {head[:200]}")
    return took


def receive(client):
    """A response with a length or with chunks."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if b"content-length" in fields:
        while len(body) < int(fields[b"content-length"]):
            body += client.recv(65536)
    else:
        while not body.endswith(b"0\r\n\r\n"):
            body += client.recv(65536)
    return head
