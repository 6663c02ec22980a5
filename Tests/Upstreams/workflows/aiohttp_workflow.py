"""A workflow with aiohttp.

usage: aiohttp_workflow.py PORT
"""

import asyncio
import sys

from aiohttp import web

from text import event_text

routes = web.RouteTableDef()


async def stream(request, content_type, encode):
    variables = await request.json()
    response = web.StreamResponse(headers={"Content-Type": content_type})
    await response.prepare(request)
    signs, _ = await asyncio.open_connection("127.0.0.1", variables["signs"])
    for piece in variables["pieces"]:
        await response.write(encode(piece).encode())
        if isinstance(piece, str) or "data" in piece:
            await signs.readexactly(1)
    if variables["breaks"]:
        raise RuntimeError("breaks off, as it is told")
    await response.write_eof()
    return response


@routes.post("/workflows/events")
async def events(request):
    return await stream(request, "text/event-stream", event_text)


@routes.post("/workflows/text")
async def text(request):
    return await stream(request, "text/plain", str)


app = web.Application()
app.add_routes(routes)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
