"""What can be asked of campaigns. The manufacturer comes first; nobody sees another's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from roadworthy.domains.campaigns.access import NoSuchCampaign
from roadworthy.domains.campaigns.models import Action, ActionEvent, Campaign, Consent, Exclusion
from roadworthy.domains.campaigns.owners import OwnerView, Result, owner_view
from roadworthy.domains.campaigns.progress import (
    Cause,
    GroupProgress,
    Point,
    Progress,
    progress,
)
from roadworthy.domains.campaigns.states import CAMPAIGN, Act, ActionState, State
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Change
from roadworthy.domains.vehicles.models import InstalledSoftware

__all__ = [
    "Cause",
    "Event",
    "GroupProgress",
    "OwnerView",
    "Page",
    "Point",
    "Progress",
    "Result",
    "Row",
    "action",
    "actions",
    "available",
    "campaign",
    "consents",
    "events",
    "excluded",
    "exclusion_reasons",
    "for_organisation",
    "for_release",
    "owner_view",
    "progress",
]

ORDERS: Final = {
    "id": "pk",
    "state": "state",
    "vin": "vehicle__vin",
    "reported": "reported_at",
    "group": "group__number",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One vehicle of a campaign, as its manufacturer sees it."""

    action_id: int
    group: int
    vehicle_id: int
    vin: str | None
    controller_id: str
    state: ActionState
    consented: bool
    offered_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None
    seen_version: str
    detail: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the vehicles of a campaign."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one action; ``act`` is empty for a note that moved nothing."""

    id: int
    at: datetime
    act: str
    state: ActionState
    report_id: int | None
    detail: Mapping[str, Any]


def for_organisation(organisation_id: int) -> QuerySet[Campaign]:
    """Return a manufacturer's campaigns, newest first."""
    return (
        Campaign.objects.filter(manufacturer_id=organisation_id)
        .select_related("release", "notice")
        .order_by("-pk")
    )


def for_release(organisation_id: int, release_id: int) -> QuerySet[Campaign]:
    """Return the campaigns of one release, newest first."""
    return for_organisation(organisation_id).filter(release_id=release_id)


def campaign(organisation_id: int, campaign_id: int) -> Campaign:
    """Return one campaign.

    Raises:
        NoSuchCampaign: nothing has that id, or it is another manufacturer's.
    """
    found = for_organisation(organisation_id).filter(pk=campaign_id).first()
    if found is None:
        raise NoSuchCampaign
    return found


def available(of: Campaign, role: Role) -> tuple[Act, ...]:
    """Return the acts that a role can take now: a page's buttons."""
    return tuple(dict.fromkeys(CAMPAIGN.available(State(of.state), role)))


def changes(organisation_id: int, campaign_id: int) -> tuple[Change, ...]:
    """Return what the campaign changes on each vehicle.

    Raises:
        NoSuchCampaign: nothing has that id, or it is another manufacturer's.
    """
    of = campaign(organisation_id, campaign_id)
    return tuple(Change.objects.select_related("image").filter(release=of.release).order_by("pk"))


def actions(
    organisation_id: int,
    campaign_id: int,
    *,
    states: tuple[ActionState, ...] = (),
    group: int | None = None,
    search: str = "",
    sort: str = "id",
    page: int = 1,
    per_page: int = 50,
) -> Page:
    """Return a page of the campaign's vehicles.

    Raises:
        NoSuchCampaign: nothing has that id, or it is another manufacturer's.
    """
    found = Action.objects.filter(campaign=campaign(organisation_id, campaign_id))
    if states:
        found = found.filter(state__in=states)
    if group is not None:
        found = found.filter(group__number=group)
    if search:
        found = found.filter(
            Q(vehicle__vin__icontains=search) | Q(vehicle__controller_id__icontains=search)
        )
    total = found.count()
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    descending, key = sort.startswith("-"), sort.removeprefix("-")
    order = ORDERS.get(key, "pk")
    rows = found.select_related("vehicle", "group").order_by(
        f"-{order}" if descending else order, "pk"
    )[(page - 1) * per_page : page * per_page]
    return Page(tuple(_row(one) for one in rows), total, page, pages)


def action(organisation_id: int, action_id: int) -> Row:
    """Return one vehicle's update.

    Raises:
        NoSuchCampaign: nothing has that id, or it is another manufacturer's.
    """
    found = (
        Action.objects.select_related("vehicle", "group")
        .filter(pk=action_id, campaign__manufacturer_id=organisation_id)
        .first()
    )
    if found is None:
        raise NoSuchCampaign
    return _row(found)


def events(organisation_id: int, action_id: int) -> tuple[Event, ...]:
    """Return what happened to one action, oldest first."""
    rows = ActionEvent.objects.filter(
        action_id=action_id, action__campaign__manufacturer_id=organisation_id
    ).order_by("pk")
    return tuple(
        Event(row.pk, row.at, row.act, ActionState(row.state), row.report_id, row.detail)
        for row in rows
    )


def consents(organisation_id: int, action_id: int) -> QuerySet[Consent]:
    """Return what the owner was shown and answered, oldest first."""
    return (
        Consent.objects.select_related("notice")
        .filter(action_id=action_id, action__campaign__manufacturer_id=organisation_id)
        .order_by("pk")
    )


def installed(organisation_id: int, action_id: int) -> dict[str, str]:
    """Return what runs on the vehicle of an action, by ECU name."""
    rows = InstalledSoftware.objects.filter(
        vehicle__in=Action.objects.filter(
            pk=action_id, campaign__manufacturer_id=organisation_id
        ).values("vehicle_id")
    ).values_list("ecu__name", "version")
    return dict(rows)


def excluded(organisation_id: int, campaign_id: int) -> QuerySet[Exclusion]:
    """Return the vehicles that were left out, each with its reason."""
    return (
        Exclusion.objects.select_related("vehicle__type")
        .filter(campaign_id=campaign_id, campaign__manufacturer_id=organisation_id)
        .order_by("reason", "vehicle_id")
    )


def exclusion_reasons(organisation_id: int, campaign_id: int) -> dict[str, int]:
    """Return how many vehicles were left out for which reason."""
    rows = excluded(organisation_id, campaign_id).order_by().values_list("reason")
    return dict(rows.annotate(Count("pk")).order_by("reason"))


def _row(one: Action) -> Row:
    return Row(
        action_id=one.pk,
        group=one.group.number,
        vehicle_id=one.vehicle_id,
        vin=one.vehicle.vin,
        controller_id=one.vehicle.controller_id,
        state=ActionState(one.state),
        consented=one.consented,
        offered_at=one.offered_at,
        reported_at=one.reported_at,
        closed_at=one.closed_at,
        seen_version=one.seen_version,
        detail=one.detail,
    )
