"""What vehicles measure and may send: an address beside DDI, with DDI's identity and manners.

``POST /{tenant}/controller/v1/{vehicle}/telemetry`` takes one record, JSON or CBOR, that names the
policy which let it out. The filter of the vehicle is applied to it once more: only what the policy
permits is stored, with the time at which it has to be gone, and it is acknowledged when that is
durable. If something was taken out the answer says what and why; if nothing is left it is a
refusal.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from roadworthy.egress import records
from roadworthy.egress.errors import WrongRecord
from roadworthy.egress.filtering import Filtered, Reason, Stated
from roadworthy.egress.records import Measured
from roadworthy.gateway import exchange, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.standing import admit
from roadworthy.gateway.writer import Telemetry


async def telemetry(host: Host, request: Request) -> Response:
    """Keep what may be kept of a record."""
    admit(host, request)
    body = await request.body(most=host.settings.max_body_bytes)
    try:
        measured = records.converted(exchange.decode(request, body))
    except WrongRecord as wrong:
        raise refusals.Unreadable(reason=wrong.data["reason"]) from None
    filtered = await _filtered(host, request, measured)
    if filtered.leaving is None or filtered.drop_at is None:
        reasons = sorted(set(filtered.withheld.values())) or [Reason.WRONG_SHAPE]
        raise refusals.NotPermitted(reasons=", ".join(reasons))
    await host.writer.report(
        Telemetry(
            request.tenant,
            request.controller_id,
            measured.id,
            measured.policy,
            filtered.drop_at.isoformat(),
            filtered.leaving.body,
        )
    )
    if not filtered.withheld:
        return exchange.DONE
    return exchange.answer(request, msgspec.json.encode({"withheld": filtered.withheld}))


async def _filtered(host: Host, request: Request, measured: Measured) -> Filtered:
    filter_ = await host.policies.filter_of(request.tenant, measured.policy)
    if filter_ is None:
        return Filtered(None, dict.fromkeys(measured.items, Reason.NO_POLICY))
    return filter_.record(measured, said=Stated(measured), at=datetime.now(UTC))
