"""Several engines, several owners, and a person at the brake, all at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from roadworthy.domains.campaigns import engine, feed, intake, rollout, services
from roadworthy.domains.campaigns.models import (
    ActionEvent,
    Consent,
    GatewayAssignment,
    GatewayReport,
    GatewayStop,
)
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act, ActionState, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import Conflict
from tests.domains.campaigns.conftest import LightWorld, built
from tests.domains.campaigns.roads import NAME, Road, register, road
from tests.world import NEW

HALVES = (GroupPlan(50, 100, 50), GroupPlan(50, 100, 50))


@pytest.fixture
def committed(transactional_db: None, tmp_path: Path) -> LightWorld:
    world = built(tmp_path)
    world.now = datetime.now(UTC)  # engines in threads go by the real clock
    return world


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads that start together; return results, errors of the domain included."""
    ready = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            ready.wait(timeout=10)
            return job()
        except Conflict as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait on the database's own bell until something is so."""
    parameters = connection.get_connection_params() | {"autocommit": True}
    with psycopg.connect(**parameters) as bells:
        bells.execute("LISTEN gateway_feed")
        bells.execute("LISTEN campaigns")
        for _ in range(int(seconds * 10)):
            if condition():
                return
            list(bells.notifies(timeout=0.1, stop_after=1))
    raise AssertionError("it did not happen in time")


@pytest.fixture
def engines(request: pytest.FixtureRequest) -> Iterator[None]:
    """Engines in threads, as a worker process runs one."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=engine.run, args=(stop,), kwargs={"tick_seconds": 0.1})
        for _ in range(getattr(request, "param", 2))
    ]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join(timeout=20)
    assert not any(thread.is_alive() for thread in threads)


def talk(r: Road, vehicle_ids: list[int]) -> int:
    """Write all that well-behaved vehicles say, interleaved; return how many reports."""
    for step in (
        lambda v: r.report(v, "retrieved"),
        lambda v: r.feedback(v, "proceeding", "none"),
        lambda v: r.feedback(v, "closed", "success"),
        lambda v: r.says(v, NEW),
    ):
        for vehicle_id in vehicle_ids:
            step(vehicle_id)
    return 4 * len(vehicle_ids)


def test_two_answers_of_one_owner_are_two_answers_in_some_order(committed):
    r = road(committed, vehicles=1)
    r.publish()
    r.take(Act.NOTIFY)
    ((vehicle_id, token),) = r.tokens.items()

    def answer(choice: str) -> Callable[[], Any]:
        return lambda: services.answer_consent(
            token=token, choice=choice, language="en", channel="web", at=datetime.now(UTC)
        )

    at_once(answer("yes"), answer("no"), answer("yes"))
    last = Consent.objects.order_by("id").last()
    assert last is not None
    assert r.action(vehicle_id).consented == (last.choice == "yes")
    given = Entry.objects.filter(event__startswith="consent:").count()
    assert given == Consent.objects.count()


def test_many_owners_answer_at_once(committed):
    r = road(committed, vehicles=8)
    r.publish()
    r.take(Act.NOTIFY)

    def answer(token: str) -> Callable[[], Any]:
        return lambda: services.answer_consent(
            token=token, choice="yes", language="en", channel="web", at=datetime.now(UTC)
        )

    at_once(*(answer(token) for token in r.tokens.values()))
    r.take(Act.START)
    assert r.turn() == 8


def test_two_campaigns_cannot_freeze_the_same_vehicle(committed):
    release = committed.released()
    ids = register(committed, 3)
    at = committed.tick()

    def create() -> Any:
        return services.create_campaign(
            manufacturer_id=committed.cast.manufacturer_id,
            release_id=release.pk,
            name=NAME,
            groups=(GroupPlan(100, 90, 50),),
            vehicle_ids=ids,
            actor=committed.actor(Role.COMPLIANCE_OFFICER),
            at=at,
        )

    results = at_once(create, create)
    assert sorted(type(one).__name__ for one in results) == ["Created", "NoVehicles"]


@pytest.mark.parametrize("engines", [3], indirect=True)
def test_several_engines_apply_each_report_once_and_in_order(committed, engines):
    r = road(committed, vehicles=12, groups=HALVES).started()
    until(lambda: r.states().get("offered") == 6)
    told = [v for v in r.tokens if r.state(v) == ActionState.OFFERED]
    sent = talk(r, told)
    until(lambda: r.states().get("proven", 0) >= 6)
    until(lambda: r.states().get("offered") == 6)
    sent += talk(r, [v for v in r.tokens if r.state(v) == ActionState.OFFERED])
    until(lambda: r.refresh().state == State.COMPLETED)
    assert r.states() == {"proven": 12}
    assert not GatewayReport.objects.filter(applied=False).exists()
    assert not GatewayReport.objects.exclude(ignored="").exists()
    by_vehicles = ActionEvent.objects.exclude(report_id=None)
    assert by_vehicles.count() == by_vehicles.values("report_id").distinct().count() == sent
    assert ActionEvent.objects.filter(act="offer").count() == 12
    assert Entry.objects.filter(event="action:proven").count() == 12


def test_an_emergency_stop_does_not_wait_for_reports_that_are_being_applied(committed):
    r = road(committed, vehicles=2).started()
    r.turn()
    first, second = r.tokens
    r.report(first, "retrieved")
    inside, go_on = threading.Event(), threading.Event()
    reflect = feed.reflect

    def slow(action_ids: Any) -> None:
        reflect(action_ids)
        inside.set()
        assert go_on.wait(10)

    def apply() -> None:
        feed.reflect = slow
        try:
            intake.apply_reports()
        finally:
            feed.reflect = reflect
            connection.close()

    busy = threading.Thread(target=apply)
    busy.start()
    assert inside.wait(10)
    feed.reflect = reflect
    r.take(Act.STOP, "smoke")  # commits while the batch still holds the feed
    assert GatewayStop.objects.exists()
    go_on.set()
    busy.join(10)
    assert r.states() == {"retrieved": 1, "offered": 1}
    r.feedback(first, "closed", "success")
    r.feedback(second, "closed", "success")
    r.turn()
    assert r.states() == {"installed": 2}


def test_owners_engines_and_the_brake_do_not_lock_each_other_out(committed):
    r = road(committed, vehicles=11).started()
    r.turn()
    talk(r, list(r.tokens)[:5])
    others = list(r.tokens.values())[6:]  # the one between keeps the campaign from its end

    def waver() -> None:
        for number, token in enumerate(others * 4):
            choice = "no" if number // len(others) % 2 == 0 else "yes"
            services.answer_consent(
                token=token, choice=choice, language="en", channel="web", at=datetime.now(UTC)
            )

    def brake() -> None:
        officer = committed.actor(Role.COMPLIANCE_OFFICER)
        for act in (Act.PAUSE, Act.RESUME, Act.STOP, Act.RESUME) * 3:
            services.take(
                act,
                campaign_id=r.campaign.pk,
                actor=officer,
                at=datetime.now(UTC),
                reason="a test",
            )

    def work() -> None:
        for _ in range(25):
            intake.apply_reports(limit=3)
            rollout.advance(r.campaign.pk, at=datetime.now(UTC))

    results = at_once(waver, brake, work, work)
    assert results == [None] * 4
    r.turn()
    assert r.states() == {"proven": 5, "offered": 6}
    assert not GatewayStop.objects.exists()
    assert GatewayAssignment.objects.filter(kind="deploy").count() == 6


@pytest.mark.parametrize("engines", [1], indirect=True)
def test_an_engine_that_loses_its_database_comes_back(committed, engines):
    r = road(committed, vehicles=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    r.started()
    until(lambda: r.states() == {"offered": 1})
