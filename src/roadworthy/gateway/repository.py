"""TUF metadata and targets, as files: anyone may fetch them, signatures protect them.

Only ``timestamp.json`` changes in place; everything else has its version or digest in its name.
"""

from __future__ import annotations

import asyncio
import hashlib
from functools import lru_cache
from pathlib import Path

from roadworthy.gateway import files, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.files import Kept
from roadworthy.gateway.host import Host
from roadworthy.gateway.ranges import OCTETS

FOLDERS = {"metadata": "application/json", "targets": OCTETS}
MOVING = "timestamp.json"
FOREVER = ("cache-control", "public, max-age=31536000, immutable")
ASK_EACH_TIME = ("cache-control", "no-cache")


async def repository_file(host: Host, request: Request) -> Response:
    """Send a file of the image repository."""
    _, _, folder, *rest = request.path
    path = _inside(host.settings.repository / folder, rest)
    try:
        kept = await asyncio.to_thread(_kept, path, FOLDERS[folder])
    except OSError:
        raise refusals.NoSuchThing(what="file") from None
    return files.respond(request, kept)


def _inside(folder: Path, parts: list[str]) -> Path:
    """Join an address to a folder; hidden files are drafts, and ``..`` leads out."""
    if not parts or any(not part or part.startswith(".") or "\0" in part for part in parts):
        raise refusals.NoSuchThing(what="file")
    return folder.joinpath(*parts)


def _kept(path: Path, media: str) -> Kept:
    stat = path.stat()
    if not path.is_file():
        raise FileNotFoundError
    tag = _digest(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
    caching = ASK_EACH_TIME if path.name == MOVING else FOREVER
    return Kept(path, stat.st_size, stat.st_mtime, tag, media, (caching,))


@lru_cache(maxsize=4096)
def _digest(path: Path, _modified: int, _size: int, _inode: int) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
