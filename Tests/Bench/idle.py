"""Opens COUNT keep-alive connections to 127.0.0.1:PORT, sends a request on each, waits for a line on standard input,
and sends a request on each again. Prints the number of responses each time.

usage: idle.py PORT COUNT"""

import resource
import socket
import sys

REQUEST = b"GET /health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n"


def ask(client):
    client.sendall(REQUEST)
    return client.recv(4096).startswith(b"HTTP/1.1 200")


def main():
    port, count = int(sys.argv[1]), int(sys.argv[2])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    clients = []
    for number in range(count):
        # One address does not have enough ports; loopback has many addresses.
        source = (f"127.0.0.{2 + number // 20000}", 0)
        clients.append(socket.create_connection(("127.0.0.1", port), timeout=10, source_address=source))
    first = sum(map(ask, clients))
    print(first, flush=True)
    sys.stdin.readline()
    print(sum(map(ask, clients)), flush=True)


main()
