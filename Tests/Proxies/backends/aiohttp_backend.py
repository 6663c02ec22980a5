"""A server of WebSockets and events that knows nothing of stream tokens: aiohttp. The argument is its port."""

import json
import sys

from aiohttp import web


def received(request):
    return json.dumps({"target": str(request.rel_url), "headers": list(request.headers.items())})


async def serve(request):
    if request.headers.get("Upgrade", "").lower() == "websocket":
        socket = web.WebSocketResponse(protocols=["chat", "v2.chat"])
        await socket.prepare(request)
        await socket.send_str(received(request))
        async for message in socket:
            await socket.send_str(f"echo {message.data}")
        return socket
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Backend": "aiohttp"})
    await response.prepare(request)
    await response.write(f"data: {received(request)}\n\nevent: done\ndata: {{}}\n\n".encode())
    return response


app = web.Application()
app.router.add_route("*", "/{path:.*}", serve)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
