"""Images of an update, for the vehicle that shall install it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec

from roadworthy.gateway import deployments, exchange, files, records, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.files import Kept
from roadworthy.gateway.host import Host
from roadworthy.gateway.outcomes import Note
from roadworthy.gateway.standing import Standing, admit
from roadworthy.gateway.writer import Report

MD5SUM = ".MD5SUM"
LONGEST_NAME = 78  # of a name in Content-Disposition; hawkBit's
NEEDS_QUOTES = frozenset('()<>@,;:\\"/[]?= ')


@dataclass(frozen=True, slots=True)
class Module:
    deployment_id: str
    place: int
    chunk: dict[str, Any]

    @property
    def number(self) -> str:
        return str(int(self.deployment_id) * records.MODULES + self.place)


async def listing(host: Host, request: Request) -> Response:
    """List the artifacts of a module that is being installed or was installed last."""
    standing = admit(host, request)
    offered = standing.assignment.deployment_id if standing.offered else ""
    module = _module(host, request, {offered, standing.installed[1]})
    described = deployments.artifacts_of(
        host.links.base(request), module.deployment_id, module.place, module.chunk
    )
    return exchange.answer(request, msgspec.json.encode(described))


async def artifact(host: Host, request: Request) -> Response:
    """Send an image, or its MD5 sum, to the vehicle that shall install it now."""
    standing = admit(host, request)
    if not standing.is_fresh:  # the download may have been stopped; ask again, nothing is lost
        raise refusals.ComeBackLater
    offered = standing.assignment.deployment_id if standing.offered else ""
    module = _module(host, request, {offered})
    filename = request.path[8]
    by_name = {one["filename"]: one for one in module.chunk["artifacts"]}
    if filename in by_name:
        return await _content(host, request, standing, module, by_name[filename])
    if filename.removesuffix(MD5SUM) in by_name:
        return _md5sum(by_name[filename.removesuffix(MD5SUM)])
    raise refusals.NoSuchThing(what="file")


def _module(host: Host, request: Request, allowed: set[str]) -> Module:
    deployment, place = divmod(int(deployments.number(request.path[6])), records.MODULES)
    if str(deployment) in allowed - {""}:
        chunks = deployments.chunks_of(host, str(deployment))
        if place < len(chunks):
            return Module(str(deployment), place, chunks[place])
    raise refusals.NoSuchThing(what="software module")


async def _content(
    host: Host, request: Request, standing: Standing, module: Module, described: dict[str, Any]
) -> Response:
    digest = described["hashes"]["sha256"]
    path = host.settings.images / digest[:2] / digest
    try:
        stat = await asyncio.to_thread(path.stat)
    except FileNotFoundError:
        raise refusals.ImageGone(filename=described["filename"]) from None
    disposition = ("content-disposition", _disposition(described["filename"]))
    sha1 = described["hashes"]["sha1"]
    kept = Kept(path, stat.st_size, stat.st_mtime, sha1, headers=(disposition,))
    response = files.respond(request, kept)
    if request.method == "GET" and files.is_whole(response):
        _mention_download(host, request, standing, module, described["filename"])
    return response


def _md5sum(described: dict[str, Any]) -> Response:
    filename = described["filename"]
    content = f"{described['hashes']['md5']}  {filename}".encode()
    return Response(
        200,
        [
            ("content-type", "text/plain"),
            ("content-disposition", _disposition(filename + MD5SUM)),
        ],
        content,
    )


def _disposition(filename: str) -> str:
    name = filename.encode("ascii", "replace").decode()[:LONGEST_NAME]
    if NEEDS_QUOTES & set(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"attachment;filename={name}"


def _mention_download(
    host: Host, request: Request, standing: Standing, module: Module, filename: str
) -> None:
    """Report a whole download, once for each artifact; ranges would be far too many."""
    if standing.outcome is None or module.number in standing.outcome.downloads.split(","):
        return
    action = standing.open_action
    note = Note(standing.key, action, download=module.number)
    body = msgspec.json.encode({"filename": filename})
    host.writer.mention_once(
        Report(request.tenant, request.controller_id, "download", body, action, note)
    )
