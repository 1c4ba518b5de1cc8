"""How answers leave: at once, or a file piece by piece without holding it in memory."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from roadworthy.gateway.exchange import Message, Piece, Request, Response, Send

BLOCK = 256 * 1024
PATHSEND = "http.response.pathsend"


async def send(request: Request, response: Response, send: Send) -> None:
    """Send an answer."""
    await send(start(response))
    if response.file is None or not response.pieces or request.method == "HEAD":
        body = b"" if request.method == "HEAD" else response.body
        await send({"type": "http.response.body", "body": body})
    elif response.status == 200 and PATHSEND in request.scope.get("extensions", {}):
        await send({"type": PATHSEND, "path": str(response.file)})
    else:
        await _send_pieces(response, response.file, send)


def start(response: Response) -> Message:
    """Write the first message of an answer."""
    return {"type": "http.response.start", "status": response.status, "headers": response.headers}


async def _send_pieces(response: Response, path: Path, send: Send) -> None:
    file = await asyncio.to_thread(os.open, path, os.O_RDONLY)
    try:
        for piece in response.pieces:
            if piece.before:
                await _send_more(send, piece.before)
            await _send_piece(file, piece, send)
    finally:
        os.close(file)
    await send({"type": "http.response.body", "body": response.tail})


async def _send_piece(file: int, piece: Piece, send: Send) -> None:
    place = piece.first
    while place <= piece.last:
        block = await asyncio.to_thread(os.pread, file, min(BLOCK, piece.last - place + 1), place)
        if not block:
            return  # the file was cut short; the client sees that bytes are missing
        await _send_more(send, block)
        place += len(block)


async def _send_more(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
