"""What is said of recalls, put into messages: SAMR's notices and supervision, answers back."""

from __future__ import annotations

import msgspec

from roadworthy.domains.exchange import cargo_recalls as cargo
from roadworthy.domains.exchange import outbox
from roadworthy.domains.exchange.models import Held, Line, Outgoing, Peer
from roadworthy.domains.exchange.telling import peer_of
from roadworthy.domains.ledger.queries import Told
from roadworthy.domains.recalls import notices
from roadworthy.domains.recalls.models import RecallNotice, Supervision
from roadworthy.domains.recalls.states import NoticeAct, NoticeState
from roadworthy.trust import messages
from roadworthy.trust.messages import Message

_ARRIVED = "recall-notice.arrived"


def issued(told: Told) -> None:
    """Tell a manufacturer elsewhere what it is asked to investigate."""
    notice = _notice(told)
    if notice is not None and (peer := peer_of(notice.manufacturer)):
        _issue(peer, notice, told)


def changed(told: Told) -> None:
    """Tell a manufacturer elsewhere of SAMR's step, and SAMR elsewhere of its answer."""
    notice = _notice(told)
    if notice is None:
        return
    act = NoticeAct(told.data["action"])
    if act in notices.FIELDS:
        if peer := peer_of(notice.manufacturer):
            _continue(peer, notice, act, told)
    elif act in cargo.ANSWERS and (peer := peer_of(notice.authority)):
        _answer(peer, notice, act, told)


def arrived(told: Told) -> None:
    """Tell SAMR elsewhere when its step came, once: after a restore it comes again."""
    notice = _notice(told)
    peer = peer_of(notice.authority) if notice else None
    if notice is None or peer is None or told.data["step"] in _told(peer, notice):
        return
    body = cargo.Arrived(
        number=notice.number,
        step=told.data["step"],
        defect=notice.defect_name,
        received_at=told.data["received_at"],
    )
    _send(peer, notice, _ARRIVED, body, told)


def served(told: Told) -> None:
    """Tell a manufacturer elsewhere on which day a notice came to it on another way."""
    notice = _notice(told)
    peer = peer_of(notice.manufacturer) if notice else None
    if notice is None or peer is None:
        return
    body = cargo.Served(
        number=notice.number,
        received_at=told.data["received_at"],
        proof=notice.served_by,
    )
    _send(peer, notice, "recall-notice.served", body, told)


def supervised(told: Told) -> None:
    """Tell a manufacturer elsewhere what SAMR wrote about its recall."""
    found = (
        Supervision.objects.select_related("filing__manufacturer")
        .filter(pk=told.data.get("supervision", 0))  # about a plan that is here it names none
        .first()
    )
    if found is None or found.filing is None:
        return
    if peer := peer_of(found.filing.manufacturer):
        outbox.send(
            to=peer,
            matter=cargo.recall_matter(found.filing.number),
            kind="recall.supervised",
            body=cargo.Written(
                filing=found.filing.number,
                kind=found.kind,
                text=found.text,
                at=messages.instant(found.at),
            ),
            at=told.at,
        )


def earlier(peer: Peer, told: Told) -> None:
    """Send to a manufacturer that was just confirmed the notices that were meant for it before.

    It had no step of ours yet, so there is none of its own, and none that needs one.
    """
    waiting = RecallNotice.objects.select_related("manufacturer", "authority").filter(
        manufacturer=peer.organisation, issued_at__lt=told.at
    )
    sent = set(Line.objects.filter(peer=peer, direction=Line.OUT).values_list("matter", flat=True))
    for notice in waiting.order_by("pk"):
        if cargo.notice_matter(notice.number) in sent:
            continue
        _issue(peer, notice, told)
        if notice.recall_notice_at is not None:
            _continue(peer, notice, NoticeAct.NOTIFY, told)
        if notice.state == NoticeState.SET_ASIDE:
            _continue(peer, notice, NoticeAct.SET_ASIDE, told)


def _issue(peer: Peer, notice: RecallNotice, told: Told) -> None:
    body = cargo.Issued(
        number=notice.number,
        subject=notice.subject,
        grounds=notice.grounds,
        types=notice.types,
        issued_at=messages.instant(notice.issued_at),
        defect=notice.defect_name,
    )
    _send(peer, notice, "recall-notice.issued", body, told)


def _continue(peer: Peer, notice: RecallNotice, act: NoticeAct, told: Told) -> None:
    ends = act in notices.ENDING
    taken_at = notice.ended_at if ends else notice.recall_notice_at
    if act is NoticeAct.APPOINT:
        taken_at = told.at
    body = cargo.Continued(
        number=notice.number,
        step=act,
        words=getattr(notice, notices.FIELDS[act]),
        taken_at=messages.instant(taken_at or told.at),
        opinion=notice.opinion if ends else "",
    )
    _send(peer, notice, "recall-notice.continued", body, told)


def _answer(peer: Peer, notice: RecallNotice, act: NoticeAct, told: Told) -> None:
    objects = act is NoticeAct.OBJECT
    answered_at = notice.objected_at if objects else notice.ended_at
    evidence = cargo.Evidence(notice.evidence_name, notice.evidence_sha256) if objects else None
    body = cargo.Answered(
        number=notice.number,
        answer=act,
        answered_at=messages.instant(answered_at or told.at),
        words=notice.objection if objects else "",
        evidence=evidence,
    )
    blobs = (evidence.sha256,) if evidence else ()
    _send(peer, notice, "recall-notice.answered", body, told, *blobs)


def _send(
    peer: Peer, notice: RecallNotice, kind: str, body: msgspec.Struct, told: Told, *blobs: str
) -> None:
    matter = cargo.notice_matter(notice.number)
    outbox.send(to=peer, matter=matter, kind=kind, body=body, blobs=blobs, at=told.at)


def _told(peer: Peer, notice: RecallNotice) -> set[str]:
    """Return of which steps SAMR's deployment knows already, or will, when they came."""
    matter = cargo.notice_matter(notice.number)
    sent = Outgoing.objects.filter(
        line__peer=peer, line__direction=Line.OUT, line__matter=matter, kind=_ARRIVED
    )
    bodies = [Message.parse(bytes(one)).body for one in sent.values_list("payload", flat=True)]
    held = Held.objects.filter(peer=peer, matter=matter, kind=_ARRIVED)
    return {one["step"] for one in [*bodies, *held.values_list("body", flat=True)]}


def _notice(told: Told) -> RecallNotice | None:
    found = RecallNotice.objects.select_related("manufacturer", "authority", "defect")
    return found.filter(pk=int(told.subject.partition("/")[2])).first()
