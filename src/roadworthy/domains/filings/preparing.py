"""Compose a dossier and the drafts of it, one for each authority that it goes to.

A later filing of the same matter names the one that it takes the place of: the next version of
what was returned, or the amendment of what was accepted. All authorities of a matter get the same
next version under one digest, also the one that had nothing to say against the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from roadworthy.domains.filings import assessment, dossiers, effects, searching
from roadworthy.domains.filings.dossiers import Amendment, Attached
from roadworthy.domains.filings.errors import (
    AlreadyFiled,
    AmendmentReasonMissing,
    ChangeTheApproval,
    NoAuthority,
    NotAmendable,
)
from roadworthy.domains.filings.models import Dossier, Filing
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Release
from roadworthy.kernel.calendar import legal_day

# Both authorities get the three levels (N45 keeps the two filings); permits and plans have one.
ADDRESSEES: Mapping[Kind, tuple[Party, ...]] = {
    Kind.CAPABILITY: (Party.MIIT, Party.SAMR),
    Kind.TYPE: (Party.MIIT, Party.SAMR),
    Kind.ACTIVITY: (Party.MIIT, Party.SAMR),
    Kind.MARKET_ACCESS: (Party.MIIT,),
    Kind.PRODUCT_CHANGE: (Party.MIIT,),
    Kind.ACCESS_PERMIT: (Party.MIIT,),
    Kind.RECALL_PLAN: (Party.SAMR,),
    Kind.IMPLEMENTATION_REPORT: (Party.MIIT, Party.SAMR),
    Kind.STAGE_REPORT: (Party.MIIT, Party.SAMR),
    Kind.RECALL_STAGE_REPORT: (Party.SAMR,),
    Kind.RECALL_FINAL_REPORT: (Party.SAMR,),
}
PREFIXES = {
    Kind.CAPABILITY: "F1",
    Kind.TYPE: "F2",
    Kind.ACTIVITY: "F3",
    Kind.MARKET_ACCESS: "MA",
    Kind.PRODUCT_CHANGE: "PC",
    Kind.ACCESS_PERMIT: "AP",
    Kind.RECALL_PLAN: "RP",
    Kind.IMPLEMENTATION_REPORT: "IR",
    Kind.STAGE_REPORT: "SR",
    Kind.RECALL_STAGE_REPORT: "RS",
    Kind.RECALL_FINAL_REPORT: "RF",
}
_GONE = frozenset({State.WITHDRAWN, State.REFUSED, State.SUPERSEDED})
# Of these there may be several at once, told apart by their content.
_SEVERAL = frozenset({Kind.TYPE, Kind.STAGE_REPORT, Kind.RECALL_STAGE_REPORT})


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with the details."""

    attachments: Sequence[Attached] = field(default=())
    amendment: Amendment | None = None
    follows_id: int | None = None  # the returned filing of which this is the next version


def prepared(
    *,
    kind: Kind,
    manufacturer_id: int,
    details: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    release_id: int | None = None,
    enclosed: Enclosed | None = None,
) -> tuple[Filing, ...]:
    """Do what ``services.prepare`` does, inside the caller's transaction."""
    by, enclosed = witnessed(actor), enclosed or Enclosed()
    if actor.organisation_id != manufacturer_id:
        raise software.NoSuchRelease
    release = software.locked(release_id, actor)[0] if release_id is not None else None
    manufacturer = Organisation.objects.get(pk=manufacturer_id)
    if release is not None:
        assessment.assess(release, by=by, at=at)  # the dossier states the labels of today
    amendment, amended = _amended(enclosed.amendment, manufacturer_id)
    content = dossiers.compose(
        kind,
        manufacturer,
        release,
        details,
        attachments=enclosed.attachments,
        amendment=amendment,
    )
    earlier = (
        _matter_of(amended)
        if amended is not None
        else _earlier(kind, manufacturer_id, release, content, enclosed.follows_id)
    )
    dossier = Dossier.objects.create(
        manufacturer=manufacturer,
        kind=kind,
        release=release,
        content=content,
        sha256=dossiers.sha256(content),
        created_at=at,
    )
    filings = tuple(_draft(dossier, party, earlier, at) for party in ADDRESSEES[kind])
    effects.prepared(filings)
    for filing in filings:
        log("filing:prepared", filing, by, at)
    if release is not None:
        assessment.assess(release, by=by, at=at)
    return filings


def log(event: str, filing: Filing, by: ledger.Named, at: datetime, **data: Any) -> None:
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


def _draft(dossier: Dossier, party: Party, earlier: Sequence[Filing], at: datetime) -> Filing:
    authority = organisations.authority(party)
    if authority is None:
        raise NoAuthority(authority=party.upper())
    filing = Filing.objects.create(
        dossier=dossier,
        manufacturer=dossier.manufacturer,
        authority=authority,
        number=f"draft-{dossier.sha256[:12]}-{party}"[:24],
        supersedes=next((one for one in earlier if one.authority_id == authority.pk), None),
        created_at=at,
    )
    side = "" if party == Party.MIIT else "S-"
    prefix = PREFIXES[Kind(dossier.kind)]
    filing.number = f"{side}{prefix}-{legal_day(at).year}-{filing.pk:04d}"
    filing.save(update_fields=["number"])
    searching.keep(filing)
    return filing


def _amended(
    amendment: Amendment | None, manufacturer_id: int
) -> tuple[Amendment | None, Filing | None]:
    """Return the amendment with what it amends, as it stands now."""
    if amendment is None:
        return None, None
    filing = (
        Filing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dossier")
        .filter(pk=amendment.filing_id, manufacturer_id=manufacturer_id)
        .first()
    )
    if filing is None or filing.state != State.ACCEPTED:
        raise NotAmendable(number=filing.number if filing else "")
    if effects.has_conditions(filing):
        raise ChangeTheApproval(number=filing.number)
    under_way = Filing.objects.filter(supersedes=filing).exclude(state__in=_GONE)
    if under_way.exists():
        raise NotAmendable(number=filing.number)
    if not amendment.reason.strip():
        raise AmendmentReasonMissing
    return (
        replace(
            amendment,
            reason=amendment.reason.strip(),
            number=filing.number,
            dossier_sha256=filing.dossier.sha256,
        ),
        filing,
    )


def _matter_of(filing: Filing) -> tuple[Filing, ...]:
    """Return the filings of one dossier, one for each authority."""
    same = Filing.objects.filter(dossier_id=filing.dossier_id)
    return tuple(same.exclude(state__in=_GONE).order_by("id"))


def _earlier(
    kind: Kind,
    manufacturer_id: int,
    release: Release | None,
    content: Mapping[str, Any],
    follows_id: int | None,
) -> tuple[Filing, ...]:
    """Return what the new filings take the place of; refuse a second one of the same matter."""
    standing = Filing.objects.select_related("dossier").filter(
        dossier__kind=kind, manufacturer_id=manufacturer_id, dossier__release=release
    )
    standing = standing.exclude(state__in=_GONE).order_by("id")
    if kind in _SEVERAL:
        same = standing.filter(dossier__sha256=dossiers.sha256(content))
        _refuse_second(same.exclude(state=State.RETURNED))
        follows = standing.filter(pk=follows_id).first() if follows_id else None
        return _matter_of(follows) if follows else tuple(same)
    standing = dossiers.same_matter(standing, kind, content)
    returned = standing.filter(state=State.RETURNED)
    if not returned.exists():
        _refuse_second(standing)
    # One authority sent it back: both get the next version, whatever the other has said.
    current = {one.authority_id: one for one in standing}
    return tuple(current.values())


def _refuse_second(standing: Any) -> None:
    first = standing.first()
    if first is not None:
        raise AlreadyFiled(number=first.number)
