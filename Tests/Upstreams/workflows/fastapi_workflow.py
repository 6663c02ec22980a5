"""A workflow with FastAPI and sse-starlette, under uvicorn. ../streams.py describes what each workflow here does."""

import asyncio

import pydantic
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sse_starlette import EventSourceResponse

app = FastAPI()


class Variables(pydantic.BaseModel):
    signs: int
    breaks: bool
    pieces: list


async def stream(variables):
    signs, _ = await asyncio.open_connection("127.0.0.1", variables.signs)
    for piece in variables.pieces:
        yield piece
        if isinstance(piece, str) or "data" in piece:
            await signs.readexactly(1)
    if variables.breaks:
        raise RuntimeError("breaks off, as it is told")


@app.post("/workflows/events")
async def events(variables: Variables):
    return EventSourceResponse(stream(variables))


@app.post("/workflows/text")
async def text(variables: Variables):
    return StreamingResponse(stream(variables), media_type="text/plain")
