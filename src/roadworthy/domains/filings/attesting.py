"""Enter what an attested authority answered: the officer's own step, signed with their own key.

An acceptance takes the same way as an authority's own: receipt over the dossier's digest, effects,
assessment, gate. Only its signature and its words are others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.filings import attested, services, signing
from roadworthy.domains.filings.errors import (
    FromTheFuture,
    NotAttestedHere,
    ReasonMissing,
    ReferenceMissing,
)
from roadworthy.domains.filings.models import AttestedAnswer, Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import FILING, Action, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.kernel.calendar import legal_day
from roadworthy.trust.dsse import Statement, Subject

DECISIONS = {
    State.ACCEPTED: Action.ENTER_ACCEPTANCE,
    State.RETURNED: Action.ENTER_RETURN,
    State.REFUSED: Action.ENTER_REFUSAL,
}
REFERENCE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What the authority's paper says."""

    decision: State  # accepted, returned, refused
    reference: str  # its number
    reference_on: date  # its day
    document_sha256: str  # the paper itself, kept among the manufacturer's documents
    reason: str = ""  # of a return or a refusal


@transaction.atomic(durable=True)
def answer(
    *,
    filing_id: int,
    answer: Answer,
    passphrase: str,
    platform: Platform,
    actor: Actor,
    at: datetime,
) -> Filing:
    """Enter the answer of an attested authority; an acceptance is signed with the actor's key.

    Raises:
        NoSuchFiling, WrongState, WrongRole, NotYourKey, WrongPassphrase.
        NotAttestedHere: the authority answers for itself.
        SamePerson: the actor signs releases, or handed the filing in.
        NoSuchDocument: the paper is not among the manufacturer's documents.
        ReferenceMissing, FromTheFuture, ReasonMissing.
        StillIncomplete, and what ``effects.accepted`` raises.
    """
    filing, by = services.locked(filing_id, actor)
    action = DECISIONS[State(answer.decision)]
    after = FILING.next_state(State(filing.state), action, actor.role)
    if not filing.authority.is_attested:
        raise NotAttestedHere(authority=filing.authority.slug.upper(), number=filing.number)
    attested.check_other_person(filing, actor)
    entered = _entered(filing, answer, actor, at)
    said = _said(entered)
    if action != Action.ENTER_ACCEPTANCE:
        if not answer.reason.strip():
            raise ReasonMissing
        filing.reason, filing.decided_at = answer.reason.strip(), at
        filing.decided_by_id = actor.user_id
        also = ("reason", "decided_at", "decided_by")
        return services.move(filing, after, action, by, at, also=also, said=said)
    _, purpose = signing.signer_of(filing)
    key, signer = signing.open_own(actor, purpose, passphrase, platform.keystore)
    hand = services.Hand(actor, by, key, signer, platform)
    statement = _receipt(filing, entered, at)
    return services.carry_out(filing, action, after, statement, hand, at=at, said=said)


def _entered(filing: Filing, answer: Answer, actor: Actor, at: datetime) -> AttestedAnswer:
    reference = answer.reference.strip()
    if not reference or len(reference) > REFERENCE_LENGTH or not reference.isprintable():
        raise ReferenceMissing
    if answer.reference_on > legal_day(at):
        raise FromTheFuture(number=reference, day=answer.reference_on.isoformat())
    document = documents.document(filing.manufacturer_id, answer.document_sha256)
    return AttestedAnswer.objects.create(
        filing=filing,
        decision=State(answer.decision),
        reference=reference,
        reference_on=answer.reference_on,
        document=document,
        at=at,
        by_id=actor.person_id,
    )


def _said(entered: AttestedAnswer) -> dict[str, Any]:
    """Return what the log says of an answer: its number and its digest, no person."""
    return {
        attested.FIELD: {
            "reference": entered.reference,
            "reference_on": entered.reference_on.isoformat(),
            "document_sha256": entered.document.sha256,
        }
    }


def _receipt(filing: Filing, entered: AttestedAnswer, at: datetime) -> Statement:
    _, purpose = signing.signer_of(filing)
    return Statement(
        (Subject(f"dossier/{filing.dossier_id}", filing.dossier.sha256),),
        signing.PREDICATE_OF_PURPOSE[purpose],
        {
            "number": filing.number,
            "kind": filing.dossier.kind,
            "authority": filing.authority.slug,
            "manufacturer": filing.manufacturer.slug,
            "decision": "accepted",
            "attested": True,
            "attested_at": ledger.instant(at),
            "reference": entered.reference,
            "reference_on": entered.reference_on.isoformat(),
            "document_sha256": entered.document.sha256,
        },
    )
