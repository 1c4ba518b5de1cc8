"""The fleet against its approvals when a campaign is over: kept, digested, logged, never changed.

Where vehicles that took the update report software that nothing covers, it is no longer settled
that the updated vehicle conforms (N45-15). The rulebook is then told that the fact is not known,
until every such finding is explained or settled; the manufacturer's answer stands again after that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.campaigns.states import ActionState
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.conformity import fleet
from roadworthy.domains.conformity.models import Snapshot
from roadworthy.domains.conformity.states import UNSETTLED, Kind
from roadworthy.domains.filings import services as filings
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.software.models import Evaluation, Release
from roadworthy.kernel.canonical import digest

FACT = "conforms_after_update"
_DOUBTFUL = """
SELECT DISTINCT c.release_id
FROM campaigns_campaign c
JOIN campaigns_action a ON a.campaign_id = c.id AND a.state = %s
JOIN vehicles_installedsoftware i ON i.vehicle_id = a.vehicle_id
JOIN vehicles_ecu e ON e.id = i.ecu_id AND e.approval_relevant
JOIN conformity_finding f ON f.ecu_id = i.ecu_id AND f.version = i.version
    AND f.kind = %s AND f.state = ANY(%s)
WHERE c.state = %s
"""


def due() -> list[int]:
    """Return the campaigns that are over and not compared yet."""
    return list(
        Campaign.objects.filter(state=CampaignState.COMPLETED)
        .exclude(pk__in=Snapshot.objects.values("campaign"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


@transaction.atomic(durable=True)
def take(*, campaign_id: int, at: datetime) -> Snapshot:
    """Compare the types of a campaign's release and keep the answer; once for each campaign."""
    campaign = (
        Campaign.objects.select_for_update(no_key=True, of=("self",))
        .select_related("release", "manufacturer")
        .get(pk=campaign_id)
    )
    kept = Snapshot.objects.filter(campaign=campaign).first()
    if kept is not None:
        return kept
    types = campaign.release.types.order_by("code")
    found = fleet.standing(types, release_id=campaign.release_id)
    content: dict[str, Any] = {
        "manufacturer": campaign.manufacturer.slug,
        "release": campaign.release.number,
        "release_sha256": campaign.release.sha256,
        "campaign": campaign.pk,
        "at": ledger.instant(at),
        "types": [one.as_json() for one in found],
    }
    made = Snapshot.objects.create(
        campaign=campaign,
        manufacturer=campaign.manufacturer,
        release=campaign.release,
        content=content,
        sha256=digest(content),
        uncovered=sum(one.uncovered for one in found),
        at=at,
    )
    ledger.record(
        event="conformity:compared",
        subject=f"campaign/{campaign.pk}",
        actor=witnessed(PLATFORM),
        at=at,
        release_id=campaign.release_id,
        data={"snapshot_sha256": made.sha256, "uncovered": made.uncovered},
    )
    return made


def doubtful() -> set[int]:
    """Return the releases whose updated vehicles report what nobody has explained."""
    unsettled = [str(state) for state in UNSETTLED]
    values = (ActionState.PROVEN, Kind.UNFILED_SOFTWARE, unsettled, CampaignState.COMPLETED)
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTFUL, values)
        return {release_id for (release_id,) in cursor.fetchall()}


def to_restate() -> list[int]:
    """Return the releases of which the rulebook knows something else than the fleet shows."""
    newest = (
        Evaluation.objects.filter(release__in=Snapshot.objects.values("release"))
        .order_by("release", "-id")
        .distinct("release")
        .values_list("release", "stated")
    )
    withheld = {
        release_id for release_id, stated in newest if FACT in stated and stated[FACT] is None
    }
    compared = set(Snapshot.objects.values_list("release", flat=True))
    return sorted((doubtful() & compared) ^ withheld)


@transaction.atomic(durable=True)
def restate(*, release_id: int, at: datetime) -> None:
    """Tell the rulebook what is known now of a compared release."""
    release = Release.objects.get(pk=release_id)
    _state(release, None if release_id in doubtful() else release.answers.get(FACT), at)


def _state(release: Release, known: Any, at: datetime) -> None:
    by = witnessed(PLATFORM)
    filings.reassess(release.pk, stated={FACT: known}, by=by, at=at)
