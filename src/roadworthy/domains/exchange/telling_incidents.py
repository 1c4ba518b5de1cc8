"""What is said of incidents, put into messages: reports to authorities, acknowledgements back."""

from __future__ import annotations

from roadworthy.domains.exchange import cargo_incidents as cargo
from roadworthy.domains.exchange import identity, outbox
from roadworthy.domains.exchange.models import Line, Peer
from roadworthy.domains.exchange.telling import peer_of
from roadworthy.domains.incidents.models import Copy, Question
from roadworthy.domains.ledger.queries import Told
from roadworthy.trust import messages

_RELATED = ("report__incident__manufacturer", "authority")


def reported(told: Told) -> None:
    """Tell each authority elsewhere what it is to be told."""
    found = Copy.objects.select_related(*_RELATED).filter(
        report__incident=_id(told), report__number=told.data["report"]
    )
    for copy in found.order_by("pk"):
        if peer := peer_of(copy.authority):
            _report(peer, copy, told)


def acknowledged(told: Told) -> None:
    """Tell a manufacturer elsewhere that its report has arrived."""
    copy = (
        Copy.objects.select_related(*_RELATED)
        .filter(
            report__incident=_id(told),
            report__number=told.data["report"],
            authority=identity.own().organisation,
        )
        .first()
    )
    peer = peer_of(copy.report.incident.manufacturer) if copy else None
    if copy is None or peer is None:
        return
    number = copy.report.incident.number
    outbox.send(
        to=peer,
        matter=cargo.matter(number),
        kind="incident.acknowledged",
        body=cargo.Acknowledged(
            number=number,
            report=copy.report.number,
            envelope=copy.envelope,
            acknowledged_at=messages.instant(copy.acknowledged_at or told.at),
            note=copy.note,
        ),
        at=told.at,
    )


def asked(told: Told) -> None:
    """Tell a manufacturer elsewhere what we ask about its incident."""
    question = _question(told)
    peer = peer_of(question.incident.manufacturer) if question else None
    if question is None or peer is None:
        return
    number = question.incident.number
    outbox.send(
        to=peer,
        matter=cargo.matter(number),
        kind="incident.asked",
        body=cargo.Asked(number, question.pk, question.text),
        at=told.at,
    )


def answered(told: Told) -> None:
    """Tell an authority elsewhere what is answered to its question."""
    question = _question(told)
    peer = peer_of(question.authority) if question else None
    if question is None or peer is None or question.asked_as is None:
        return
    number = question.incident.number
    outbox.send(
        to=peer,
        matter=cargo.matter(number),
        kind="incident.answered",
        body=cargo.Answered(number, question.asked_as, question.answer),
        at=told.at,
    )


def earlier(peer: Peer, told: Told) -> None:
    """Send to a peer that was just confirmed the reports that were meant for it before."""
    waiting = Copy.objects.select_related(*_RELATED).filter(
        authority=peer.organisation, sent_at__lt=told.at
    )
    sent = set(Line.objects.filter(peer=peer, direction=Line.OUT).values_list("matter", flat=True))
    for copy in waiting.order_by("report__pk"):
        if cargo.matter(copy.report.incident.number) not in sent:
            _report(peer, copy, told)


def _report(peer: Peer, copy: Copy, told: Told) -> None:
    report = copy.report
    outbox.send(
        to=peer,
        matter=cargo.matter(report.incident.number),
        kind="incident.reported",
        body=cargo.Reported(
            number=report.incident.number,
            content=report.content,
            sha256=report.sha256,
            sent_at=messages.instant(copy.sent_at),
            due_at=messages.instant(copy.due_at) if copy.due_at else "",
        ),
        at=told.at,
    )


def _question(told: Told) -> Question | None:
    found = Question.objects.select_related("incident__manufacturer", "authority")
    return found.filter(pk=told.data["question"], incident=_id(told)).first()


def _id(told: Told) -> int:
    return int(told.subject.partition("/")[2])
