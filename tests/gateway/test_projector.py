"""The projector on real PostgreSQL: nothing missed, nothing kept too long, never falsely fresh."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

import psutil
import psycopg
import pytest

from roadworthy.gateway import places, projector, records
from roadworthy.gateway.outcomes import SUCCEEDED, Note, Outcomes
from roadworthy.gateway.projection import Position, Projection
from roadworthy.gateway.projector import Projector
from roadworthy.gateway.settings import Settings
from tests.gateway.hosting import Fleet, GatewayHost, fleet_of, free_port, hosting, until


@contextlib.contextmanager
def projecting(settings: Settings) -> Iterator[Projector]:
    """Run a projector in a thread, with its own files."""
    places.prepare(settings)
    stop = threading.Event()
    running = Projector(settings)
    thread = threading.Thread(target=running.run, args=(stop,))
    thread.start()
    try:
        yield running
    finally:
        stop.set()
        thread.join()
        running.close()


@pytest.fixture
def rows(own_settings: Settings) -> Iterator[Fleet]:
    """Rows in the database; no process of a gateway."""
    with fleet_of(GatewayHost(own_settings)) as fleet:
        yield fleet


def look(running: Projector, fleet: Fleet, name: str) -> records.Assignment:
    """Read what the model says of a vehicle."""
    writing = running._projection
    with writing._environment.begin() as txn:
        found = txn.get(records.key(fleet.tenant, name), db=writing._vehicles)
    return records.read(found) if found else records.UNKNOWN


def test_what_was_there_before_and_what_changes_after(rows: Fleet, own_settings: Settings) -> None:
    strange = ["plain", "back\\slash", "tab\tand\nline", "京A1", "京" * 256, "\\N", "\x0b\x0c\b\\b"]
    for name in strange:
        rows.write(name, {"action_id": 1, "kind": "deploy", "deployment_id": 2})
    with projecting(own_settings) as running:
        for name in strange:
            until(lambda name=name: look(running, rows, name)[1:4] == ("deploy", "1", "2"))
        for name in strange:
            rows.write(name, {"action_id": 3, "kind": "cancel"})
        for name in strange:
            until(lambda name=name: look(running, rows, name)[1:4] == ("cancel", "3", "2"))


def test_rows_committed_late_are_not_missed(rows: Fleet, own_settings: Settings) -> None:
    """Two transactions at once: the number a row gets and the moment it is seen agree."""
    with projecting(own_settings) as running, psycopg.connect(rows.connection.info.dsn,
            password=rows.connection.info.password) as slow:  # fmt: skip
        slow.execute(
            "INSERT INTO gateway_assignment (tenant, controller_id, token_sha256, kind,"
            " want_attributes, closed_actions, action_id, seq)"
            " VALUES (%s, 'slow', '', 'deploy', false, '{}', 5, 0)", [rows.tenant],
        )  # fmt: skip
        quick = threading.Thread(target=rows.write, args=("quick", {"action_id": 6}))
        quick.start()  # waits for the feed's lock
        slow.commit()
        quick.join()
        until(lambda: look(running, rows, "slow").action_id == "5")
        until(lambda: look(running, rows, "quick").action_id == "6")


def test_a_batch_larger_than_one_round(
    rows: Fleet, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "BATCH", 7)
    with projecting(own_settings) as running:
        rows.connection.execute(
            "INSERT INTO gateway_assignment (tenant, controller_id, token_sha256, kind,"
            " want_attributes, closed_actions, action_id, seq)"
            " SELECT %s, 'v' || n, '', 'deploy', false, '{}', n, 0 FROM generate_series(1, 100) n",
            [rows.tenant],
        )
        for number in range(1, 101):
            until(lambda n=number: look(running, rows, f"v{n}").action_id == str(n))


def test_the_map_grows_when_it_is_full(rows: Fleet, own_settings: Settings) -> None:
    small = replace(own_settings, model_bytes=64 * 4096)
    with projecting(small) as running:
        rows.connection.execute(
            "INSERT INTO gateway_assignment (tenant, controller_id, token_sha256, kind,"
            " want_attributes, closed_actions, action_id, seq)"
            " SELECT %s, 'v' || n, repeat('0', 64), 'deploy', false, '{}', n, 0"
            " FROM generate_series(1, 20000) n",
            [rows.tenant],
        )
        until(lambda: look(running, rows, "v20000").action_id == "20000")
    assert (small.folder / places.MODEL).stat().st_size > small.model_bytes
    with projecting(small) as running:  # a bigger file than the settings say
        until(lambda: look(running, rows, "v1").action_id == "1")


def test_a_model_of_another_database_is_built_anew(rows: Fleet, own_settings: Settings) -> None:
    rows.write("kept", {"action_id": 1, "kind": "deploy"})
    with projecting(own_settings) as running:
        until(lambda: look(running, rows, "kept").action_id == "1")
    writing = Projection(own_settings)
    elsewhere = Position(identity="another", assignments=10**12)
    writing.apply([(records.key(rows.tenant, "ghost"), b"|deploy|9|||||")], elsewhere)
    writing.close()
    with projecting(own_settings) as running:
        until(lambda: look(running, rows, "ghost").action_id == "")
        assert look(running, rows, "kept").action_id == "1"


def test_an_outcome_is_forgotten_when_the_model_has_caught_up(
    rows: Fleet, own_settings: Settings
) -> None:
    rows.write("v", {"action_id": 1, "kind": "deploy"})
    key = records.key(rows.tenant, "v")
    with projecting(own_settings) as running:
        until(lambda: look(running, rows, "v").action_id == "1")
        running._outcomes.note([Note(key, "1", closed=SUCCEEDED)])
        rows.write("v", {"want_attributes": True})
        until(lambda: look(running, rows, "v").want_attributes)
        assert running._outcomes.last(key), "the model still offers it"
        rows.write("v", {"action_id": None, "kind": ""})
        until(lambda: running._outcomes.last(key) is None)


def test_a_stranger_is_forgotten_when_a_row_speaks_of_it(
    rows: Fleet, own_settings: Settings
) -> None:
    key = records.key(rows.tenant, "new")
    places.prepare(own_settings)
    outcomes = Outcomes(own_settings)
    outcomes.note([Note(key, "", is_registered=True)])
    outcomes.close()
    with projecting(own_settings) as running:
        assert running._outcomes.is_registered(key)
        rows.write("new", {"kind": ""})
        until(lambda: not running._outcomes.is_registered(key))


def test_what_was_closed_but_not_yet_applied_is_recalled(
    rows: Fleet, own_settings: Settings
) -> None:
    """After the machine lost its files, or on another host."""
    for name in ("done", "failed", "going", "refused"):
        rows.write(name, {"action_id": 7, "kind": "deploy"})
    said = [
        ("done", "feedback", "closed", "success", False),
        ("failed", "feedback", "closed", "failure", False),
        ("going", "feedback", "proceeding", "none", False),
        ("refused", "cancel-feedback", "closed", "failure", False),
    ]
    for name, kind, execution, finished, applied in said:
        rows.connection.execute(
            "INSERT INTO gateway_report (tenant, controller_id, action_id, kind, body,"
            " received_at, applied) VALUES (%s, %s, 7, %s,"
            " jsonb_build_object('status', jsonb_build_object('execution', %s::text,"
            " 'result', jsonb_build_object('finished', %s::text))), now(), %s)",
            [rows.tenant, name, kind, execution, finished, applied],
        )
    with projecting(own_settings) as running:
        until(lambda: look(running, rows, "done").action_id == "7")
        closed = {}
        for name in ("done", "failed", "going", "refused"):
            last = running._outcomes.last(records.key(rows.tenant, name))
            closed[name] = last.closed if last else ""
    assert closed == {"done": "succeeded", "failed": "failed", "going": "", "refused": ""}


def test_without_a_projector_the_model_goes_stale_and_nothing_is_offered(
    own_settings: Settings,
) -> None:
    settings = replace(own_settings, stale_seconds=1)
    with hosting(settings) as host, fleet_of(host) as fleet:
        car = fleet.car()
        deployment = fleet.deploy(b"image")
        action = car.offer(deployment)
        path = f"/softwaremodules/{deployment * 1000}/artifacts/image.swu"
        assert "deploymentBase" in car.links()
        silent = host.projector()
        silent.suspend()
        until(lambda: car.links() == {})
        assert not host.is_fresh()
        assert car.request("GET", f"/deploymentBase/{action}").status_code == 404
        assert car.request("GET", path).status_code == 503
        assert car.say(action, "proceeding").status_code == 200, "reports are taken all the same"
        silent.resume()
        until(lambda: "deploymentBase" in car.links())
        silent.kill()
        until(lambda: host.is_fresh() and host.projector().pid != silent.pid)
        assert "deploymentBase" in car.links(), "another projector was started"


def test_a_lost_connection_is_made_again(own_settings: Settings) -> None:
    with hosting(own_settings) as host, fleet_of(host) as fleet:
        car = fleet.car()
        fleet.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'roadworthy projector' AND datname = current_database()"
        )
        car.offer(fleet.deploy(b"image"))
        assert "deploymentBase" in car.links()


def test_only_one_projector_works_in_a_home_and_another_takes_over(
    rows: Fleet, own_settings: Settings
) -> None:
    settings = replace(own_settings, stale_seconds=1)
    with hosting(settings) as first, hosting(replace(settings, port=free_port())) as second:
        until(second.is_fresh)
        leading = next(one.projector() for one in (first, second) if _leads(one.projector()))
        leading.suspend()
        until(lambda: not second.is_fresh() and not first.is_fresh())
        leading.kill()
        rows.write("later", {"action_id": 4, "kind": "deploy"})
        until(lambda: second.is_fresh() and second.has_taken_all(rows.connection))


def _leads(projector_process: psutil.Process) -> bool:
    """Only the one that works talks to PostgreSQL."""
    return bool(projector_process.net_connections(kind="all"))
