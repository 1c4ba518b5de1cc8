"""One host as processes: what starts, what is started again, what ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from dataclasses import replace

import httpx
import psutil
import pytest

from roadworthy.gateway import places, serve
from roadworthy.gateway.settings import Settings
from tests.gateway.hosting import GatewayHost, fleet_of, hosting, until


def test_a_port_in_use_is_one_clear_sentence(own_settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", own_settings.port))
        taken.listen()
        with pytest.raises(serve.PortTaken, match=f"Port {own_settings.port} of 127.0.0.1"):
            serve.serve(own_settings)
    with pytest.raises(serve.HostUnknown, match=r"203\.0\.113\.1"):
        serve.serve(replace(own_settings, host="203.0.113.1"))


def test_a_killed_worker_is_replaced_and_the_host_stops_when_asked(own_settings: Settings) -> None:
    with hosting(replace(own_settings, workers=2)) as host:
        before = {
            worker.pid for worker in until(lambda: len(host.workers()) == 2 and host.workers())
        }
        psutil.Process(min(before)).kill()
        until(lambda: len(host.workers()) == 2 and {w.pid for w in host.workers()} != before)
        until(host.is_fresh)
        children = host._children()
        host.stop()
        assert host.process is not None
        assert host.process.returncode == 0
        until(lambda: not any(child.is_running() for child in children))
        assert "Traceback" not in host.log()


def test_nothing_outlives_a_host_that_was_killed(own_settings: Settings) -> None:
    host = GatewayHost(own_settings)
    host.start()
    until(host.is_fresh)
    assert host.process is not None
    children = host._children()
    host.process.send_signal(signal.SIGKILL)
    host.process.wait()
    until(lambda: not any(_runs(child) for child in children))


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_before_the_first_look_at_the_database_nobody_is_refused_or_sent_away(
    own_settings: Settings,
) -> None:
    settings = replace(own_settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    with hosting(settings) as host, httpx.Client(base_url=host.url) as client:
        token = {"Authorization": "TargetToken x"}
        poll = client.get("/T/controller/v1/v", headers=token)
        assert poll.json() == {"config": {"polling": {"sleep": "00:01:00"}}, "_links": {}}
        for path in ("deploymentBase/1", "installedBase/1", "softwaremodules/1/artifacts/x"):
            answer = client.get(f"/T/controller/v1/v/{path}", headers=token)
            assert (answer.status_code, answer.content) == (503, b"")
            assert answer.headers["retry-after"] == "2"
        health = client.get("/healthz")
        assert health.status_code == 503
        assert health.json() == {
            "fresh": False, "age_seconds": None, "vehicles": 0, "database": False,
        }  # fmt: skip


def test_two_workers_know_the_same(own_settings: Settings) -> None:
    with hosting(replace(own_settings, workers=2)) as host, fleet_of(host) as fleet:
        car = fleet.car()
        action = car.offer(fleet.deploy(b"image"))
        assert car.say(action, "closed", "success").status_code == 200
        for _ in range(20):  # each on a connection of its own, so both workers are asked
            links = httpx.get(host.url + car.path, headers=car.headers).json()["_links"]
            assert "deploymentBase" not in links
        answers = {
            httpx.post(
                f"{host.url}{car.path}/deploymentBase/{action}/feedback", headers=car.headers,
                json={"status": {"execution": "closed", "result": {"finished": "success"}}},
            ).status_code
            for _ in range(10)
        }  # fmt: skip
        assert answers == {410}


def test_files_from_before_the_machine_started_are_thrown_away(own_settings: Settings) -> None:
    places.prepare(own_settings)
    model = own_settings.folder / places.MODEL
    first = model.stat().st_ino
    places.prepare(own_settings)
    assert model.stat().st_ino == first
    (own_settings.folder / "boot").write_text("another boot")
    model.write_bytes(b"torn")
    places.prepare(own_settings)
    places.open_model(own_settings).close()


def test_settings_come_on_standard_input(own_settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "roadworthy.gateway.serve"], input=b"{", capture_output=True,
        check=False, env={"PYTHONPATH": "src"},
    )  # fmt: skip
    assert done.returncode != 0
    assert own_settings.database_url not in repr(own_settings)
