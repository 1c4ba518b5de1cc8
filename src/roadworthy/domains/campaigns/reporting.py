"""The figures of a release's campaigns as its reports to the authorities state them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from roadworthy.domains.campaigns.models import Action, Campaign
from roadworthy.domains.campaigns.states import ActionState, State
from roadworthy.kernel.calendar import legal_day


def figures(manufacturer_id: int, release_id: int) -> dict[str, Any]:
    """Return, for each campaign of a release, its days and its vehicles by where they stand.

    The shape goes into the dossier of a report and is never typed by anybody.
    """
    campaigns = Campaign.objects.filter(
        release_id=release_id, release__manufacturer_id=manufacturer_id
    ).exclude(state=State.CANCELLED)
    counts: dict[int, dict[str, int]] = {}
    rows = (
        Action.objects.filter(campaign__in=campaigns)
        .values("campaign", "state")
        .annotate(vehicles=Count("pk"))
    )
    for row in rows:
        counts.setdefault(row["campaign"], {})[row["state"]] = row["vehicles"]
    return {
        "campaigns": [_campaign(one, counts.get(one.pk, {})) for one in campaigns.order_by("id")]
    }


def _campaign(campaign: Campaign, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "vehicles_sha256": campaign.vehicles_sha256,
        "state": campaign.state,
        "started_on": campaign.started_at and legal_day(campaign.started_at).isoformat(),
        "completed_on": campaign.completed_at and legal_day(campaign.completed_at).isoformat(),
        "vehicles": sum(counts.values()),
        "by_state": {str(state): counts.get(state, 0) for state in ActionState},
    }
