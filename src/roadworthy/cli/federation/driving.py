"""The manufacturer's vehicles: registered, asked for consent, updated, proven."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import httpx

from roadworthy.cli.demo import cases
from roadworthy.cli.demo.organisations import TENANT
from roadworthy.cli.federation import versions
from roadworthy.cli.federation.seat import Seat, now
from roadworthy.domains.campaigns import queries
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act, State
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.domains.vehicles import csv_import, demo_csv, importing
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles import services as vehicle_services
from roadworthy.vehicle.agent import VehicleSpec
from roadworthy.vehicle.fleet import Fleet
from roadworthy.vehicle.trusted import TrustedImages

BRAND = "toyota"
PLATFORM = "TOYOTA_RAV4_TSS2"
GROUPS = (GroupPlan(20, 100, 50), GroupPlan(80, 100, 50))
DEADLINE = 240.0  # seconds for a campaign
LOOK_SECONDS = 0.2


def register(seat: Seat, count: int) -> dict[str, int]:
    """Register one brand's types from the carried inventory, and vehicles of one of them."""
    actor = seat.actor(Role.HOMOLOGATION)
    done = importing.import_types(
        manufacturer_id=seat.organisation_id, brand=BRAND, actor=actor, at=now()
    )
    vehicle_services.learn_firmware(
        manufacturer_id=seat.organisation_id,
        type_ids=list(vehicles.types(seat.organisation_id).values_list("pk", flat=True)),
        ecu_name=versions.ECU,
        version=versions.VERSIONS[0],
        actor=actor,
        at=now(),
    )
    path = seat.work / "vehicles.csv"
    known = {versions.ECU: versions.VERSIONS[0]}
    demo_csv.write(
        path, demo_csv.Fleet(brand=BRAND, count=count, versions=known, platforms=(PLATFORM,))
    )
    csv_import.import_csv(
        path,
        manufacturer_id=seat.organisation_id,
        actor=actor,
        at=now(),
        on_registered=seat.vehicles.extend,
    )
    campaigns.publish_tenant(manufacturer_id=seat.organisation_id, polling_sleep="00:00:30")
    known_at_gateway = campaigns.publish_vehicles(manufacturer_id=seat.organisation_id)
    return {"types": done.types, "vehicles": len(seat.vehicles), "at_gateway": known_at_gateway}


def campaign(seat: Seat, number: str) -> dict[str, int]:
    """Freeze the list of vehicles of a release, publish the notice, ask the owners."""
    officer = seat.actor(Role.COMPLIANCE_OFFICER)
    created = campaigns.create_campaign(
        manufacturer_id=seat.organisation_id,
        release_id=software.release(seat.organisation_id, number).pk,
        name={"zh-hans": f"{number} 推送", "en": f"Rollout of {number}"},
        groups=GROUPS,
        actor=officer,
        at=now(),
    )
    pk = created.campaign.pk
    campaigns.publish_notice(campaign_id=pk, content=cases.NOTICE, actor=officer, at=now())
    campaigns.take(Act.NOTIFY, campaign_id=pk, actor=officer, at=now())
    seat.links = dict(created.consent_tokens)
    return {"campaign": pk, "vehicles": len(created.consent_tokens)}


def owners_agree(seat: Seat) -> int:
    """Let each owner answer behind their own link, over HTTP; return how many agreed."""
    with httpx.Client(base_url=seat.web_url, timeout=60) as owners:
        for token in seat.links.values():
            answer = owners.post(
                f"/api/v1/consents/{token}", json={"choice": "yes", "language": "zh-hans"}
            )
            answer.raise_for_status()
    return len(seat.links)


def drive(seat: Seat, campaign: int) -> dict[str, Any]:
    """Start the rollout and let the vehicles drive until each has proven what it runs."""
    officer = seat.actor(Role.COMPLIANCE_OFFICER)
    campaigns.take(Act.START, campaign_id=campaign, actor=officer, at=now())
    with _fleet(seat).running():
        progress = _until_over(seat, campaign)
    records = _fleet(seat).records
    twice = [name for name, one in records.items() if len(set(one.installs)) < len(one.installs)]
    return {
        "counts": {str(state): count for state, count in progress.counts.items() if count},
        "proven": progress.proven,
        "twice": twice,
    }


def running(seat: Seat) -> dict[str, int]:
    """Return how many vehicles run which version, as they themselves reported."""
    return dict(vehicles.versions_running(seat.organisation_id, versions.ECU))


def _until_over(seat: Seat, campaign_id: int) -> queries.Progress:
    deadline = time.monotonic() + DEADLINE
    while True:
        found = queries.campaign(seat.organisation_id, campaign_id)
        is_over = found.state == State.COMPLETED or time.monotonic() > deadline
        if is_over or found.state != State.RUNNING:
            return queries.progress(found, datetime.now(UTC))
        time.sleep(LOOK_SECONDS)  # the vehicles report to the gateway meanwhile


def _fleet(seat: Seat) -> Fleet:
    if seat.fleet is None:
        seat.fleet = Fleet(
            seat.gateway_url,
            TENANT,
            [_spec(one) for one in seat.vehicles],
            trust=TrustedImages(
                f"{seat.gateway_url}/repo",
                root=(seat.platform.tuf / "metadata" / "1.root.json").read_bytes(),
                home=seat.work / "fleet-tuf",
            ),
            settled_interval=1.0,
        )
    return seat.fleet


def _spec(registered: Any) -> VehicleSpec:
    return VehicleSpec(
        controller_id=registered.controller_id,
        token=registered.token,
        vin=registered.vin,
        version=versions.VERSIONS[0],
        ecu=versions.ECU,
    )
