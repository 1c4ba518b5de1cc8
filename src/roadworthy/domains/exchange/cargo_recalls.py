"""What travels about recalls: SAMR's notices, what the manufacturer answers, SAMR's supervision.

* A notice goes to its manufacturer step by step; that it arrived goes back, for the period to
  object runs from the day on which it did.
* An objection brings its evidence, by its digest.
* What SAMR writes about a recall goes by the number under which the plan was filed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import msgspec

from roadworthy.domains.documents import remote as documents
from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.errors import BodyUnreadable, WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received, Said
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import notices, notices_elsewhere, supervision
from roadworthy.domains.recalls.notices_elsewhere import Parties
from roadworthy.domains.recalls.states import NoticeAct
from roadworthy.trust import messages

NOTICE: Final = "recall-notice"
RECALL: Final = "recall"
LONGEST_NUMBER: Final = 24  # characters
ANSWERS: Final = frozenset({NoticeAct.FOLLOW, NoticeAct.OBJECT})


class Issued(msgspec.Struct, kw_only=True):
    number: str
    subject: dict[str, str]
    grounds: str
    types: list[str]  # codes
    issued_at: str
    defect: str = ""  # number of the manufacturer's defect, where SAMR knows one


class Continued(msgspec.Struct, kw_only=True):
    number: str
    step: str  # notify, appoint, order, set-aside
    words: str
    taken_at: str
    opinion: str = ""


class Arrived(msgspec.Struct, kw_only=True):
    number: str
    step: str  # issue, or a step as above
    defect: str  # what the notice is about, as the manufacturer numbers it
    received_at: str


class Evidence(msgspec.Struct):
    filename: str
    sha256: str


class Answered(msgspec.Struct, kw_only=True):
    number: str
    answer: str  # follow, object
    answered_at: str
    words: str = ""
    evidence: Evidence | None = None


class Served(msgspec.Struct, kw_only=True):
    number: str
    received_at: str  # as SAMR knows it
    proof: str  # what shows it


class Written(msgspec.Struct, kw_only=True):
    filing: str  # number under which the plan was filed
    kind: str  # note, effect, announcement
    text: dict[str, str]
    at: str


def notice_matter(number: str) -> str:
    """Name the matter of a notice: the same at both deployments."""
    return f"{NOTICE}/{number}"


def recall_matter(filing: str) -> str:
    """Name the matter of a recall that is supervised, by the filing of its plan."""
    return f"{RECALL}/{filing}"


def issued(received: Received[Issued], at: datetime) -> None:
    """Take in that SAMR asks to investigate."""
    _belongs(received, notice_matter(received.body.number))
    if len(received.body.number) > LONGEST_NUMBER:
        raise BodyUnreadable(kind=received.kind, reason=f"number {received.body.number}")
    notices_elsewhere.issued(
        _issued(received.body),
        _with_authority(received),
        received_at=received.received_at,
        at=at,
    )


def continued(received: Received[Continued], at: datetime) -> None:
    """Take in SAMR's next step."""
    _belongs(received, notice_matter(received.body.number))
    notices_elsewhere.continued(
        _continued(received),
        _with_authority(received),
        received_at=received.received_at,
        at=at,
    )


def arrived(received: Received[Arrived], at: datetime) -> None:
    """Take in when a manufacturer had a step of ours."""
    _belongs(received, notice_matter(received.body.number))
    notices_elsewhere.received(_receipt(received.body), _with_manufacturer(received), at=at)


def answered(received: Received[Answered], at: datetime) -> None:
    """Take in that a manufacturer follows, or objects, with its evidence."""
    told, parties = received.body, _with_manufacturer(received)
    _belongs(received, notice_matter(told.number))
    if _answer(received) is NoticeAct.FOLLOW:
        since = messages.moment(told.answered_at)
        notices_elsewhere.followed(told.number, parties, since=since, at=at)
        return
    said = _objection(received)
    if said.sha256 not in received.blobs:
        raise BodyUnreadable(kind=received.kind, reason=f"it does not bring {said.sha256}")
    document = documents.keep(
        organisation_id=parties.manufacturer.pk,
        filename=said.filename,
        sha256=said.sha256,
        path=received.files(said.sha256),
        store=received.platform.documents,
        actor=remote.named(parties.manufacturer, Role.COMPLIANCE_OFFICER),
        at=at,
    )
    kept = replace(said, filename=document.filename)
    notices_elsewhere.objected(told.number, kept, parties, at=at)


def served(received: Received[Served], at: datetime) -> None:
    """Take in that a notice of recall came to us on another way."""
    _belongs(received, notice_matter(received.body.number))
    notices_elsewhere.served(_served(received.body), _with_authority(received), at=at)


def written(received: Received[Written], at: datetime) -> None:
    """Take in what SAMR wrote about a recall of ours."""
    _belongs(received, recall_matter(received.body.filing))
    supervision.written_elsewhere(
        _written(received.body),
        manufacturer=identity.own().organisation,
        authority=received.peer.organisation,
        at=at,
    )


def issued_again(said: Said[Issued], at: datetime) -> None:
    """Let our own notice stand again."""
    notices_elsewhere.issued_again(_issued(said.body), _of_our_samr(said), at=at)


def continued_again(said: Said[Continued], at: datetime) -> None:
    """Let our own step hold again."""
    notices_elsewhere.continued_again(_continued(said), _of_our_samr(said), at=at)


def arrived_again(said: Said[Arrived], at: datetime) -> None:
    """Let stand when we had SAMR's step."""
    notices_elsewhere.received_again(_receipt(said.body), _of_our_manufacturer(said), at=at)


def answered_again(said: Said[Answered], at: datetime) -> None:
    """Let our own answer hold again."""
    parties = _of_our_manufacturer(said)
    if _answer(said) is NoticeAct.FOLLOW:
        since = messages.moment(said.body.answered_at)
        notices_elsewhere.followed(said.body.number, parties, since=since, at=at)
    else:
        notices_elsewhere.objected(said.body.number, _objection(said), parties, at=at)


def served_again(said: Said[Served], at: datetime) -> None:
    """Let stand what our SAMR knows of how a notice came."""
    notices_elsewhere.served_again(_served(said.body), _of_our_samr(said), at=at)


def written_again(said: Said[Written], at: datetime) -> None:
    """Let stand again what our SAMR wrote."""
    parties = _of_our_samr(said)
    supervision.written_again(
        _written(said.body),
        manufacturer=parties.manufacturer,
        authority=parties.authority,
        at=at,
    )


KINDS: Final = (
    Kind("recall-notice.issued", 1, Issued, issued, issued_again),
    Kind("recall-notice.continued", 1, Continued, continued, continued_again),
    Kind("recall-notice.arrived", 1, Arrived, arrived, arrived_again),
    Kind("recall-notice.answered", 1, Answered, answered, answered_again),
    Kind("recall-notice.served", 1, Served, served, served_again),
    Kind("recall.supervised", 1, Written, written, written_again),
)


def _issued(told: Issued) -> notices_elsewhere.Issued:
    return notices_elsewhere.Issued(
        number=told.number,
        subject=told.subject,
        grounds=told.grounds,
        types=tuple(told.types),
        defect=told.defect,
        issued_at=messages.moment(told.issued_at),
    )


def _continued(came: Received[Continued] | Said[Continued]) -> notices_elsewhere.Continued:
    told = came.body
    try:
        act = NoticeAct(told.step)
    except ValueError:
        raise BodyUnreadable(kind=came.kind, reason=f"step {told.step}") from None
    if act not in notices.FIELDS:
        raise BodyUnreadable(kind=came.kind, reason=f"step {told.step}")
    return notices_elsewhere.Continued(
        told.number, act, told.words, told.opinion, messages.moment(told.taken_at)
    )


def _receipt(told: Arrived) -> notices_elsewhere.Receipt:
    return notices_elsewhere.Receipt(
        told.number, told.step, told.defect, messages.moment(told.received_at)
    )


def _served(told: Served) -> notices_elsewhere.Served:
    return notices_elsewhere.Served(told.number, messages.moment(told.received_at), told.proof)


def _answer(came: Received[Answered] | Said[Answered]) -> NoticeAct:
    given = came.body.answer
    if given not in ANSWERS:
        raise BodyUnreadable(kind=came.kind, reason=f"answer {given}")
    return NoticeAct(given)


def _objection(came: Received[Answered] | Said[Answered]) -> notices.Objection:
    told = came.body
    if told.evidence is None:
        raise BodyUnreadable(kind=came.kind, reason="it names no evidence")
    return notices.Objection(
        told.words,
        told.evidence.sha256,
        told.evidence.filename,
        messages.moment(told.answered_at),
    )


def _written(told: Written) -> supervision.Written:
    return supervision.Written(told.filing, told.kind, told.text, messages.moment(told.at))


def _with_authority(received: Received[Any]) -> Parties:
    return Parties(identity.own().organisation, received.peer.organisation)


def _with_manufacturer(received: Received[Any]) -> Parties:
    return Parties(received.peer.organisation, identity.own().organisation)


def _of_our_samr(said: Said[Any]) -> Parties:
    return Parties(said.peer.organisation, identity.own().organisation)


def _of_our_manufacturer(said: Said[Any]) -> Parties:
    return Parties(identity.own().organisation, said.peer.organisation)


def _belongs(received: Received[Any], wanted: str) -> None:
    if received.matter != wanted:
        raise WrongMatter(kind=received.kind, matter=received.matter)
