"""What happened to a vehicle: an address beside DDI, with DDI's identity and DDI's manners.

``POST /{tenant}/controller/v1/{vehicle}/events`` takes one event, JSON or CBOR. It is acknowledged
when it is durable. The same id again is acknowledged again and becomes nothing more, so a vehicle
that got no answer repeats it without thought. What an event means is decided elsewhere.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from roadworthy.gateway import exchange, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.standing import admit
from roadworthy.gateway.writer import Event

MOST_ECUS = 200
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

Short = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]


class Place(msgspec.Struct):
    """Where, as coarsely as the vehicle likes."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class Happened(msgspec.Struct, rename="camel", omit_defaults=True):
    """One event. Its time carries an offset from UTC; the vehicle's clock is data."""

    id: str
    event: Literal[
        "disengagement",  # the system failed and switched itself off
        "collision",
        "takeover-unanswered",
        "update-failed",
        "intrusion",
        "thermal",
    ]
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    function: Short = ""  # the manufacturer's code of it
    cdas_state: Literal["active", "active_within_30s", "inactive", "unknown"] = "unknown"
    observed: list[Literal["smoke", "fire"]] = []  # of a thermal event
    software: dict[Short, Short] = {}  # version by ECU
    recorders: list[Literal["edr", "dssad", "l2_recorder", "video", "telematics"]] = []
    speed_kmh: Annotated[float, msgspec.Meta(ge=0, le=1000)] | None = None
    airbag: bool | None = None
    place: Place | None = None
    details: Text = ""


async def event(host: Host, request: Request) -> Response:
    """Keep what happened to a vehicle."""
    admit(host, request)
    body = await request.body(most=host.settings.max_body_bytes)
    happened = _read(exchange.decode(request, body))
    kept = Event(request.tenant, request.controller_id, happened.id, msgspec.json.encode(happened))
    await host.writer.report(kept)
    return exchange.DONE


def _read(content: Any) -> Happened:
    try:
        happened = msgspec.convert(content, Happened)
    except msgspec.ValidationError as wrong:
        raise refusals.Unreadable(reason=str(wrong)) from None
    if not _ID.fullmatch(happened.id):
        raise refusals.Unreadable(reason="id takes 1 to 64 letters, digits, or any of . _ : -")
    if len(happened.software) > MOST_ECUS:
        raise refusals.TooMany(most=MOST_ECUS, what="ECUs", scope="one event")
    return happened
