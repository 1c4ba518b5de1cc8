"""What an authority at another deployment decides about a filing, at the manufacturer's deployment.

* An acceptance counts only by the authority's own signature: by a live key that is registered
  here for it and for that purpose, over the very digest that was filed, under the number, kind and
  names of this filing. Who brought the receipt counts for nothing.
* A signature on metadata counts only if it holds over the very bytes that wait here.
* A return or a refusal opens nothing; the word of the authority's deployment is enough for it.
* Plain functions for the transaction that takes the message in; each refusal leaves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Signature

from roadworthy.domains.access.granting import Term
from roadworthy.domains.filings import assessment, effects, gate, mirroring, services, signing
from roadworthy.domains.filings.errors import (
    FromTheFuture,
    NoSuchFiling,
    NothingToSign,
    OtherContent,
    ReasonMissing,
    ReceiptRefused,
    SignatureRefused,
)
from roadworthy.domains.filings.models import Candidate, CandidateSignature, Filing
from roadworthy.domains.filings.states import FILING, Action, Kind, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import remote as elsewhere
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Release
from roadworthy.kernel.calendar import legal_day
from roadworthy.trust import candidates, dsse

REVIEWER: Mapping[Party, Role] = {
    Party.MIIT: Role.MIIT_REVIEWER,
    Party.SAMR: Role.SAMR_REVIEWER,
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What an authority's deployment says of a filing."""

    number: str
    dossier_sha256: str
    action: Action  # accept, return, refuse
    decided_at: datetime
    reason: str = ""
    receipt: str = ""  # DSSE envelope; of an acceptance


@dataclass(frozen=True, slots=True)
class Countersigned:
    """An authority's signature on metadata that waits here."""

    number: str  # of the filing whose acceptance it belongs to
    candidate_sha256: str
    purpose: KeyPurpose
    signature: Mapping[str, Any]  # {"keyid", "sig"}


def decided(
    told: Decided, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Filing:
    """Take in what an authority has decided.

    Raises:
        NoSuchFiling: no filing of that number is before that authority.
        OtherContent: it speaks of other content than was filed.
        ReceiptRefused: the authority has not signed this; nothing is accepted.
        ReasonMissing, FromTheFuture, WrongState, WrongRole.
        What ``effects.accepted`` raises.
    """
    return take_in(_own(told.number, manufacturer, authority), told, at)


def take_in(filing: Filing, told: Decided, at: datetime) -> Filing:
    """Do what ``decided`` does to a filing whose row is locked."""
    authority = filing.authority
    if filing.dossier.sha256 != told.dossier_sha256:
        raise OtherContent(
            number=told.number, found=told.dossier_sha256, wanted=filing.dossier.sha256
        )
    day = legal_day(told.decided_at)
    if day > legal_day(at):
        raise FromTheFuture(number=told.number, day=day.isoformat())
    role = REVIEWER[Party(authority.kind)]
    after = FILING.next_state(State(filing.state), told.action, role)
    by = elsewhere.named(authority, role)
    if told.action == Action.ACCEPT:
        return _accepted(filing, told, after, by, at)
    if not told.reason.strip():
        raise ReasonMissing
    filing.reason, filing.decided_at = told.reason.strip(), told.decided_at
    return services.move(filing, after, told.action, by, at, also=("reason", "decided_at"))


def countersigned(
    told: Countersigned, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Release:
    """Add an authority's signature to the metadata that waits for it; the upkeep opens the gate.

    Raises:
        NoSuchFiling: no accepted filing of that number is before that authority.
        NothingToSign: other metadata waits by now, or none.
        SignatureRefused: the authority has not signed these bytes.
    """
    filing = _own(told.number, manufacturer, authority)
    if filing.state != State.ACCEPTED or filing.dossier.release is None:
        raise NoSuchFiling
    release = Release.objects.select_for_update(no_key=True).get(pk=filing.dossier.release.pk)
    candidate = Candidate.objects.filter(release=release, sha256=told.candidate_sha256).first()
    if candidate is None or candidate.published_at is not None:
        raise NothingToSign
    key = signed_by(told, bytes(candidate.payload), filing)
    if signing.party_name(authority.kind, key.purpose) not in gate.missing(candidate):
        return release
    CandidateSignature.objects.filter(
        candidate=candidate, purpose=key.purpose, party=authority.kind
    ).delete()  # by a key that the role does not name any more
    CandidateSignature.objects.create(
        candidate=candidate,
        key=key,
        party=Party(authority.kind),
        purpose=key.purpose,
        signature={"keyid": key.keyid, "sig": str(told.signature["sig"])},
        at=at,
    )
    by = elsewhere.named(authority, REVIEWER[Party(authority.kind)])
    ledger.record(
        event="release:candidate:countersigned",
        subject=f"release/{release.pk}",
        actor=by,
        at=at,
        release_id=release.pk,
        data={
            "candidate_sha256": candidate.sha256,
            "purpose": key.purpose,
            "keyid": key.keyid,
            "filing": filing.number,
        },
    )
    assessment.assess(release, by=by, at=at)
    return release


def _own(number: str, manufacturer: Organisation, authority: Organisation) -> Filing:
    if manufacturer.is_remote or not authority.is_remote:
        raise NoSuchFiling
    return mirroring.locked(number, manufacturer, authority)


def _accepted(
    filing: Filing, told: Decided, after: State, by: ledger.Named, at: datetime
) -> Filing:
    said = _verified(filing, told)
    if filing.supersedes is not None and filing.supersedes.state == State.ACCEPTED:
        services.supersede(filing.supersedes, at)
    filing.receipt, filing.decided_at = told.receipt, told.decided_at
    moved = services.move(filing, after, Action.ACCEPT, by, at, also=("receipt", "decided_at"))
    effects.accepted(moved, terms=_terms(filing, said), by=by, at=at)
    return moved


def _verified(filing: Filing, told: Decided) -> Mapping[str, Any]:
    """Return what the receipt says, if this filing's authority has said it of this filing."""

    def refused(reason: str) -> ReceiptRefused:
        return ReceiptRefused(number=filing.number, reason=reason)

    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    key = organisations.live_key(filing.authority_id, purpose)
    if key is None:
        raise refused(f"{filing.authority.slug} has no key for {purpose} here")
    try:
        statement = dsse.open_envelope(told.receipt.encode(), [signing.public(key)])
    except (dsse.NotAttested, dsse.EnvelopeMalformed) as error:
        raise refused(str(error)) from None
    if {one.sha256 for one in statement.subjects} != {filing.dossier.sha256}:
        raise refused("it is over another digest")
    if statement.predicate_type != signing.PREDICATE_OF_PURPOSE[purpose]:
        raise refused(f"it is a {statement.predicate_type}")
    wanted = {
        "number": filing.number,
        "kind": filing.dossier.kind,
        "authority": filing.authority.slug,
        "manufacturer": filing.manufacturer.slug,
        "decision": "accepted",
        "accepted_at": ledger.instant(told.decided_at),
    }
    for name, value in wanted.items():
        if statement.predicate.get(name) != value:
            raise refused(f"its {name} is {statement.predicate.get(name)!r}")
    return statement.predicate


def _terms(filing: Filing, said: Mapping[str, Any]) -> tuple[Term, ...]:
    """Return the conditions that the authority has signed."""
    try:
        return tuple(
            Term(
                text=dict(one["text"]),
                owner_role=Role(one["owner_role"]),
                due_on=date.fromisoformat(one["due_on"]) if one["due_on"] else None,
                is_public=bool(one["public"]),
                stands_for=str(one.get("stands_for", "")),
            )
            for one in said.get("conditions", ())
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ReceiptRefused(number=filing.number, reason=f"conditions: {error!r}") from None


def signed_by(told: Countersigned, payload: bytes, filing: Filing) -> SigningKey:
    """Return the key of a filing's authority that signed metadata, verified now.

    Raises:
        SignatureRefused.
    """
    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    key = organisations.live_key(filing.authority_id, purpose)
    if key is None or told.purpose != purpose or told.signature.get("keyid") != key.keyid:
        raise SignatureRefused(number=filing.number, reason="not by the key for this purpose")
    metadata = candidates.parse(payload)
    try:
        signature = Signature.from_dict(dict(told.signature))
        signing.public(key).verify_signature(signature, metadata.signed_bytes)
    except (KeyError, UnverifiedSignatureError, VerificationError) as error:
        raise SignatureRefused(number=filing.number, reason=type(error).__name__) from None
    return key
