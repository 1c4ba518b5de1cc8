"""Everything starts with one call, comes back after a crash, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import replace

import psutil
import psycopg
import pytest

from roadworthy.config import env, supervisor
from roadworthy.config.failures import PortTaken

PATIENCE_SECONDS = 60


@pytest.fixture
def environment(home):
    return supervisor.with_free_ports(replace(env.load({}), home=home))


def _until(holds, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_everything_starts_comes_back_and_ends(environment):
    said = []
    with supervisor.running(environment, say=said.append) as run:
        assert _answers(run.web_url + "/health")
        assert _answers(run.gateway_url + "/healthz")
        before = {name: child.pid for name, child in run.children.items()}
        family = [one.pid for pid in before.values() for one in psutil.Process(pid).children()]
        for child in run.children.values():
            child.kill()
        _until(lambda: all(child.starts == 2 for child in run.children.values()), "no restart")
        run.wait_until_ready()
        after = {name: child.pid for name, child in run.children.items()}
        assert set(before.values()).isdisjoint(after.values())
        assert not [pid for pid in family if _lives(pid)]
        assert len(said) == len(before)
    assert not [pid for pid in after.values() if _lives(pid)]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(run.database_url)


@pytest.mark.slow
def test_when_the_supervisor_is_killed_its_children_end_and_the_data_stay(environment):
    script = (
        "import os, psutil, psycopg; from roadworthy.config import env, supervisor\n"
        "with supervisor.running(env.load(), parts=('web', 'gateway')) as run:\n"
        "    with psycopg.connect(run.database_url, autocommit=True) as connection:\n"
        "        connection.execute('CREATE TABLE kept AS SELECT 1 AS one')\n"
        "    for child in run.children.values():\n"
        "        print(child.pid, *[p.pid for p in psutil.Process(child.pid).children()])\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-u", "-c", script], capture_output=True, text=True, check=False,
        env={**os.environ, **environment.to_environ()},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) > 3
    _until(lambda: not any(map(_lives, pids)), "a child outlived its supervisor")
    with (
        supervisor.running(environment, parts=("web",)) as run,
        psycopg.connect(run.database_url) as connection,
    ):
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


@pytest.mark.slow
def test_ctrl_c_ends_up_with_exit_code_0(environment):
    up = subprocess.Popen(
        [sys.executable, "-u", "-m", "roadworthy.cli", "up"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, **environment.to_environ()},
    )  # fmt: skip
    with up:
        said = []
        assert up.stdout is not None
        for line in up.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                up.send_signal(signal.SIGINT)
        assert up.wait(PATIENCE_SECONDS) == 0, "".join(said)
    assert said[-1] == "Stopped.\n"
    assert "Traceback" not in "".join(said)


def test_a_taken_port_is_said_before_anything_starts(environment):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", environment.web_port))
        other.listen()
        with pytest.raises(PortTaken, match="ROADWORTHY_WEB_PORT"), supervisor.running(environment):
            pass
    assert not environment.database_folder.exists()


def test_an_address_of_another_machine_is_refused(environment):
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1"):
        supervisor.check_port("192.0.2.1", environment.web_port, "ROADWORTHY_WEB_PORT")
