"""A server of server-sent events that knows nothing of stream tokens: FastAPI with sse-starlette."""

import asyncio
import json

from fastapi import FastAPI, Request
from sse_starlette.sse import EventSourceResponse

app = FastAPI()


@app.api_route("/{path:path}", methods=["GET", "POST", "OPTIONS"])
async def events(request: Request):
    async def produce():
        # What has arrived here, for the test to look at.
        yield {"data": json.dumps({"target": str(request.url), "headers": request.headers.items()})}
        yield {"event": "token", "id": "1", "data": "hello"}
        await asyncio.sleep(float(request.query_params.get("sleep", 0)))
        yield {"event": "done", "data": "{}"}

    return EventSourceResponse(produce(), headers={"X-Backend": "fastapi"})
