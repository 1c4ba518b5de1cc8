"""How answers leave: at once, or a file without holding it in memory."""

from __future__ import annotations

import asyncio
import os

from roadworthy.gateway.exchange import Headers, Piece, Request, Response, Stream, Transport

BLOCK = 256 * 1024


async def send(request: Request, response: Response, transport: Transport) -> None:
    """Send an answer."""
    pieces = response.pieces
    if request.method == "HEAD":
        transport.response_empty(response.status, _with_length(response))
    elif response.file is None or not pieces:
        transport.response_bytes(response.status, response.headers, response.body)
    elif len(pieces) == 1:
        transport.response_file_range(
            response.status, response.headers, str(response.file), pieces[0].first,
            pieces[0].last + 1,
        )  # fmt: skip
    else:
        await _send_pieces(response, transport)


def _with_length(response: Response) -> Headers:
    """Say how long the body would be, where the server cannot count it."""
    if response.file is not None:
        return response.headers
    return [*response.headers, ("content-length", str(len(response.body)))]


async def _send_pieces(response: Response, transport: Transport) -> None:
    assert response.file is not None
    file = await asyncio.to_thread(os.open, response.file, os.O_RDONLY)
    try:
        stream = transport.response_stream(response.status, response.headers)
        for piece in response.pieces:
            await stream.send_bytes(piece.before)
            await _send_piece(file, piece, stream)
        await stream.send_bytes(response.tail)
    finally:
        os.close(file)


async def _send_piece(file: int, piece: Piece, stream: Stream) -> None:
    place = piece.first
    while place <= piece.last:
        block = await asyncio.to_thread(os.pread, file, min(BLOCK, piece.last - place + 1), place)
        if not block:
            return  # the file was cut short; the client sees that bytes are missing
        await stream.send_bytes(block)
        place += len(block)
