"""A server of WebSockets that knows nothing of stream tokens: websockets. The argument is its port."""

import asyncio
import json
import sys

from websockets.asyncio.server import serve


async def talk(socket):
    request = socket.request
    await socket.send(json.dumps({"target": request.path, "headers": list(request.headers.raw_items())}))
    async for message in socket:
        await socket.send(f"echo {message}")


async def main():
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), subprotocols=["chat", "v2.chat"]):
        await asyncio.Future()


asyncio.run(main())
