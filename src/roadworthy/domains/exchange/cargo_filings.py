"""What travels about filings: handed in and taken back, decided, countersigned, asked, answered.

The shapes are those of the messages; what they do is done by the services of ``filings``, which
believe nothing because of who brought it. ``..._again`` is for messages of our own that a peer
gave back after a restore.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import msgspec

from roadworthy.domains.documents import remote as documents
from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.errors import BodyUnreadable, NotYet, WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received, Said
from roadworthy.domains.filings import mirroring, offers, questions, regaining, remote
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Action
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations import remote as elsewhere
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.trust import messages

MATTER: Final = "filing"
_DECISIONS = frozenset({Action.ACCEPT, Action.RETURN, Action.REFUSE})


class Named(msgspec.Struct):
    """A file that goes with a message: the bytes come by their digest."""

    filename: str
    sha256: str


class Offer(msgspec.Struct):
    """Unsigned TUF metadata of a release; ``payload`` is base64."""

    role: str
    payload: bytes
    sha256: str


class Submitted(msgspec.Struct, kw_only=True):
    number: str
    filing_kind: str
    dossier: dict[str, Any]
    dossier_sha256: str
    submitted_at: str
    supersedes: str = ""
    facts: dict[str, Any] | None = None
    facts_on: str = ""
    documents: list[Named] = []
    candidate: Offer | None = None


class Withdrawn(msgspec.Struct):
    number: str


class Renewed(msgspec.Struct):
    number: str
    candidate: Offer


class Decided(msgspec.Struct, kw_only=True):
    number: str
    dossier_sha256: str
    decision: str
    decided_at: str
    reason: str = ""
    receipt: str = ""


class Signature(msgspec.Struct):
    keyid: str
    sig: str


class Countersigned(msgspec.Struct):
    number: str
    candidate_sha256: str
    purpose: str
    signature: Signature


class Asked(msgspec.Struct):
    number: str
    question: int  # what the authority's deployment calls it
    text: str


class Answered(msgspec.Struct, kw_only=True):
    number: str
    question: int
    text: str
    documents: list[Named] = []


class TakenBack(msgspec.Struct):
    number: str
    question: int


def matter(number: str) -> str:
    """Name the matter of a filing: the same at both deployments."""
    return f"{MATTER}/{number}"


def submitted(received: Received[Submitted], at: datetime) -> None:
    """Take in what a manufacturer has handed in, with its documents and its metadata."""
    told, manufacturer = received.body, received.peer.organisation
    _belongs(received, told.number)
    own = _own()
    if told.supersedes and not mirroring.is_here(told.supersedes, manufacturer, own):
        raise NotYet("earlier-filing-missing", number=told.supersedes)
    _keep(received, told.documents, at)
    filing = mirroring.submitted(
        mirroring.Submitted(
            number=told.number,
            kind=_one_of(received.kind, FilingKind, told.filing_kind),
            content=told.dossier,
            sha256=told.dossier_sha256,
            submitted_at=messages.moment(told.submitted_at),
            supersedes=told.supersedes,
            facts=told.facts,
            facts_on=_day(received, told.facts_on),
        ),
        manufacturer=manufacturer,
        authority=own,
        at=at,
    )
    if told.candidate is not None:
        _offered(filing, told.candidate, at)


def withdrawn(received: Received[Withdrawn], at: datetime) -> None:
    """Take in that a manufacturer has taken its filing back."""
    _belongs(received, received.body.number)
    mirroring.withdrawn(
        received.body.number,
        manufacturer=received.peer.organisation,
        authority=_own(),
        at=at,
    )


def renewed(received: Received[Renewed], at: datetime) -> None:
    """Take in metadata that was made anew, because something else was published meanwhile."""
    _belongs(received, received.body.number)
    filing = mirroring.locked(received.body.number, received.peer.organisation, _own())
    _offered(filing, received.body.candidate, at)


def decided(received: Received[Decided], at: datetime) -> None:
    """Take in what an authority has decided; an acceptance counts by its own signature only."""
    _belongs(received, received.body.number)
    remote.decided(
        _decided(received.kind, received.body),
        manufacturer=_own(),
        authority=received.peer.organisation,
        at=at,
    )


def countersigned(received: Received[Countersigned], at: datetime) -> None:
    """Take in an authority's signature on metadata that waits here."""
    _belongs(received, received.body.number)
    remote.countersigned(
        _countersigned(received.kind, received.body),
        manufacturer=_own(),
        authority=received.peer.organisation,
        at=at,
    )


def asked(received: Received[Asked], at: datetime) -> None:
    """Take in a question of an authority."""
    told = received.body
    _belongs(received, told.number)
    filing = mirroring.locked(told.number, _own(), received.peer.organisation)
    questions.asked_elsewhere(filing, asked_as=told.question, text=told.text, at=at)


def answered(received: Received[Answered], at: datetime) -> None:
    """Take in a manufacturer's answer, with the documents that it refers to."""
    told = received.body
    _belongs(received, told.number)
    filing = mirroring.locked(told.number, received.peer.organisation, _own())
    _keep(received, told.documents, at)
    questions.answered_elsewhere(
        filing,
        question_id=told.question,
        text=told.text,
        digests=[one.sha256 for one in told.documents],
        at=at,
    )


def taken_back(received: Received[TakenBack], at: datetime) -> None:
    """Take in that an authority needs no answer any more."""
    told = received.body
    _belongs(received, told.number)
    filing = mirroring.locked(told.number, _own(), received.peer.organisation)
    questions.taken_back_elsewhere(filing, asked_as=told.question, at=at)


def decided_again(said: Said[Decided], at: datetime) -> None:
    """Let our own decision hold again."""
    regaining.decided(
        _decided(said.kind, said.body), manufacturer=said.peer.organisation, authority=_own(), at=at
    )


def countersigned_again(said: Said[Countersigned], at: datetime) -> None:
    """Keep our own signature again."""
    regaining.countersigned(
        _countersigned(said.kind, said.body),
        manufacturer=said.peer.organisation,
        authority=_own(),
        at=at,
    )


def asked_again(said: Said[Asked], at: datetime) -> None:
    """Let our own question stand again."""
    filing = mirroring.locked(said.body.number, said.peer.organisation, _own())
    regaining.asked(filing, question_id=said.body.question, text=said.body.text, at=at)


def taken_back_again(said: Said[TakenBack], at: datetime) -> None:
    """Let it stand again that we need no answer."""
    filing = mirroring.locked(said.body.number, said.peer.organisation, _own())
    regaining.taken_back(filing, question_id=said.body.question, at=at)


KINDS: Final = (
    Kind("filing.submitted", 1, Submitted, submitted),
    Kind("filing.withdrawn", 1, Withdrawn, withdrawn),
    Kind("filing.candidate", 1, Renewed, renewed),
    Kind("filing.decided", 1, Decided, decided, decided_again),
    Kind("filing.countersigned", 1, Countersigned, countersigned, countersigned_again),
    Kind("question.asked", 1, Asked, asked, asked_again),
    Kind("question.answered", 1, Answered, answered),
    Kind("question.taken-back", 1, TakenBack, taken_back, taken_back_again),
)


def _decided(kind: str, told: Decided) -> remote.Decided:
    action = _one_of(kind, Action, told.decision)
    if action not in _DECISIONS:
        raise BodyUnreadable(kind=kind, reason=f"decision {told.decision}")
    return remote.Decided(
        number=told.number,
        dossier_sha256=told.dossier_sha256,
        action=action,
        decided_at=messages.moment(told.decided_at),
        reason=told.reason,
        receipt=told.receipt,
    )


def _countersigned(kind: str, told: Countersigned) -> remote.Countersigned:
    return remote.Countersigned(
        number=told.number,
        candidate_sha256=told.candidate_sha256,
        purpose=_one_of(kind, KeyPurpose, told.purpose),
        signature=msgspec.to_builtins(told.signature),
    )


def _own() -> Organisation:
    return identity.own().organisation


def _belongs(received: Received[Any], number: str) -> None:
    if received.matter != matter(number):
        raise WrongMatter(kind=received.kind, matter=received.matter)


def _keep(received: Received[Any], named: list[Named], at: datetime) -> None:
    """Keep the files of a message as documents of whose they are."""
    owner = received.peer.organisation
    for one in named:
        if one.sha256 not in received.blobs:
            raise BodyUnreadable(kind=received.kind, reason=f"it does not bring {one.sha256}")
        documents.keep(
            organisation_id=owner.pk,
            filename=one.filename,
            sha256=one.sha256,
            path=received.files(one.sha256),
            store=received.platform.documents,
            actor=elsewhere.named(owner, Role.HOMOLOGATION),
            at=at,
        )


def _offered(filing: Filing, offer: Offer, at: datetime) -> None:
    offers.offered(filing, role=offer.role, payload=offer.payload, sha256=offer.sha256, at=at)


def _one_of(kind: str, values: Callable[[str], Any], text: str) -> Any:
    try:
        return values(text)
    except ValueError as error:
        raise BodyUnreadable(kind=kind, reason=str(error)) from None


def _day(received: Received[Any], text: str) -> date | None:
    return _one_of(received.kind, date.fromisoformat, text) if text else None
