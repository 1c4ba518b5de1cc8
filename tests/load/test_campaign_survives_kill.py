"""A campaign of a thousand vehicles goes on while its gateway and its engine are killed under it.

Everything is real: PostgreSQL, gateway processes, the engine, vehicles that speak DDI over HTTP.
Killed is the whole gateway host, workers and projector at once, with SIGKILL.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from roadworthy.domains.campaigns import engine, queries, services
from roadworthy.domains.campaigns.models import Action, ActionEvent, GatewayReport
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import ActionState, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.gateway.settings import Settings
from roadworthy.kernel import vin
from roadworthy.vehicle.agent import VehicleSpec
from roadworthy.vehicle.fleet import Fleet
from tests.domains.campaigns.conftest import LightWorld, built
from tests.domains.campaigns.roads import NAME, Road
from tests.gateway import hosting
from tests.vehicle.stand import Believing
from tests.world import ECU, OLD

VEHICLES, DECLINED, FAILING = 1000, 20, 10
GROUPS = (GroupPlan(5, 80, 50), GroupPlan(25, 90, 50), GroupPlan(70, 90, 50))
SECONDS = 240


def specs(world: LightWorld) -> dict[int, VehicleSpec]:
    """Register the vehicles and return what each is built with, by id."""
    rows = [
        vehicles.VehicleRow(
            number=number,
            vin=vin.compose(
                wmi="LTV", descriptor="AAAAA", year=2025, plant="A", serial=number
            ).text,
            controller_id=f"car-{number}",
            type_code="ALPHA",
            baseline={ECU: OLD},
        )
        for number in range(1, VEHICLES + 1)
    ]
    maker = world.cast.manufacturer_id
    done = vehicles.register_vehicles(
        manufacturer_id=maker, rows=rows, actor=world.actor(Role.HOMOLOGATION), at=world.tick()
    )
    services.publish_tenant(manufacturer_id=maker, polling_sleep="00:00:01")
    services.publish_vehicles(manufacturer_id=maker)
    return {
        one.vehicle_id: VehicleSpec(one.controller_id, one.token, one.vin, OLD, ECU)
        for one in done.registered
    }


@contextmanager
def engine_running() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def proven(at_least: int) -> Callable[[], bool]:
    return lambda: Action.objects.filter(state=ActionState.PROVEN).count() >= at_least


def prepared(world: LightWorld, built_with: dict[int, VehicleSpec]) -> tuple[Road, set[str]]:
    """Freeze, tell and ask; return the campaign and which vehicles will fail."""
    created = services.create_campaign(
        manufacturer_id=world.cast.manufacturer_id,
        release_id=world.released().pk,
        name=NAME,
        groups=GROUPS,
        actor=world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )
    r = Road(world, created.campaign, created.consent_tokens)
    ids = sorted(r.tokens)
    r.started(declined=ids[:DECLINED])
    failing = ids[DECLINED : DECLINED + FAILING]
    return r, {built_with[vehicle_id].controller_id for vehicle_id in failing}


@pytest.mark.slow
def test_a_campaign_survives_the_death_of_its_gateway(
    transactional_db: None, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path, database_url=database_url, port=hosting.free_port(), workers=2
    )
    world = built(settings.images)
    world.now = datetime.now(UTC)
    built_with = specs(world)
    r, fails = prepared(world, built_with)
    with hosting.hosting(settings) as host:
        cars = Fleet(
            host.url,
            "MAKER",
            built_with.values(),
            trust=Believing(),
            fails=fails,
            interval=1.0,
        )
        with cars.running():
            with engine_running():
                hosting.until(proven(VEHICLES // 10), seconds=SECONDS)
                host.kill()
            assert not proven(VEHICLES // 2)(), "it was over before anything was killed"
            host.start()
            with engine_running(), engine_running():
                hosting.until(proven(VEHICLES // 2), seconds=SECONDS)
                host.kill()
                host.start()
                hosting.until(lambda: r.refresh().state == State.COMPLETED, seconds=SECONDS)
    check(r, cars)
    connection.close()


def check(r: Road, cars: Fleet) -> None:
    progress = queries.progress(r.campaign, datetime.now(UTC))
    assert progress.counts == {
        ActionState.PROVEN: VEHICLES - DECLINED - FAILING,
        ActionState.FAILED: FAILING,
        ActionState.DECLINED: DECLINED,
    }
    # What was acknowledged is stored, and what is stored was applied, once.
    said = Counter(
        (name, one.action_id, one.sequence)
        for name, record in cars.records.items()
        for one in record.acknowledged
        if one.kind == "feedback"
    )
    kept = Counter(
        (report.controller_id, report.action_id, report.body["sequence"])
        for report in GatewayReport.objects.filter(kind="feedback")
    )
    assert sum(said.values()) > VEHICLES
    assert said <= kept, said - kept
    assert not GatewayReport.objects.filter(applied=False).exists()
    assert not GatewayReport.objects.filter(ignored="set-aside").exists()
    applied = ActionEvent.objects.exclude(report_id=None)
    assert applied.count() == applied.values("report_id").distinct().count()
    # Nothing was installed twice, and nothing where the owner said no.
    installs = Counter(len(record.installs) for record in cars.records.values())
    assert installs == {1: VEHICLES - DECLINED, 0: DECLINED}
    succeeded = ActionEvent.objects.filter(act="succeed").values_list("action_id", flat=True)
    assert max(Counter(succeeded).values()) == 1
    assert Entry.objects.filter(event="action:proven").count() == progress.proven
