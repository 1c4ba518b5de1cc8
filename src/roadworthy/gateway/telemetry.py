"""What vehicles measure and may send: an address beside DDI, with DDI's identity and manners.

``POST /{tenant}/controller/v1/{vehicle}/telemetry`` takes one record, JSON or CBOR, that names the
policy which let it out. The filter of the vehicle is applied to it once more: only what the policy
permits, and the owner has not withdrawn, is stored, with the time at which it has to be gone, and
it is acknowledged when that is durable. If something was taken out the answer says what and why; if
nothing is left it is a refusal.

``POST …/pictures`` takes a record of one picture and its bytes, as CBOR. They are looked at again,
redrawn and kept as a file; the record names it by its digest.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from roadworthy.egress import records
from roadworthy.egress.errors import Blocked, NoDetector, NotAPicture, Withheld, WrongRecord
from roadworthy.egress.filtering import Filtered, Reason
from roadworthy.egress.records import Leaving, Measured
from roadworthy.gateway import consents, exchange, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.standing import Standing, admit
from roadworthy.gateway.writer import Telemetry


async def telemetry(host: Host, request: Request) -> Response:
    """Keep what may be kept of a record."""
    standing = admit(host, request)
    body = await request.body(most=host.settings.max_body_bytes)
    measured = _read(exchange.decode(request, body))
    filtered = await _filtered(host, request, measured, standing)
    if filtered.leaving is None or filtered.drop_at is None:
        reasons = sorted(set(filtered.withheld.values())) or [Reason.WRONG_SHAPE]
        raise refusals.NotPermitted(reasons=", ".join(reasons))
    await _keep(host, request, filtered.leaving, filtered.drop_at)
    if not filtered.withheld:
        return exchange.DONE
    return exchange.answer(request, msgspec.json.encode({"withheld": filtered.withheld}))


async def picture(host: Host, request: Request) -> Response:
    """Keep what may be kept of a picture."""
    standing = admit(host, request)
    content = exchange.decode(request, await request.body(most=host.settings.max_picture_bytes))
    sent = content.get("picture") if isinstance(content, dict) else None
    if not isinstance(sent, bytes):
        raise refusals.Unreadable(reason="a picture comes as CBOR: its record, and its bytes")
    measured, at = _read(content.get("record")), datetime.now(UTC)
    filter_ = await host.policies.filter_of(request.tenant, measured.policy)
    if filter_ is None:
        raise refusals.NotPermitted(reasons=Reason.NO_POLICY)
    try:
        shown = await host.sight.shown(
            filter_, measured, sent, said=consents.said_of(host, standing, measured), at=at
        )
    except NotAPicture as wrong:
        raise refusals.Unreadable(reason=wrong.data["reason"]) from None
    except (Withheld, Blocked, NoDetector) as stays:
        raise refusals.NotPermitted(reasons=stays.data["reason"]) from None
    await _keep(host, request, shown.leaving, shown.drop_at, shown.sha256)
    return exchange.DONE


def _read(content: Any) -> Measured:
    try:
        return records.converted(content)
    except WrongRecord as wrong:
        raise refusals.Unreadable(reason=wrong.data["reason"]) from None


async def _keep(
    host: Host, request: Request, leaving: Leaving, drop_at: datetime, picture: str = ""
) -> None:
    who = (request.tenant, request.controller_id, leaving.id, leaving.policy)
    await host.writer.report(Telemetry(*who, picture, drop_at.isoformat(), leaving.body))


async def _filtered(
    host: Host, request: Request, measured: Measured, standing: Standing
) -> Filtered:
    filter_ = await host.policies.filter_of(request.tenant, measured.policy)
    if filter_ is None:
        return Filtered(None, dict.fromkeys(measured.items, Reason.NO_POLICY))
    said = consents.said_of(host, standing, measured)
    return filter_.record(measured, said=said, at=datetime.now(UTC))
