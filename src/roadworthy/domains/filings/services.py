"""What can be done to a filing, by the one who files and by the one who decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.filings import assessment, dossiers, effects, gate, searching, signing
from roadworthy.domains.filings.errors import (
    AlreadyFiled,
    NoAuthority,
    NoSuchFiling,
    NotSigned,
    OutOfOrder,
    ReasonMissing,
)
from roadworthy.domains.filings.models import Candidate, Dossier, Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import FILING, Action, Kind, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Release
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import Outcome
from roadworthy.rules.text import Text
from roadworthy.trust.dsse import Statement, Subject, attest

# Both authorities get the three levels (N45 keeps the two filings); permits and plans have one.
ADDRESSEES: Mapping[Kind, tuple[Party, ...]] = {
    Kind.CAPABILITY: (Party.MIIT, Party.SAMR),
    Kind.TYPE: (Party.MIIT, Party.SAMR),
    Kind.ACTIVITY: (Party.MIIT, Party.SAMR),
    Kind.MARKET_ACCESS: (Party.MIIT,),
    Kind.PRODUCT_CHANGE: (Party.MIIT,),
    Kind.ACCESS_PERMIT: (Party.MIIT,),
    Kind.RECALL_PLAN: (Party.SAMR,),
}
PREFIXES = {
    Kind.CAPABILITY: "F1",
    Kind.TYPE: "F2",
    Kind.ACTIVITY: "F3",
    Kind.MARKET_ACCESS: "MA",
    Kind.PRODUCT_CHANGE: "PC",
    Kind.ACCESS_PERMIT: "AP",
    Kind.RECALL_PLAN: "RP",
}
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
) -> tuple[Filing, ...]:
    """Compose the dossier and a draft of it for each authority that it goes to.

    Raises:
        NotAMember, NoSuchRelease, NothingToFile, DetailMissing.
        NoAuthority: an addressee has no account here.
        AlreadyFiled: the same matter is before an authority and not decided against.
    """
    by = witnessed(actor)
    if actor.organisation_id != manufacturer_id:
        raise software.NoSuchRelease
    release = software.locked(release_id, actor)[0] if release_id is not None else None
    manufacturer = Organisation.objects.get(pk=manufacturer_id)
    if release is not None:
        assessment.assess(release, by=by, at=at)  # the dossier states the labels of today
    content = dossiers.compose(kind, manufacturer, release, details)
    _refuse_second(kind, manufacturer_id, release, content)
    dossier = Dossier.objects.create(
        manufacturer=manufacturer,
        kind=kind,
        release=release,
        content=content,
        sha256=dossiers.sha256(content),
        created_at=at,
    )
    filings = tuple(_draft(dossier, party, at) for party in ADDRESSEES[kind])
    for filing in filings:
        _log("filing:prepared", filing, by, at)
    if release is not None:
        assessment.assess(release, by=by, at=at)
    return filings


@transaction.atomic(durable=True)
def submit(*, filing_id: int, actor: Actor, at: datetime) -> Filing:
    """Hand a filing to its authority.

    Raises:
        NoSuchFiling, WrongState, WrongRole.
        OutOfOrder: the law wants something else to be accepted first.
        NotSigned: the metadata that the authority countersigns is not there yet.
    """
    filing, by = _locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), Action.SUBMIT, actor.role)
    _check_order(filing, at)
    _check_signed(filing)
    filing.submitted_at, filing.submitted_by_id, filing.reason = at, actor.user_id, ""
    also = ("submitted_at", "submitted_by", "reason")
    return _move(filing, after, Action.SUBMIT, by, at, also=also)


@transaction.atomic(durable=True)
def withdraw(*, filing_id: int, actor: Actor, at: datetime) -> Filing:
    """Take a filing back before it is decided.

    Raises:
        NoSuchFiling, WrongState, WrongRole.
    """
    filing, by = _locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), Action.WITHDRAW, actor.role)
    return _move(filing, after, Action.WITHDRAW, by, at)


@transaction.atomic(durable=True)
def accept(
    *, filing_id: int, passphrase: str, platform: Platform, actor: Actor, at: datetime
) -> Filing:
    """Accept: sign a receipt over the dossier's digest, and countersign what waits for it.

    Raises:
        NoSuchFiling, WrongState, WrongRole, NotYourKey, WrongPassphrase.
    """
    filing, by = _locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), Action.ACCEPT, actor.role)
    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    key, signer = signing.open_own(actor, purpose, passphrase, platform.keystore)
    filing.receipt = attest(_receipt(filing, purpose, at), signer).decode()
    filing.decided_at, filing.decided_by_id = at, actor.user_id
    release = filing.dossier.release
    if release is not None:
        release = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
        filing.dossier.release = release
        gate.countersign(release, key, signer, at)
    moved = _move(
        filing, after, Action.ACCEPT, by, at, also=("receipt", "decided_at", "decided_by")
    )
    effects.accepted(moved, by=by, at=at)
    if release is not None:
        gate.open_gate(release, platform=platform, at=at)
    return moved


@transaction.atomic(durable=True)
def countersign(
    *, filing_id: int, passphrase: str, platform: Platform, actor: Actor, at: datetime
) -> Filing:
    """Sign the release metadata for a filing that is accepted already.

    Raises:
        NoSuchFiling, NotYourKey, WrongPassphrase.
    """
    filing, _ = _locked(filing_id, actor)
    release = filing.dossier.release
    if filing.state != State.ACCEPTED or release is None:
        raise NoSuchFiling
    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    key, signer = signing.open_own(actor, purpose, passphrase, platform.keystore)
    release = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    gate.countersign(release, key, signer, at)
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
    filing, by = _locked(filing_id, actor)
    after = FILING.next_state(State(filing.state), action, actor.role)
    if not reason.strip():
        raise ReasonMissing
    filing.reason, filing.decided_at, filing.decided_by_id = reason.strip(), at, actor.user_id
    return _move(filing, after, action, by, at, also=("reason", "decided_at", "decided_by"))


def _locked(filing_id: int, actor: Actor) -> tuple[Filing, Witnessed]:
    """Return the filing if it is the actor's to see: filed by them, or addressed to them."""
    by = witnessed(actor)
    filing = (
        Filing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dossier__release", "authority")
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


def _move(
    filing: Filing,
    after: State,
    action: Action,
    by: ledger.Named,
    at: datetime,
    *,
    also: Sequence[str] = (),
) -> Filing:
    before = filing.state
    filing.state = after
    filing.save(update_fields=["state", *also])
    searching.keep(filing)
    _log("filing:state:changed", filing, by, at, action=action, before=before, after=after)
    if filing.dossier.release is not None:
        assessment.assess(filing.dossier.release, by=by, at=at)
    return filing


def _log(event: str, filing: Filing, by: ledger.Named, at: datetime, **data: Any) -> None:
    ledger.record(
        event=event,
        subject=f"filing/{filing.pk}",
        actor=by,
        at=at,
        release_id=filing.dossier.release_id,
        data={
            "number": filing.number,
            "kind": filing.dossier.kind,
            "authority": filing.authority.slug,
            "dossier_sha256": filing.dossier.sha256,
            **data,
        },
    )


def _draft(dossier: Dossier, party: Party, at: datetime) -> Filing:
    authority = organisations.authority(party)
    if authority is None:
        raise NoAuthority(authority=party.upper())
    filing = Filing.objects.create(
        dossier=dossier,
        manufacturer=dossier.manufacturer,
        authority=authority,
        number=f"draft-{dossier.sha256[:12]}-{party}"[:24],
        created_at=at,
    )
    side = "" if party == Party.MIIT else "S-"
    prefix = PREFIXES[Kind(dossier.kind)]
    filing.number = f"{side}{prefix}-{legal_day(at).year}-{filing.pk:04d}"
    filing.save(update_fields=["number"])
    searching.keep(filing)
    return filing


def _refuse_second(
    kind: Kind, manufacturer_id: int, release: Release | None, content: Mapping[str, Any]
) -> None:
    standing = Filing.objects.filter(
        dossier__kind=kind, manufacturer_id=manufacturer_id, dossier__release=release
    ).exclude(state__in=[State.WITHDRAWN, State.REFUSED, State.RETURNED])
    if kind == Kind.TYPE:
        standing = standing.filter(dossier__sha256=dossiers.sha256(content))
    first = standing.first()
    if first is not None:
        raise AlreadyFiled(number=first.number)


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
    if filing.dossier.kind != Kind.ACTIVITY:
        return
    candidate = Candidate.objects.filter(release=filing.dossier.release).first()
    if candidate is None or candidate.dossier_sha256 != filing.dossier.sha256:
        raise NotSigned


def _receipt(filing: Filing, purpose: KeyPurpose, at: datetime) -> Statement:
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
        },
    )
