"""Steps 8 and 9: owners are told and asked, vehicles install, and say what they run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx

from roadworthy.cli.demo import cases
from roadworthy.cli.demo.filing import DemoFailed
from roadworthy.cli.demo.stage import Stage
from roadworthy.domains.campaigns import queries
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act
from roadworthy.domains.filings import queries as filing_queries
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release

GROUPS = (GroupPlan(2, 90, 50), GroupPlan(18, 95, 10), GroupPlan(80, 95, 10))
DECLINES_EVERY = 50  # one owner in fifty says no


def plan(stage: Stage, release: Release) -> Mapping[int, str]:
    """Freeze the list of vehicles, publish the notice, and ask the owners."""
    actor = stage.actor(Role.COMPLIANCE_OFFICER)
    created = campaigns.create_campaign(
        manufacturer_id=stage.cast.manufacturer_id,
        release_id=release.pk,
        name={"zh-hans": f"{release.number} 推送", "en": f"Rollout of {release.number}"},
        groups=GROUPS,
        actor=actor,
        at=datetime.now(UTC),
    )
    stage.campaign_id = created.campaign.pk
    stage.narrator.say(
        f"{len(created.consent_tokens)} vehicles in three groups, list frozen; "
        f"{created.excluded} left out with a reason each"
    )
    campaigns.publish_notice(
        campaign_id=stage.campaign_id,
        content=cases.NOTICE,
        actor=actor,
        at=datetime.now(UTC),
    )
    campaigns.take(
        Act.NOTIFY, campaign_id=stage.campaign_id, actor=actor, at=datetime.now(UTC)
    )
    stage.narrator.see(f"/m/campaigns/{stage.campaign_id}/")
    return created.consent_tokens


def ask_owners(stage: Stage, tokens: Mapping[int, str]) -> int:
    """Answer the notice as the owners would, over HTTP; return how many said no."""
    declined = 0
    with (
        httpx.Client(base_url=stage.web_url, timeout=30) as owners,
        stage.narrator.progress() as bars,
    ):
        bar = bars.add_task("owners answer the notice", total=len(tokens))
        for number, token in enumerate(tokens.values(), start=1):
            choice = "no" if number % DECLINES_EVERY == 0 else "yes"
            declined += choice == "no"
            answer = owners.post(
                f"/api/v1/consents/{token}", json={"choice": choice, "language": "zh-hans"}
            )
            if answer.is_error:
                raise DemoFailed(f"an owner's answer was not taken: {answer.text}")
            bars.advance(bar)
    stage.narrator.good(f"{len(tokens) - declined} owners agreed, {declined} said no")
    return declined


def start(stage: Stage) -> None:
    """Open the first group."""
    campaigns.take(
        Act.START,
        campaign_id=stage.campaign_id,
        actor=stage.actor(Role.COMPLIANCE_OFFICER),
        at=datetime.now(UTC),
    )
