"""What the owner of a vehicle has said about its data: told to the vehicle, and acted upon here.

``GET /{tenant}/controller/v1/{vehicle}/consents`` answers with the consents that stand, each with
its end, and with what was withdrawn. A host whose read model may be out of date says "later": a
withdrawal could be missing.
"""

from __future__ import annotations

import msgspec

from roadworthy.egress.drive import Topic
from roadworthy.egress.filtering import Stated
from roadworthy.egress.records import Measured
from roadworthy.gateway import exchange, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.standing import Standing, admit


class Withdrawn(msgspec.Struct):
    """Of what an owner said, what is to be refused."""

    withdrawn: list[tuple[str, str]] = []


async def consents(host: Host, request: Request) -> Response:
    """Tell a vehicle what its owner consents to."""
    standing = admit(host, request)
    if not standing.is_fresh:
        raise refusals.ComeBackLater
    return exchange.answer(request, host.model.said(standing.key))


def said_of(host: Host, standing: Standing, measured: Measured) -> Stated:
    """Return what a record says of itself, but for what the owner has withdrawn.

    Raises:
        ComeBackLater: it rests on a consent, and nobody knows whether that was withdrawn.
    """
    if not measured.consents:
        return Stated(measured)
    if not standing.is_fresh:
        raise refusals.ComeBackLater
    told = msgspec.json.decode(host.model.said(standing.key), type=Withdrawn)
    withdrawn: frozenset[Topic] = frozenset(told.withdrawn)
    return Stated(measured, withdrawn)
