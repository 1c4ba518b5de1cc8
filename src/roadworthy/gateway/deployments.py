"""What to install, what was installed, what to give up."""

from __future__ import annotations

from typing import Any

import msgspec

from roadworthy.gateway import exchange, records, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.links import escape
from roadworthy.gateway.outcomes import Note
from roadworthy.gateway.standing import Standing, admit
from roadworthy.gateway.writer import Report

PARTS = {"application": "bApp", "runtime": "jvm"}  # as hawkBit calls them to its clients
LONGEST_NUMBER = 18


def number(part: str) -> str:
    """Read a number from an address.

    Raises:
        Unreadable: it is none.
    """
    if not (part.isascii() and part.isdigit() and len(part) <= LONGEST_NUMBER):
        raise refusals.Unreadable(reason="the address holds a number that is none")
    return str(int(part))


async def deployment_base(host: Host, request: Request) -> Response:
    """Tell a vehicle what to install; the first time is worth a report."""
    action = number(request.path[6])
    standing = admit(host, request)
    if action != standing.offered:
        raise refusals.NoSuchThing(what="deployment")
    content = _deployment(host, request, action, standing.assignment.deployment_id)
    _mention_retrieved(host, request, standing)
    return exchange.answer(request, content)


async def installed_base(host: Host, request: Request) -> Response:
    """Tell a vehicle again what it has installed."""
    action = number(request.path[6])
    installed, deployment_id = admit(host, request).installed
    if action != installed:
        raise refusals.NoSuchThing(what="installed deployment")
    return exchange.answer(request, _deployment(host, request, action, deployment_id))


async def cancel_action(host: Host, request: Request) -> Response:
    """Tell a vehicle which action to give up."""
    action = number(request.path[6])
    if action != admit(host, request).cancelling:
        raise refusals.NoSuchThing(what="cancellation")
    content = {"id": action, "cancelAction": {"stopId": action}}
    return exchange.answer(request, msgspec.json.encode(content))


def artifacts_of(base: str, deployment_id: str, number: int, chunk: dict[str, Any]) -> list[Any]:
    """Describe the artifacts of a chunk, with addresses."""
    module = int(deployment_id) * records.MODULES + number
    return [_artifact(base, module, artifact) for artifact in chunk["artifacts"]]


def chunks_of(host: Host, deployment_id: str) -> list[dict[str, Any]]:
    """Return the chunks of a deployment.

    Raises:
        NoSuchThing: the read model has no such deployment.
    """
    chunks = host.model.deployment(deployment_id)
    if chunks is None:
        raise refusals.NoSuchThing(what="deployment")
    return chunks


def _deployment(host: Host, request: Request, action: str, deployment_id: str) -> bytes:
    base = host.links.base(request)
    chunks = [
        {
            "part": PARTS.get(chunk["part"], chunk["part"]),
            "version": chunk["version"],
            "name": chunk["name"],
            "artifacts": artifacts_of(base, deployment_id, place, chunk),
            **{name: chunk[name] for name in ("metadata",) if chunk.get(name)},
        }
        for place, chunk in enumerate(chunks_of(host, deployment_id))
    ]
    deployment = {"download": "forced", "update": "forced", "chunks": chunks}
    return msgspec.json.encode({"id": action, "deployment": deployment})


def _artifact(base: str, module: int, artifact: dict[str, Any]) -> dict[str, Any]:
    # Both relations go to where the vehicle asked: clients follow one or the other.
    href = f"{base}/softwaremodules/{module}/artifacts/{escape(artifact['filename'])}"
    whole, md5sum = {"href": href}, {"href": href + ".MD5SUM"}
    return {
        "filename": artifact["filename"],
        "hashes": artifact["hashes"],
        "size": artifact["size"],
        "_links": {
            "download": whole,
            "download-http": whole,
            "md5sum": md5sum,
            "md5sum-http": md5sum,
        },
    }


def _mention_retrieved(host: Host, request: Request, standing: Standing) -> None:
    outcome = standing.outcome
    if outcome is None or outcome.is_retrieved:
        return
    note = Note(standing.key, outcome.action_id, is_retrieved=True)
    host.writer.mention_once(
        Report(
            request.tenant, request.controller_id, "retrieved", b"{}", outcome.action_id, note=note
        )
    )
