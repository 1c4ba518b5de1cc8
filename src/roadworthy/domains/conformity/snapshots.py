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
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.filings import services as filing_services
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.software.models import Release
from roadworthy.kernel.canonical import digest

FACT = "conforms_after_update"
_DOUBTS = """
SELECT count(DISTINCT i.vehicle_id)
FROM campaigns_campaign c
JOIN campaigns_action a ON a.campaign_id = c.id AND a.state = %s
JOIN vehicles_installedsoftware i ON i.vehicle_id = a.vehicle_id
JOIN vehicles_ecu e ON e.id = i.ecu_id AND e.approval_relevant
JOIN conformity_finding f ON f.ecu_id = i.ecu_id AND f.version = i.version
    AND f.kind = %s AND f.state = ANY(%s)
WHERE c.release_id = %s AND c.state = %s
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


def doubts(release_id: int) -> int:
    """Count vehicles that took the update and report what nobody has explained."""
    values = (
        ActionState.PROVEN,
        Kind.UNFILED_SOFTWARE,
        [str(state) for state in UNSETTLED],
        release_id,
        CampaignState.COMPLETED,
    )
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTS, values)
        return int(cursor.fetchone()[0])


@transaction.atomic(durable=True)
def restate(*, release_id: int, at: datetime) -> bool:
    """Tell the rulebook what is known now of a compared release; return whether that is new."""
    release = Release.objects.get(pk=release_id)
    evaluation = filings.latest_evaluation(release)
    stated = evaluation.stated if evaluation else {}
    doubtful = bool(doubts(release_id))
    if doubtful == (FACT in stated and stated[FACT] is None):
        return False
    _state(release, None if doubtful else release.answers.get(FACT), at)
    return True


def compared() -> list[int]:
    """Return the releases that have been compared with the fleet."""
    return sorted(set(Snapshot.objects.values_list("release", flat=True)))


def _state(release: Release, known: Any, at: datetime) -> None:
    by = witnessed(PLATFORM)
    filing_services.reassess(release.pk, stated={FACT: known}, by=by, at=at)
