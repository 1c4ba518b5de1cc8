"""Where work comes from: a query or two of each domain below, always for one organisation.

``only`` asks for one item, by the id in its key. What is not the organisation's is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from django.db.models import Count, Max, Min

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
from roadworthy.domains.vehicles.models import UnknownSoftware
from roadworthy.domains.worklists.items import Kind, WorkItem
from roadworthy.domains.worklists.models import TypeDuty
from roadworthy.domains.worklists.states import State as DutyState
from roadworthy.kernel.citation import Citation

Source = Callable[[int, date, int | None], Iterator[WorkItem]]
_FILED = FILING.transitions[0].basis
_SIGNED = next(t.basis for t in RELEASE.transitions if t.action == ReleaseAction.SIGN)
_RUN = CAMPAIGN.transitions[0].basis
_KNOWN = Citation("N45", "三（六）")  # what runs on a vehicle is what was filed
_UNDECIDED = (CampaignState.DRAFT, CampaignState.PAUSED, CampaignState.STOPPED)


def obligations(
    manufacturer_id: int,
    today: date,
    only: int | None,
    *,
    done: bool = False,
    between: tuple[date, date] | None = None,
) -> Iterator[WorkItem]:
    """Yield the duties that releases brought."""
    found = Obligation.objects.filter(
        manufacturer_id=manufacturer_id, fulfilled_at__isnull=not done
    )
    found = found.filter(pk=only) if only is not None else found
    found = found.filter(due_on__range=between) if between else found
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
            done=done,
        )


def type_duties(
    manufacturer_id: int,
    today: date,
    only: int | None,
    *,
    done: bool = False,
    between: tuple[date, date] | None = None,
) -> Iterator[WorkItem]:
    """Yield what types owe by themselves."""
    state = DutyState.FULFILLED if done else DutyState.OPEN
    found = TypeDuty.objects.filter(manufacturer_id=manufacturer_id, state=state)
    found = found.filter(pk=only) if only is not None else found
    found = found.filter(due_on__range=between) if between else found
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
            done=done,
        )


def filings_in_hand(manufacturer_id: int, today: date, only: int | None) -> Iterator[WorkItem]:
    """Yield drafts to hand in and what came back."""
    found = Filing.objects.filter(
        manufacturer_id=manufacturer_id, state__in=[FilingState.DRAFT, FilingState.RETURNED]
    )
    found = found.filter(pk=only) if only is not None else found
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


def to_prepare(manufacturer_id: int, today: date, only: int | None) -> Iterator[WorkItem]:
    """Yield the frozen and signed releases for which a filing that they need is not prepared."""
    found = Release.objects.filter(
        manufacturer_id=manufacturer_id, state__in=[ReleaseState.FROZEN, ReleaseState.SIGNED]
    )
    rows = list(found.filter(pk=only) if only is not None else found)
    places = overview.places(rows, on=today) if rows else {}
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


def to_sign(manufacturer_id: int, today: date, only: int | None) -> Iterator[WorkItem]:
    """Yield the frozen releases, which wait for the manufacturer's signature."""
    found = Release.objects.filter(manufacturer_id=manufacturer_id, state=ReleaseState.FROZEN)
    for row in found.filter(pk=only) if only is not None else found:
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


def campaigns(manufacturer_id: int, today: date, only: int | None) -> Iterator[WorkItem]:
    """Yield the campaigns that do not go on by themselves."""
    found = Campaign.objects.filter(manufacturer_id=manufacturer_id, state__in=_UNDECIDED)
    for row in (found.filter(pk=only) if only is not None else found).select_related("release"):
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


def unknown_software(manufacturer_id: int, today: date, only: int | None) -> Iterator[WorkItem]:
    """Yield each version on an ECU of a type that nothing covers, with how many vehicles run it."""
    found = (
        UnknownSoftware.objects.filter(vehicle__manufacturer_id=manufacturer_id)
        .values("ecu", "ecu__name", "version")
        .annotate(
            first=Min("pk"),
            vehicles=Count("vehicle", distinct=True),
            seen=Min("first_seen_at"),
            last=Max("last_seen_at"),
        )
        .order_by("first")
    )
    for row in found.filter(first=only) if only is not None else found:
        yield WorkItem(
            kind=Kind.UNKNOWN,
            id=row["first"],
            subject=" ".join(part for part in (row["ecu__name"], row["version"]) if part),
            changed_at=row["last"],
            since=row["seen"],
            basis=_KNOWN,
            number=row["vehicles"],
            link=("unknown", row["version"]),
        )


def to_review(authority_id: int, today: date, only: int | None) -> Iterator[WorkItem]:
    """Yield the filings that wait for the authority's decision, longest waiting first."""
    found = filings.awaiting_review(authority_id)
    for row in (found.filter(pk=only) if only is not None else found).values_list(
        "pk", "number", "manufacturer__name", "dossier__kind", "submitted_at"
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


def to_countersign(authority_id: int, today: date, only: int | None) -> Iterator[WorkItem]:
    """Yield the accepted filings whose release waits for the authority's signature."""
    for row in filings.awaiting_countersignature(authority_id):
        if only is None or row.pk == only:
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
    (Kind.UNKNOWN,): unknown_software,
}
OF_AUTHORITY: Mapping[tuple[Kind, ...], Source] = {
    (Kind.REVIEW,): to_review,
    (Kind.COUNTERSIGN,): to_countersign,
}
BY_PARTY: Mapping[Party, Mapping[tuple[Kind, ...], Source]] = {
    Party.MANUFACTURER: OF_MANUFACTURER,
    Party.MIIT: OF_AUTHORITY,
    Party.SAMR: OF_AUTHORITY,
    Party.INSTITUTION: {},
}
