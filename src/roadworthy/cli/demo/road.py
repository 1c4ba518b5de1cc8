"""Steps 8 and 9: owners are told and asked, vehicles install, and say what they run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from roadworthy.cli.demo import cases, clients
from roadworthy.cli.demo.evidence import OLD_VERSION
from roadworthy.cli.demo.organisations import TENANT
from roadworthy.cli.demo.stage import DemoFailed, Stage
from roadworthy.domains.campaigns import queries
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act, ActionState, State
from roadworthy.domains.filings import queries as filing_queries
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles.registration import Registered
from roadworthy.vehicle.agent import VehicleSpec
from roadworthy.vehicle.fleet import Fleet
from roadworthy.vehicle.trusted import TrustedImages

if TYPE_CHECKING:
    from roadworthy.domains.campaigns.models import Campaign
    from roadworthy.domains.software.models import Release

GROUPS = (GroupPlan(2, 90, 50), GroupPlan(18, 95, 10), GroupPlan(80, 95, 10))
DECLINES_EVERY = 50  # one owner in fifty says no
OWNERS_AT_ONCE = 8
DEADLINE = 240.0  # seconds for the whole campaign
LOOK_SECONDS = 0.5


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
    campaigns.take(Act.NOTIFY, campaign_id=stage.campaign_id, actor=actor, at=datetime.now(UTC))
    stage.narrator.see(f"/m/campaigns/{stage.campaign_id}/")
    return created.consent_tokens


def ask_owners(stage: Stage, tokens: Mapping[int, str]) -> int:
    """Answer the notice as the owners would, over HTTP; return how many said no."""
    answers = [
        (token, "no" if number % DECLINES_EVERY == 0 else "yes")
        for number, token in enumerate(tokens.values(), start=1)
    ]
    with (
        httpx.Client(base_url=stage.web_url, timeout=60) as owners,
        ThreadPoolExecutor(max_workers=OWNERS_AT_ONCE) as at_once,
        stage.narrator.progress() as bars,
    ):
        bar = bars.add_task("owners answer the notice", total=len(tokens))
        for _ in at_once.map(lambda one: _answer(owners, *one), answers):
            bars.advance(bar)
    declined = sum(choice == "no" for _, choice in answers)
    stage.narrator.good(f"{len(tokens) - declined} owners agreed, {declined} said no")
    return declined


def _answer(owners: httpx.Client, token: str, choice: str) -> None:
    answer = owners.post(
        f"/api/v1/consents/{token}", json={"choice": choice, "language": "zh-hans"}
    )
    if answer.is_error:
        raise DemoFailed(f"an owner's answer was not taken: {answer.text}")


def start(stage: Stage) -> None:
    """Open the first group."""
    campaigns.take(
        Act.START,
        campaign_id=stage.campaign_id,
        actor=stage.actor(Role.COMPLIANCE_OFFICER),
        at=datetime.now(UTC),
    )


def drive(stage: Stage, release: Release) -> None:
    """Run the vehicles until the campaign is complete: simulated ones, and real SWUpdate."""
    real = clients.choose(stage)
    simulated = [each for each in stage.vehicles if each not in real]
    fails = {simulated[len(simulated) // 2].controller_id}
    fleet = Fleet(
        stage.gateway_url,
        TENANT,
        [_spec(each) for each in simulated],
        trust=TrustedImages(
            f"{stage.gateway_url}/repo",
            root=(stage.platform.tuf / "metadata" / "1.root.json").read_bytes(),
            home=stage.work / "fleet-tuf",
        ),
        fails=fails,
    )
    start(stage)
    with clients.running(stage, release, real), fleet.running():
        _watch(stage)
    twice = [
        name
        for name, record in fleet.records.items()
        if len(set(record.installs)) < len(record.installs)
    ]
    if twice:
        raise DemoFailed(f"installed twice: {', '.join(twice)}")
    stage.narrator.good("no vehicle installed anything twice")


def _watch(stage: Stage) -> None:
    """Show the campaign's own figures until it is complete."""
    deadline = time.monotonic() + DEADLINE
    manufacturer_id = stage.cast.manufacturer_id
    with stage.narrator.progress() as bars:
        progress = queries.progress(_campaign(stage), datetime.now(UTC))
        tasks = [
            bars.add_task(f"group {group.number}, proven", total=group.size)
            for group in progress.groups
        ]
        while True:
            campaign = queries.campaign(manufacturer_id, stage.campaign_id)
            progress = queries.progress(campaign, datetime.now(UTC))
            for task, group in zip(tasks, progress.groups, strict=True):
                bars.update(task, completed=group.proven)
            if campaign.state == State.COMPLETED:
                return
            if campaign.state != State.RUNNING or time.monotonic() > deadline:
                raise DemoFailed(f"the campaign is {campaign.state}: {campaign.pause_reason}")
            time.sleep(LOOK_SECONDS)  # how often a person wants to see the bars move


def show_proof(stage: Stage, release: Release) -> None:
    """Print the outcome, the SWIN register's answer for a vehicle, and the next report's date."""
    progress = queries.progress(_campaign(stage), datetime.now(UTC))
    counts = {str(state): count for state, count in progress.counts.items() if count}
    stage.narrator.good("  ".join(f"{state}: {count}" for state, count in sorted(counts.items())))
    if not progress.proven:
        raise DemoFailed("no vehicle has proven its running version")
    page = queries.actions(
        stage.cast.manufacturer_id, stage.campaign_id, states=(ActionState.PROVEN,), per_page=1
    )
    vehicle_id = page.rows[0].vehicle_id
    for record in vehicles.swin_history(stage.cast.manufacturer_id, vehicle_id):
        stage.narrator.say(f"{record.regulation}: {record.number} since {record.at:%Y-%m-%d %H:%M}")
    stage.narrator.see(f"/m/vehicles/{vehicle_id}/")
    for duty in filing_queries.obligations_of(release):
        if duty.due_on and duty.fulfilled_at is None:
            stage.narrator.say(f"due {duty.due_on}: {duty.title['en']} ({duty.rule_id})")
    stage.narrator.see(f"/m/campaigns/{stage.campaign_id}/")


def _campaign(stage: Stage) -> Campaign:
    return queries.campaign(stage.cast.manufacturer_id, stage.campaign_id)


def _spec(registered: Registered) -> VehicleSpec:
    return VehicleSpec(
        controller_id=registered.controller_id,
        token=registered.token,
        vin=registered.vin,
        version=OLD_VERSION,
        ecu="fwdCamera",
    )
