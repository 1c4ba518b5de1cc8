"""What travels about incidents: a report, and that it has arrived.

A report goes to the authority whole, as its content; the acknowledgement is what a person there
signed over its digest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.errors import WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received, Said
from roadworthy.domains.incidents import acknowledging, asking, elsewhere
from roadworthy.trust import messages

MATTER: Final = "incident"


class Reported(msgspec.Struct, kw_only=True):
    number: str  # of the incident
    content: dict[str, Any]
    sha256: str
    sent_at: str
    due_at: str = ""


class Acknowledged(msgspec.Struct, kw_only=True):
    number: str  # of the incident
    report: str  # number of the report
    envelope: str  # DSSE, by the authority's own key
    acknowledged_at: str
    note: str = ""


class Asked(msgspec.Struct):
    number: str
    question: int  # what the authority's deployment calls it
    text: str


class Answered(msgspec.Struct):
    number: str
    question: int
    text: str


def matter(number: str) -> str:
    """Name the matter of an incident: the same at all deployments."""
    return f"{MATTER}/{number}"


def reported(received: Received[Reported], at: datetime) -> None:
    """Take in a report."""
    told = received.body
    _belongs(received, told.number)
    if told.content.get("incident") != told.number:
        raise WrongMatter(kind=received.kind, matter=received.matter)
    elsewhere.reported(
        elsewhere.Reported(
            content=told.content,
            sha256=told.sha256,
            sent_at=messages.moment(told.sent_at),
            due_at=messages.moment(told.due_at) if told.due_at else None,
        ),
        manufacturer=received.peer.organisation,
        authority=identity.own().organisation,
        at=at,
    )


def acknowledged(received: Received[Acknowledged], at: datetime) -> None:
    """Take in that a report has arrived."""
    told = received.body
    _belongs(received, told.number)
    if not told.report.startswith(f"{told.number}/"):
        raise WrongMatter(kind=received.kind, matter=received.matter)
    acknowledging.acknowledged_elsewhere(
        _acknowledged(told),
        manufacturer=identity.own().organisation,
        authority=received.peer.organisation,
        at=at,
    )


def asked(received: Received[Asked], at: datetime) -> None:
    """Take in what an authority asks about an incident."""
    told = received.body
    _belongs(received, told.number)
    asking.asked_elsewhere(
        told.number,
        asked_as=told.question,
        text=told.text,
        manufacturer=identity.own().organisation,
        authority=received.peer.organisation,
        at=at,
    )


def answered(received: Received[Answered], at: datetime) -> None:
    """Take in what a manufacturer answers."""
    told = received.body
    _belongs(received, told.number)
    asking.answered_elsewhere(
        told.number,
        question_id=told.question,
        text=told.text,
        manufacturer=received.peer.organisation,
        authority=identity.own().organisation,
        at=at,
    )


def acknowledged_again(said: Said[Acknowledged], at: datetime) -> None:
    """Let our own acknowledgement hold again."""
    acknowledging.acknowledged_again(
        _acknowledged(said.body),
        manufacturer=said.peer.organisation,
        authority=identity.own().organisation,
        at=at,
    )


def asked_again(said: Said[Asked], at: datetime) -> None:
    """Let our own question stand again."""
    asking.asked_again(
        said.body.number,
        question_id=said.body.question,
        text=said.body.text,
        manufacturer=said.peer.organisation,
        authority=identity.own().organisation,
        at=at,
    )


KINDS: Final = (
    Kind("incident.asked", 1, Asked, asked, asked_again),
    Kind("incident.answered", 1, Answered, answered),
    Kind("incident.reported", 1, Reported, reported),
    Kind("incident.acknowledged", 1, Acknowledged, acknowledged, acknowledged_again),
)


def _acknowledged(told: Acknowledged) -> acknowledging.FromElsewhere:
    return acknowledging.FromElsewhere(
        told.report, told.envelope, told.note, messages.moment(told.acknowledged_at)
    )


def _belongs(received: Received[Any], number: str) -> None:
    if received.matter != matter(number):
        raise WrongMatter(kind=received.kind, matter=received.matter)
