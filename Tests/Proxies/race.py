"""Openings that race for tokens through nginx and two processes of the function."""

import asyncio
import json

from lab import EXAMPLE_LIST, Difference, expect

NGINX = next(each for each in EXAMPLE_LIST if each.name == "nginx")
OPENINGS = 10
CONNECTIONS = 100


async def serve_quickly(port_of):
    """A server behind the proxy that responds at once."""
    async def serve(reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port_of.append(server.sockets[0].getsockname()[1])
    return server


class Opener:
    """A connection to the proxy, which it opens anew when the proxy closes it."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def open(self, token):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(f"GET /streams/chat?token={token} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        length = next((int(each.split(":")[1]) for each in lines if each.startswith("content-length")), 0)
        await self.reader.readexactly(length)
        if "connection: close" in lines:
            self.writer.close()
            self.writer = None
        return int(head[9:12])


async def race(lab, admits, count):
    ports = []
    server = await serve_quickly(ports)
    addresses = "\n        ".join(f"server 127.0.0.1:{each};" for each in admits[1:])
    port = NGINX.start(lab, ports[0], admits[0], change=lambda text: text.replace(
        f"server 127.0.0.1:{admits[0]};", f"server 127.0.0.1:{admits[0]};\n        {addresses}"))
    key = lab.make_key("racers")
    lab.administer("orgs", "credits", "racers", "--set", str(count + 5))
    winners, statuses = {}, {}
    # Each batch races for its tokens, so that none expires meanwhile.
    batch = CONNECTIONS
    openers = [Opener(port) for _ in range(CONNECTIONS)]
    for start in range(0, count, batch):
        tokens = [lab.mint(key=key, ttl=300) for _ in range(min(batch, count - start))]
        # Openings of one token stand side by side, on connections of their own.
        queue = asyncio.Queue()
        for token in tokens:
            for _ in range(OPENINGS):
                queue.put_nowait(token)

        async def work(opener):
            while not queue.empty():
                token = queue.get_nowait()
                status = await opener.open(token)
                statuses[status] = statuses.get(status, 0) + 1
                if status == 200:
                    winners[token] = winners.get(token, 0) + 1

        await asyncio.gather(*(work(each) for each in openers))
    server.close()
    return winners, statuses


def check_race(lab, is_long):
    """Ten openings of each token: one winner each, and exact credits."""
    count = 10_000 if is_long else 1_000
    # Without an answer of Redis in time there would be no winner, and this machine may be busy.
    settings = {**NGINX.settings, "REDIS_TIMEOUT_MS": "20000"}
    admits = [lab.start_admit(settings)[1] for _ in range(2)]
    winners, statuses = asyncio.run(race(lab, admits, count))
    print(f"nginx and two functions: {count * OPENINGS} openings of {count} tokens, {statuses}", flush=True)
    if len(winners) != count or set(winners.values()) != {1}:
        raise Difference(f"{len(winners)} of {count} tokens were used, at most {max(winners.values(), default=0)} times")
    expect(statuses, {200: count, 401: count * (OPENINGS - 1)}, "statuses")
    credits = json.loads(lab.administer("orgs", "show", "racers", "--json"))["credits"]
    expect(credits, 5, "credits")
