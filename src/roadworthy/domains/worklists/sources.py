"""Where work comes from: a query or two of each domain below, always for one organisation.

What is not the organisation's is not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models.functions import Coalesce

from roadworthy.domains.campaigns import overview
from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.campaigns.states import CAMPAIGN
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.filings.models import Filing, Obligation
from roadworthy.domains.filings.states import FILING
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import RELEASE
from roadworthy.domains.software.states import Action as ReleaseAction
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.domains.worklists import followups
from roadworthy.domains.worklists.asked import Asked, Source
from roadworthy.domains.worklists.items import Kind, WorkItem
from roadworthy.domains.worklists.models import TypeDuty
from roadworthy.domains.worklists.states import State as DutyState

_FILED = FILING.transitions[0].basis
_SIGNED = next(t.basis for t in RELEASE.transitions if t.action == ReleaseAction.SIGN)
_RUN = CAMPAIGN.transitions[0].basis
_UNDECIDED = (CampaignState.DRAFT, CampaignState.PAUSED, CampaignState.STOPPED)


def obligations(asked: Asked) -> Iterator[WorkItem]:
    """Yield the duties that releases brought."""
    found = Obligation.objects.filter(
        manufacturer_id=asked.organisation_id, fulfilled_at__isnull=not asked.done
    )
    found = found.filter(pk=asked.only) if asked.only is not None else found
    found = found.filter(due_on__range=asked.between) if asked.between else found
    for row in found.values_list(
        "pk", "release__number", "release__title", "title", "due", "due_on", "rule_id", "updated_at"
    ):
        number = row[1] or ""
        yield WorkItem(
            kind=Kind.OBLIGATION,
            id=row[0],
            subject=number,
            about=row[2] or {},
            title=row[3],
            due=row[4],
            due_on=row[5],
            rule_id=row[6],
            changed_at=row[7],
            since=row[7],
            link=("release", number) if number else ("obligations", ""),
            done=asked.done,
        )


def type_duties(asked: Asked) -> Iterator[WorkItem]:
    """Yield what types owe by themselves."""
    state = DutyState.FULFILLED if asked.done else DutyState.OPEN
    found = TypeDuty.objects.filter(manufacturer_id=asked.organisation_id, state=state)
    found = found.filter(pk=asked.only) if asked.only is not None else found
    found = found.filter(due_on__range=asked.between) if asked.between else found
    for row in found.select_related("type"):
        yield WorkItem(
            kind=Kind.TYPE_DUTY,
            id=row.pk,
            subject=row.type.code,
            about=row.type.name,
            title=row.title,
            due=row.due,
            due_on=row.due_on,
            rule_id=row.rule_id,
            why=row.why,
            changed_at=row.updated_at,
            since=row.created_at,
            link=("duty", row.pk),
            done=asked.done,
        )


def filings_in_hand(asked: Asked) -> Iterator[WorkItem]:
    """Yield drafts to hand in and what came back."""
    found = Filing.objects.filter(
        manufacturer_id=asked.organisation_id, state__in=[FilingState.DRAFT, FilingState.RETURNED]
    )
    found = found.filter(pk=asked.only) if asked.only is not None else found
    for row in found.select_related("authority", "dossier__release").defer("dossier__content"):
        came_back = row.state == FilingState.RETURNED
        changed = row.decided_at if came_back and row.decided_at else row.created_at
        yield WorkItem(
            kind=Kind.CORRECT if came_back else Kind.SUBMIT,
            id=row.pk,
            subject=row.number,
            about=row.authority.name,
            changed_at=changed,
            since=changed,
            basis=_FILED,
            state=row.dossier.kind,
            link=("filing", row.pk),
        )


def to_prepare(asked: Asked) -> Iterator[WorkItem]:
    """Yield the frozen and signed releases for which a filing that they need is not prepared."""
    found = Release.objects.filter(
        manufacturer_id=asked.organisation_id, state__in=[ReleaseState.FROZEN, ReleaseState.SIGNED]
    )
    rows = list(found.filter(pk=asked.only) if asked.only is not None else found)
    places = overview.places(rows, on=asked.today) if rows else {}
    for row in rows:
        lacking = [need for need in places[row.pk].needed if places[row.pk].standing(*need) is None]
        if lacking:
            yield WorkItem(
                kind=Kind.PREPARE,
                id=row.pk,
                subject=row.number,
                about=row.title,
                changed_at=row.registered_at,
                since=row.registered_at,
                basis=_FILED,
                state=lacking[0][0],
                link=("release", row.number),
            )


def to_sign(asked: Asked) -> Iterator[WorkItem]:
    """Yield the frozen releases, which wait for the manufacturer's signature."""
    found = Release.objects.filter(manufacturer_id=asked.organisation_id, state=ReleaseState.FROZEN)
    for row in found.filter(pk=asked.only) if asked.only is not None else found:
        yield WorkItem(
            kind=Kind.SIGN,
            id=row.pk,
            subject=row.number,
            about=row.title,
            changed_at=row.registered_at,
            since=row.registered_at,
            basis=_SIGNED,
            link=("release", row.number),
        )


def campaigns(asked: Asked) -> Iterator[WorkItem]:
    """Yield the campaigns that do not go on by themselves."""
    found = Campaign.objects.filter(manufacturer_id=asked.organisation_id, state__in=_UNDECIDED)
    for row in (found.filter(pk=asked.only) if asked.only is not None else found).select_related(
        "release"
    ):
        yield WorkItem(
            kind=Kind.CAMPAIGN,
            id=row.pk,
            subject=row.release.number,
            about=row.name,
            changed_at=row.created_at,
            since=row.created_at,
            basis=_RUN,
            state=row.state,
            link=("campaign", row.pk),
        )


def to_review(asked: Asked) -> Iterator[WorkItem]:
    """Yield the filings that wait for the authority's decision, longest waiting first."""
    found = filings.awaiting_review(asked.organisation_id)
    for row in (found.filter(pk=asked.only) if asked.only is not None else found).values_list(
        "pk",
        "number",
        "manufacturer__name",
        "dossier__kind",
        Coalesce("submitted_at", "created_at"),
    ):
        yield WorkItem(
            kind=Kind.REVIEW,
            id=row[0],
            subject=row[1],
            about=row[2],
            changed_at=row[4],
            since=row[4],
            basis=_FILED,
            state=row[3],
            link=("filing", row[0]),
        )


def to_countersign(asked: Asked) -> Iterator[WorkItem]:
    """Yield the accepted filings whose release waits for the authority's signature."""
    for row in filings.awaiting_countersignature(asked.organisation_id):
        if asked.only in {None, row.pk}:
            changed = row.decided_at or row.created_at
            yield WorkItem(
                kind=Kind.COUNTERSIGN,
                id=row.pk,
                subject=row.number,
                about=row.manufacturer.name,
                changed_at=changed,
                since=changed,
                basis=_SIGNED,
                state=row.dossier.kind,
                link=("countersign", row.pk),
            )


OF_MANUFACTURER: Mapping[tuple[Kind, ...], Source] = {
    (Kind.OBLIGATION,): obligations,
    (Kind.TYPE_DUTY,): type_duties,
    (Kind.SUBMIT, Kind.CORRECT): filings_in_hand,
    (Kind.PREPARE,): to_prepare,
    (Kind.SIGN,): to_sign,
    (Kind.CAMPAIGN,): campaigns,
    (Kind.CONDITION,): followups.conditions,
    (Kind.FINDING,): followups.findings,
    (Kind.COMPLAINT,): followups.complaints,
}
OF_AUTHORITY: Mapping[tuple[Kind, ...], Source] = {
    (Kind.REVIEW,): to_review,
    (Kind.COUNTERSIGN,): to_countersign,
    (Kind.REFERRAL,): followups.referrals,
}
BY_PARTY: Mapping[Party, Mapping[tuple[Kind, ...], Source]] = {
    Party.MANUFACTURER: OF_MANUFACTURER,
    Party.MIIT: OF_AUTHORITY,
    Party.SAMR: OF_AUTHORITY,
    Party.INSTITUTION: {},
}
