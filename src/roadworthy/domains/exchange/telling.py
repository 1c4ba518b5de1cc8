"""One entry of our log put into a message, for each kind of entry that concerns a peer.

Runs inside the collector's transaction. What a step said is read from where it was written; its
moment from the entry itself, for a row may have moved on since.
"""

from __future__ import annotations

from typing import Any

import msgspec

from roadworthy.domains.exchange import cargo_filings as cargo
from roadworthy.domains.exchange import cargo_keys, cargo_notices, identity, outbox
from roadworthy.domains.exchange.models import Line, Peer
from roadworthy.domains.exchange.states import PeerState
from roadworthy.domains.filings import offers, questions
from roadworthy.domains.filings.models import (
    Candidate,
    Filing,
    Question,
    RemoteSignature,
)
from roadworthy.domains.filings.states import Action, Kind, State
from roadworthy.domains.ledger.queries import Told
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Evaluation
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.trust import messages

_RELATED = ("dossier__release", "manufacturer", "authority", "supersedes")
_DECISIONS = frozenset({Action.ACCEPT, Action.RETURN, Action.REFUSE})
_AUTHORITIES = (Party.MIIT, Party.SAMR)
_TOLD = frozenset({PeerState.CONFIRMED, PeerState.SUSPENDED})


def peer_of(organisation: Organisation) -> Peer | None:
    """Return the confirmed peer at which an organisation acts, if it acts elsewhere."""
    if not organisation.is_remote:
        return None
    return Peer.objects.filter(organisation=organisation, state__in=_TOLD).first()


def filing_moved(told: Told) -> None:
    """Tell an authority what was handed in or taken back, and a manufacturer what was decided."""
    filing = _filing(told)
    action = told.data.get("action")
    if filing is None:
        return
    if action == Action.SUBMIT and (peer := peer_of(filing.authority)):
        _submit(peer, filing, told)
    elif action == Action.WITHDRAW and (peer := peer_of(filing.authority)):
        if _was_told(peer, cargo.matter(filing.number)):
            _send(peer, filing, "filing.withdrawn", cargo.Withdrawn(filing.number), told)
    elif action in _DECISIONS:
        _decide(filing, Action(action), told)


def _decide(filing: Filing, action: Action, told: Told) -> None:
    """Tell the manufacturer what was decided, and the other authority that it was."""
    decided_at = messages.instant(told.at)
    receipt = filing.receipt if action == Action.ACCEPT else ""
    if peer := peer_of(filing.manufacturer):
        _send(
            peer,
            filing,
            "filing.decided",
            cargo.Decided(
                number=filing.number,
                dossier_sha256=filing.dossier.sha256,
                decision=str(action),
                decided_at=decided_at,
                reason="" if action == Action.ACCEPT else filing.reason,
                receipt=receipt,
            ),
            told,
        )
    for other in Peer.objects.filter(organisation__kind__in=_AUTHORITIES, state__in=_TOLD).order_by(
        "pk"
    ):
        outbox.send(
            to=other,
            matter=cargo_notices.matter(filing.manufacturer.slug, filing.number),
            kind="decision.noticed",
            body=cargo_notices.Noticed(
                manufacturer=filing.manufacturer.slug,
                number=filing.number,
                filing_kind=filing.dossier.kind,
                dossier_sha256=filing.dossier.sha256,
                decision=str(action),
                decided_at=decided_at,
                receipt=receipt,
            ),
            at=told.at,
        )


def candidate_signed(told: Told) -> None:
    """Tell a manufacturer that its metadata is signed here."""
    filing = _filing(told)
    peer = peer_of(filing.manufacturer) if filing else None
    if filing is None or peer is None:
        return
    signed = RemoteSignature.objects.select_related("candidate").get(
        filing=filing,
        candidate__sha256=told.data["candidate_sha256"],
        key__keyid=told.data["keyid"],
    )
    record = offers.record_of(signed)
    body = cargo.Countersigned(
        filing.number,
        record["candidate_sha256"],
        record["purpose"],
        cargo.Signature(**record["signature"]),
    )
    _send(peer, filing, "filing.countersigned", body, told)


def candidate_renewed(told: Told) -> None:
    """Tell the authorities that have the filing that other metadata waits for their signature."""
    candidate = Candidate.objects.filter(
        release=told.release_id, sha256=told.data["candidate_sha256"]
    ).first()
    if candidate is None:  # made anew once more since
        return
    filed = Filing.objects.select_related(*_RELATED).filter(
        dossier__release=told.release_id,
        dossier__sha256=candidate.dossier_sha256,
        state__in=[State.SUBMITTED, State.ACCEPTED],
    )
    for filing in filed.order_by("pk"):
        if peer := peer_of(filing.authority):
            body = cargo.Renewed(filing.number, _offer(candidate))
            _send(peer, filing, "filing.candidate", body, told)


def question_asked(told: Told) -> None:
    """Tell a manufacturer what is asked about its filing."""
    if found := _question(told):
        filing, question = found
        if peer := peer_of(filing.manufacturer):
            body = cargo.Asked(filing.number, question.pk, question.text)
            _send(peer, filing, "question.asked", body, told)


def question_answered(told: Told) -> None:
    """Tell an authority what is answered to its question."""
    if found := _question(told):
        filing, question = found
        if (peer := peer_of(filing.authority)) and question.asked_as is not None:
            named = questions.documents_of(filing).get(question.pk, [])
            body = cargo.Answered(
                number=filing.number,
                question=question.asked_as,
                text=question.answer,
                documents=[cargo.Named(one.filename, one.sha256) for one in named],
            )
            _send(peer, filing, "question.answered", body, told, *(one.sha256 for one in named))


def question_taken_back(told: Told) -> None:
    """Tell a manufacturer that a question needs no answer any more."""
    if found := _question(told):
        filing, question = found
        if peer := peer_of(filing.manufacturer):
            body = cargo.TakenBack(filing.number, question.pk)
            _send(peer, filing, "question.taken-back", body, told)


def keys_changed(told: Told) -> None:
    """Tell every peer which keys our organisation has."""
    own = identity.own().organisation
    if told.subject == f"organisation/{own.slug}":
        for peer in Peer.objects.filter(state__in=_TOLD).order_by("pk"):
            _tell_keys(peer, own, told)


def confirmed(told: Told) -> Peer | None:
    """Return the peer whom an entry says to be confirmed now."""
    if told.data.get("action") != "confirm":
        return None
    name = told.subject.partition("/")[2]
    return Peer.objects.filter(name=name, state__in=_TOLD).first()


def earlier(peer: Peer, told: Told) -> None:
    """Hand in to a peer that was just confirmed what was handed in to it before."""
    waiting = Filing.objects.select_related(*_RELATED).filter(
        authority=peer.organisation, state=State.SUBMITTED, submitted_at__lt=told.at
    )
    for filing in waiting.order_by("pk"):
        if not _was_told(peer, cargo.matter(filing.number)):
            _submit(peer, filing, told)


def _submit(peer: Peer, filing: Filing, told: Told) -> None:
    documents = _documents(filing)
    before = filing.supersedes
    known = before is not None and _was_told(peer, cargo.matter(before.number))
    facts, facts_on = _facts(filing)
    at = told.at if told.event == "filing:state:changed" else filing.submitted_at or told.at
    body = cargo.Submitted(
        number=filing.number,
        filing_kind=filing.dossier.kind,
        dossier=filing.dossier.content,
        dossier_sha256=filing.dossier.sha256,
        submitted_at=messages.instant(at),
        supersedes=before.number if before is not None and known else "",
        facts=facts,
        facts_on=facts_on,
        documents=documents,
        candidate=_candidate(filing),
    )
    _send(peer, filing, "filing.submitted", body, told, *(one.sha256 for one in documents))


def _documents(filing: Filing) -> list[cargo.Named]:
    """Return the files that the dossier names; images stay where vehicles take them from."""
    content = filing.dossier.content
    details = content.get("details", {})
    approved = details.get("application") or details.get("proposed")
    named = [
        *content.get("attachments", ()),
        *content.get("release", {}).get("evidence", ()),
        *(approved.get("evidence", ()) if isinstance(approved, dict) else ()),
    ]
    found = {one["sha256"]: one["filename"] for one in named}
    return [cargo.Named(filename, sha256) for sha256, filename in found.items()]


def _facts(filing: Filing) -> tuple[dict[str, Any] | None, str]:
    release = filing.dossier.release
    newest = Evaluation.objects.filter(release=release).order_by("-id").first() if release else None
    if newest is None:
        return None, ""
    return dict(newest.result["facts"]), newest.as_of.isoformat()


def _candidate(filing: Filing) -> cargo.Offer | None:
    if filing.dossier.kind != Kind.ACTIVITY:
        return None
    candidate = Candidate.objects.filter(
        release=filing.dossier.release, dossier_sha256=filing.dossier.sha256
    ).first()
    return _offer(candidate) if candidate else None


def _offer(candidate: Candidate) -> cargo.Offer:
    payload = bytes(candidate.payload)
    return cargo.Offer(candidate.role, payload, sha256_hex(payload))


def _tell_keys(peer: Peer, own: Organisation, told: Told) -> None:
    outbox.send(
        to=peer,
        matter=cargo_keys.matter(own.slug),
        kind="keys.changed",
        body=cargo_keys.told(own),
        at=told.at,
    )


def _send(
    peer: Peer, filing: Filing, kind: str, body: msgspec.Struct, told: Told, *blobs: str
) -> None:
    outbox.send(
        to=peer,
        matter=cargo.matter(filing.number),
        kind=kind,
        body=body,
        blobs=dict.fromkeys(blobs),
        at=told.at,
    )


def _filing(told: Told) -> Filing | None:
    pk = told.subject.partition("/")[2]
    return Filing.objects.select_related(*_RELATED).filter(pk=int(pk)).first()


def _question(told: Told) -> tuple[Filing, Question] | None:
    filing = _filing(told)
    question = Question.objects.filter(pk=told.data["question"], filing=filing).first()
    return (filing, question) if filing and question else None


def _was_told(peer: Peer, matter: str) -> bool:
    return Line.objects.filter(peer=peer, direction=Line.OUT, matter=matter).exists()
