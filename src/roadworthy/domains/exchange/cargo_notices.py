"""What travels between authorities: that one has decided about the same dossier."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from roadworthy.domains.exchange.errors import BodyUnreadable, WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received
from roadworthy.domains.filings import others
from roadworthy.domains.filings.states import Action
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.trust import messages

MATTER: Final = "notice"
_DECISIONS = frozenset({Action.ACCEPT, Action.RETURN, Action.REFUSE})


class Noticed(msgspec.Struct, kw_only=True):
    """A decision without its reasons: those are between the authority and the manufacturer."""

    manufacturer: str
    number: str
    filing_kind: str
    dossier_sha256: str
    decision: str
    decided_at: str
    receipt: str = ""


def matter(manufacturer: str, number: str) -> str:
    """Name the matter of the decisions about a filing, between authorities."""
    return f"{MATTER}/{manufacturer}/{number}"


def noticed(received: Received[Noticed], at: datetime) -> None:
    """Take in what the other authority has decided."""
    told = received.body
    if received.matter != matter(told.manufacturer, told.number):
        raise WrongMatter(kind=received.kind, matter=received.matter)
    try:
        kind, action = FilingKind(told.filing_kind), Action(told.decision)
    except ValueError as error:
        raise BodyUnreadable(kind=received.kind, reason=str(error)) from None
    if action not in _DECISIONS:
        raise BodyUnreadable(kind=received.kind, reason=f"decision {action}")
    others.noted(
        others.Decided(
            manufacturer=told.manufacturer,
            number=told.number,
            kind=kind,
            dossier_sha256=told.dossier_sha256,
            action=action,
            decided_at=messages.moment(told.decided_at),
            receipt=told.receipt,
        ),
        authority=received.peer.organisation,
        at=at,
    )


KINDS: Final = (Kind("decision.noticed", 1, Noticed, noticed),)
