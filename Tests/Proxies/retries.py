"""What nginx asks twice, the function answers alike."""

import contextlib
import socket
import threading

from lab import EXAMPLE_LIST, Difference, Response, expect

NGINX = next(each for each in EXAMPLE_LIST if each.name == "nginx")


@contextlib.contextmanager
def losing(port):
    """Passes each request on to a port, and closes the connection when the response is there, without it: as a function
    that is killed once Redis has executed its command. Its port, and the number of requests so far."""
    count = [0]
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                with client, socket.create_connection(("127.0.0.1", port), 10) as function:
                    request = b""
                    while b"\r\n\r\n" not in request and (piece := client.recv(65536)):
                        request += piece
                    if not request:
                        continue
                    function.sendall(request)
                    if function.recv(65536):
                        count[0] += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], count
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def check_next_upstream(lab, secret, status):
    """nginx gets no answer from the first function, although Redis has executed its command, and asks the second one."""
    settings = {**NGINX.settings, **({} if secret else {"ADMIT_SECRET": ""})}
    (_, first), (_, second) = lab.start_admit(settings), lab.start_admit(settings)
    backend = lab.start_backend("aiohttp")
    with losing(first) as (loser, count):
        port = NGINX.start(lab, backend, loser, change=lambda text: text.replace(
            f"server 127.0.0.1:{loser};", f"server 127.0.0.1:{loser} max_fails=0;\n        "
            f"server 127.0.0.1:{second} backup;"))
        tokens = [lab.mint() for _ in range(5)]
        statuses = [Response(port, f"/streams/chat?token={token}").status for token in tokens]
        expect(statuses, [status] * 5, f"an answer that is lost, {'with' if secret else 'without'} a secret")
        if count[0] < 5:
            raise Difference(f"{count[0]} of 5 answers were lost")
        expect([lab.state(token) for token in tokens], ["used"] * 5, "tokens of answers that are lost")
        for token in tokens:
            expect(Response(port, f"/streams/chat?token={token}").status, 401, "another request with the token")


def check_try_files(lab):
    """try_files goes on in another location, and auth_request asks again for the same request."""
    _, admit = lab.start_admit(NGINX.settings)

    def change(text):
        start = text.index("        location / {\n")
        end = text.index("            proxy_pass http://backend;\n")
        rules = text[start:end].replace("        location / {\n", "").replace("            set $args $args_without_token;\n", "")
        # The rules stand in the server's block, and hold in both locations.
        return (text[:start] + rules + "        location / {\n            try_files /no-such-file @streams;\n        }\n"
                "        location @streams {\n            set $args $args_without_token;\n" + text[end:])

    port = NGINX.start(lab, lab.start_backend("aiohttp"), admit, change=change)
    token = lab.mint()
    response = Response(port, f"/streams/chat?token={token}")
    expect(response.status, 200, "a request that nginx asks about twice")
    response.received.check_claims(token_id_of=token)
    expect(Response(port, f"/streams/chat?token={token}").status, 401, "another request with the token")


def check_retries(lab):
    check_next_upstream(lab, secret=True, status=200)
    check_next_upstream(lab, secret=False, status=401)
    check_try_files(lab)
