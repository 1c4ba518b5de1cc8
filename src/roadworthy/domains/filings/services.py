"""What can be done to a filing, by the one who files and by the one who decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from securesystemslib.signer import Signer

from roadworthy.domains.access import granting
from roadworthy.domains.filings import (
    assessment,
    attested,
    completing,
    effects,
    gate,
    offers,
    preparing,
    searching,
    signing,
)
from roadworthy.domains.filings.dossiers import Amendment
from roadworthy.domains.filings.errors import (
    NoSuchFiling,
    NothingToSign,
    NotSigned,
    OpenQuestions,
    OutOfOrder,
    ReasonMissing,
)
from roadworthy.domains.filings.models import Candidate, Filing, Question
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import FILING, Action, Kind, QuestionState, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import SigningKey
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State as Life
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import Outcome
from roadworthy.rules.text import Text
from roadworthy.trust.dsse import Statement, Subject, attest

# The rules that say in which order things are filed; a filing against them is rejected.
ORDER_RULES = ("OTA22-01", "OTA22-02", "OTA22-03", "OTA22-06")


@transaction.atomic(durable=True)
def prepare(
    *,
    kind: Kind,
    manufacturer_id: int,
    details: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    release_id: int | None = None,
    amendment: Amendment | None = None,
) -> tuple[Filing, ...]:
    """Compose the dossier and a draft of it for each authority that it goes to.

    Raises:
        NotAMember, NoSuchRelease, NothingToFile, NothingToReport, DetailMissing.
        NoAuthority: an addressee has no account here.
        AlreadyFiled: the same matter is before an authority and not decided against.
        NotAmendable, AmendmentReasonMissing: the amendment cannot be made like this.
    """
    return preparing.prepared(
        kind=kind,
        manufacturer_id=manufacturer_id,
        details=details,
        actor=actor,
        at=at,
        release_id=release_id,
        enclosed=preparing.Enclosed(amendment=amendment),
    )


@transaction.atomic(durable=True)
def submit(*, filing_id: int, actor: Actor, at: datetime) -> Filing:
    """Hand a filing to its authority.

    Raises:
        NoSuchFiling, WrongState, WrongRole.
        OutOfOrder: the law wants something else to be accepted first.
        NotSigned: the metadata that the authority countersigns is not there yet.
    """
    filing, by = locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), Action.SUBMIT, actor.role)
    _check_order(filing, at)
    _check_signed(filing)
    if filing.supersedes is not None and filing.supersedes.state != State.ACCEPTED:
        supersede(filing.supersedes, at)
    filing.submitted_at, filing.submitted_by_id, filing.reason = at, actor.user_id, ""
    also = ("submitted_at", "submitted_by", "reason")
    return move(filing, after, Action.SUBMIT, by, at, also=also)


@transaction.atomic(durable=True)
def withdraw(*, filing_id: int, actor: Actor, at: datetime) -> Filing:
    """Take a filing back before it is decided.

    Raises:
        NoSuchFiling, WrongState, WrongRole.
    """
    filing, by = locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), Action.WITHDRAW, actor.role)
    return move(filing, after, Action.WITHDRAW, by, at)


@transaction.atomic(durable=True)
def accept(
    *,
    filing_id: int,
    passphrase: str,
    platform: Platform,
    actor: Actor,
    at: datetime,
    terms: Sequence[granting.Term] = (),
) -> Filing:
    """Accept: sign a receipt over the dossier's digest, and countersign what waits for it.

    ``terms`` are the conditions of an approval; the receipt names them.

    Raises:
        NoSuchFiling, WrongState, WrongRole, NotYourKey, WrongPassphrase.
        NoConditionsHere, ConditionUnclear: terms that nobody could fulfil.
        TypeExists, ApprovalMovedOn, NotInForce: the approval cannot be made of it any more.
        OpenQuestions: the manufacturer has not answered yet.
        StillIncomplete: an application for access lacks what no condition stands for.
    """
    filing, by = locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), Action.ACCEPT, actor.role)
    _check_answered(filing)
    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    key, signer = signing.open_own(actor, purpose, passphrase, platform.keystore)
    statement = _receipt(filing, purpose, at, terms)
    hand = Hand(actor, by, key, signer, platform)
    return carry_out(filing, Action.ACCEPT, after, statement, hand, at=at, terms=terms)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who signs, and with what key; opened for this one step."""

    actor: Actor
    by: Witnessed
    key: SigningKey
    signer: Signer
    platform: Platform


def carry_out(
    filing: Filing,
    action: Action,
    after: State,
    receipt: Statement,
    hand: Hand,
    *,
    at: datetime,
    terms: Sequence[granting.Term] = (),
    said: Mapping[str, Any] | None = None,
) -> Filing:
    """Accept a filing whose row is locked, whoever's key it is; inside the caller's transaction."""
    completing.check(filing, terms)
    if filing.supersedes is not None and filing.supersedes.state == State.ACCEPTED:
        supersede(filing.supersedes, at)
    filing.receipt = attest(receipt, hand.signer).decode()
    filing.decided_at, filing.decided_by_id = at, hand.actor.user_id
    release = filing.dossier.release
    if release is not None:
        release = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
        filing.dossier.release = release
        gate.countersign(release, hand.key, hand.signer, at)
    also = ("receipt", "decided_at", "decided_by")
    moved = move(filing, after, action, hand.by, at, also=also, said=said)
    effects.accepted(moved, terms=terms, by=hand.by, at=at)
    if release is not None:
        gate.open_gate(release, platform=hand.platform, at=at)
    else:
        offers.countersign(moved, hand.key, hand.signer, actor=hand.actor, at=at)
    return moved


@transaction.atomic(durable=True)
def countersign(
    *, filing_id: int, passphrase: str, platform: Platform, actor: Actor, at: datetime
) -> Filing:
    """Sign the release metadata for a filing that is accepted already.

    Raises:
        NoSuchFiling, NotYourKey, WrongPassphrase.
        NothingToSign: no metadata of a release elsewhere waits for it.
        SamePerson: an attested one's, and the actor signs releases or handed the filing in.
    """
    filing, by = locked(filing_id, actor)
    release = filing.dossier.release
    if filing.state != State.ACCEPTED or not (release or filing.manufacturer.is_remote):
        raise NoSuchFiling
    if filing.authority.is_attested:
        attested.check_other_person(filing, actor)
    _, purpose = signing.signer_of(filing)
    key, signer = signing.open_own(actor, purpose, passphrase, platform.keystore)
    if release is None:
        if offers.countersign(filing, key, signer, actor=actor, at=at) is None:
            raise NothingToSign
        return filing
    release = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    signed = gate.countersign(release, key, signer, at)
    if signed is not None and filing.authority.is_attested:
        preparing.log(
            "release:candidate:attested",
            filing,
            by,
            at,
            candidate_sha256=signed.sha256,
            purpose=key.purpose,
            keyid=key.keyid,
            attested=True,
        )
    gate.open_gate(release, platform=platform, at=at)
    return filing


@transaction.atomic(durable=True)
def send_back(*, filing_id: int, reason: str, actor: Actor, at: datetime) -> Filing:
    """Return a filing to the manufacturer with what is missing.

    Raises:
        NoSuchFiling, WrongState, WrongRole, ReasonMissing.
    """
    return _decide_against(Action.RETURN, filing_id, reason, actor, at)


@transaction.atomic(durable=True)
def refuse(*, filing_id: int, reason: str, actor: Actor, at: datetime) -> Filing:
    """Refuse a filing for good.

    Raises:
        NoSuchFiling, WrongState, WrongRole, ReasonMissing.
    """
    return _decide_against(Action.REFUSE, filing_id, reason, actor, at)


def reassess(release_id: int, *, stated: Mapping[str, Any], by: ledger.Named, at: datetime) -> None:
    """Ask the rulebook again, with facts that only the caller knows; inside its transaction."""
    release = Release.objects.select_for_update(no_key=True).get(pk=release_id)
    assessment.assess(release, by=by, at=at, stated=stated)


@transaction.atomic(durable=True)
def reconsider(*, release_id: int, platform: Platform, at: datetime) -> bool:
    """Assess a release as of now and open its gate if nothing is missing any more."""
    release = Release.objects.select_for_update(no_key=True).get(pk=release_id)
    assessment.assess(release, by=witnessed(PLATFORM), at=at)
    return gate.open_gate(release, platform=platform, at=at)


def _decide_against(
    action: Action, filing_id: int, reason: str, actor: Actor, at: datetime
) -> Filing:
    filing, by = locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), action, actor.role)
    if not reason.strip():
        raise ReasonMissing
    filing.reason, filing.decided_at, filing.decided_by_id = reason.strip(), at, actor.user_id
    return move(filing, after, action, by, at, also=("reason", "decided_at", "decided_by"))


def locked(filing_id: int, actor: Actor) -> tuple[Filing, Witnessed]:
    """Return the filing if it is the actor's to see: filed by them, or addressed to them."""
    by = witnessed(actor)
    filing = (
        Filing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dossier__release", "authority", "manufacturer", "supersedes")
        .filter(pk=filing_id)
        .first()
    )
    if filing is None:
        raise NoSuchFiling
    reviewing = actor.role in {Role.MIIT_REVIEWER, Role.SAMR_REVIEWER}
    owner_id = filing.authority_id if reviewing else filing.manufacturer_id
    if owner_id != actor.organisation_id or (reviewing and filing.submitted_at is None):
        raise NoSuchFiling
    return filing, by


def supersede(superseded: Filing, at: datetime) -> None:
    """Let a filing give way to the one that supersedes it; inside that one's step."""
    old = (
        Filing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dossier", "authority")
        .get(pk=superseded.pk)
    )
    if old.state in FILING.final:  # withdrawn or refused meanwhile
        return
    after = FILING.next_state(State(old.state), Action.SUPERSEDE, PLATFORM.role)
    before, old.state = old.state, after
    old.save(update_fields=["state"])
    steps = {"action": Action.SUPERSEDE, "before": before, "after": after}
    preparing.log("filing:state:changed", old, witnessed(PLATFORM), at, **steps)


def _check_answered(filing: Filing) -> None:
    count = Question.objects.filter(filing=filing, state=QuestionState.OPEN).count()
    if count:
        raise OpenQuestions(count=count, number=filing.number)


def move(
    filing: Filing,
    after: State,
    action: Action,
    by: ledger.Named,
    at: datetime,
    *,
    also: Sequence[str] = (),
    said: Mapping[str, Any] | None = None,
) -> Filing:
    """Write down a step of a filing whose row is locked; inside the caller's transaction."""
    before = filing.state
    filing.state = after
    filing.save(update_fields=["state", *also])
    searching.keep(filing)
    steps = {"action": action, "before": before, "after": after} | dict(said or {})
    preparing.log("filing:state:changed", filing, by, at, **steps)
    if filing.dossier.release is not None:
        assessment.assess(filing.dossier.release, by=by, at=at)
    return filing


def _check_order(filing: Filing, at: datetime) -> None:
    """Reject what the sequence of OTA22 does not allow yet (worked case 10)."""
    release = filing.dossier.release
    if filing.dossier.kind != Kind.ACTIVITY or release is None:
        return
    facts = assessment.facts(release, at=at, stated={}) | {
        "activity_submitted": True,
        "activity_submitted_on": legal_day(at),
    }
    result = rulebook().evaluate(facts, as_of=legal_day(at), rules=ORDER_RULES)
    broken = [f for f in result.findings if f.outcome == Outcome.BROKEN]
    if broken:
        why = Text("".join(f.why.zh_hans for f in broken), " ".join(f.why.en for f in broken))
        raise OutOfOrder(why=why, rules=", ".join(f.rule_id for f in broken))


def _check_signed(filing: Filing) -> None:
    release = filing.dossier.release
    if filing.authority.is_attested:  # it signs nothing; its number goes into what is signed
        return
    # What vehicles accept already is signed; its amendment changes what is told, not what runs.
    if filing.dossier.kind != Kind.ACTIVITY or (release and release.state == Life.RELEASED):
        return
    candidate = Candidate.objects.filter(release=release).first()
    if candidate is None or candidate.dossier_sha256 != filing.dossier.sha256:
        raise NotSigned


def _receipt(
    filing: Filing, purpose: KeyPurpose, at: datetime, terms: Sequence[granting.Term]
) -> Statement:
    conditions = {"conditions": [term.to_json() for term in terms]} if terms else {}
    return Statement(
        (Subject(f"dossier/{filing.dossier_id}", filing.dossier.sha256),),
        signing.PREDICATE_OF_PURPOSE[purpose],
        {
            "number": filing.number,
            "kind": filing.dossier.kind,
            "authority": filing.authority.slug,
            "manufacturer": filing.manufacturer.slug,
            "decision": "accepted",
            "accepted_at": ledger.instant(at),
            **conditions,
        },
    )
