"""The embedded database: data outlive everything, and trouble is one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from roadworthy.config import postgres, postgres_place
from roadworthy.config.failures import DatabaseRefused


def _execute(server: postgres.Server, statement: str):
    with psycopg.connect(server.url.reveal(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


def _wait_until_gone(process: psutil.Process) -> None:
    deadline = time.monotonic() + 20
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.05)


def test_data_survive_a_stop(home):
    with postgres.serving(home / "postgres") as server:
        _execute(server, "CREATE TABLE kept AS SELECT 1 AS one")
        process = server.process
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    with postgres.serving(home / "postgres") as server:
        assert _execute(server, "SELECT one FROM kept") == [(1,)]


def test_data_survive_sigkill(home):
    with postgres.serving(home / "postgres") as server:
        _execute(server, "CREATE TABLE kept AS SELECT 1 AS one")
        server.process.kill()
        _wait_until_gone(server.process)
    assert (server.folder / "postmaster.pid").exists()
    with postgres.serving(home / "postgres") as server:
        assert _execute(server, "SELECT one FROM kept") == [(1,)]


def test_a_server_whose_starter_was_killed_is_used_again(home):
    script = (
        "import os, sys; from pathlib import Path; from roadworthy.config import postgres\n"
        "with postgres.serving(Path(sys.argv[1])) as server:\n"
        "    print(server.process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(home / "postgres")],
        capture_output=True, text=True, check=False,
        env={**os.environ},
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    with postgres.serving(home / "postgres") as server:
        assert server.process.pid == int(done.stdout)


def test_the_last_user_stops_the_server(home):
    with postgres.serving(home / "postgres") as first:
        with postgres.serving(home / "postgres") as second:
            assert second.process.pid == first.process.pid
        assert _execute(first, "SELECT 1") == [(1,)]
        assert not postgres.stop_abandoned(home / "postgres")
    _wait_until_gone(first.process)
    assert postgres.is_unused(home / "postgres")


def test_the_pid_of_another_program_is_not_believed(home):
    with postgres.serving(home / "postgres") as server:
        pid_file = server.folder / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with postgres.serving(home / "postgres") as server:
        assert _execute(server, "SELECT 1") == [(1,)]


def test_the_role_is_no_superuser_and_the_server_listens_on_no_network(home):
    with postgres.serving(home / "postgres") as server:
        assert _execute(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [
            (False,)
        ]
        assert _execute(server, "SHOW listen_addresses") == [("",)]
        wrong = server.url.reveal().replace("roadworthy:", "roadworthy:x", 1)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_a_path_too_long_for_a_socket_works(home):
    folder = home / ("long" * 20) / ("path" * 20)
    folder.mkdir(parents=True)
    with postgres.serving(folder / "postgres") as server:
        assert _execute(server, "SELECT 1") == [(1,)]
    shutil.rmtree(postgres_place.socket_folder(server.folder))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are closed to the database")
def test_root_may_keep_the_data_where_only_root_gets(tmp_path, home, monkeypatch):
    monkeypatch.setattr(postgres_place, "ELSEWHERE", home)
    tmp_path.chmod(0o700)
    with postgres.serving(tmp_path / "postgres") as server:
        assert server.folder.is_relative_to(home)
        assert _execute(server, "SELECT 1") == [(1,)]
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another place for the programs")
def test_root_may_keep_the_programs_where_only_root_gets(home, monkeypatch):
    monkeypatch.setattr(postgres_place, "ELSEWHERE", home)
    package = Path(postgres_place.programs().folder).parent
    user = postgres_place.stand_in()
    assert user is not None
    copied = postgres_place._copied(package, user)
    assert copied == postgres_place._copied(package, user)
    done = subprocess.run(
        [str(copied / "bin" / "initdb"), "--version"],
        user=user.uid, group=user.gid, extra_groups=[], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "PostgreSQL" in done.stdout


def _refusal(folder: Path) -> str:
    with pytest.raises(DatabaseRefused) as caught, postgres.serving(folder):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_that_is_no_database_is_left_alone(home):
    (home / "postgres").mkdir()
    (home / "postgres" / "letter.txt").write_text("dear")
    assert "is damaged" in _refusal(home / "postgres")
    assert (home / "postgres" / "letter.txt").read_text() == "dear"


def test_a_damaged_database_is_said_to_be_damaged(home):
    with postgres.serving(home / "postgres") as server:
        pass
    (server.folder / "global" / "pg_control").unlink()
    said = _refusal(home / "postgres")
    assert str(server.folder) in said
    assert "pg_control" in said or "control file" in said or "database system" in said


def test_another_versions_data_are_not_touched(home):
    with postgres.serving(home / "postgres") as server:
        pass
    (server.folder / "PG_VERSION").write_text("13\n")
    said = _refusal(home / "postgres")
    assert "PostgreSQL 13" in said
    assert "pg_dump" in said


def test_lost_passwords_are_named(home):
    with postgres.serving(home / "postgres"):
        pass
    shutil.rmtree(home / "secrets")
    assert "password" in _refusal(home / "postgres")


def test_a_folder_that_cannot_be_written_is_named(home):
    (home / "file").write_text("")
    with (
        pytest.raises(DatabaseRefused, match="Cannot write"),
        postgres.serving(home / "file" / "x"),
    ):
        pass


def test_an_interrupted_beginning_is_begun_again(home):
    (home / "postgres.draft" / "base").mkdir(parents=True)
    with postgres.serving(home / "postgres") as server:
        assert _execute(server, "SELECT 1") == [(1,)]
    assert not (home / "postgres.draft").exists()


def test_a_machine_without_the_wheel_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(postgres_place, "WHEELS", ())
    postgres_place.programs.cache_clear()
    with pytest.raises(DatabaseRefused, match="ROADWORTHY_DATABASE_URL"):
        postgres_place.programs()
    postgres_place.programs.cache_clear()
