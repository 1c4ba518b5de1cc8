"""The command line: quick, and in trouble one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from roadworthy.cli import main as command_line
from roadworthy.config.failures import CannotStart
from roadworthy.kernel import errors


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # A browser test of the same process may have left Django its permission to block a loop.
    ours = ("ROADWORTHY_", "DJANGO_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-m", "roadworthy.cli", *arguments],
        env={**environ, **variables},
        capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_help_names_every_command_and_loads_no_django():
    script = (
        "import sys; from roadworthy.cli.main import main\n"
        "try: main(['--help'])\n"
        "finally: print('django' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ},
    )  # fmt: skip
    assert done.stderr.strip() == "False"
    for name, entry in command_line.COMMANDS.items():
        assert entry.is_hidden or name in done.stdout


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_every_command_can_be_loaded(name):
    assert command_line.loaded(command_line.COMMANDS[name]).get_short_help_str()


def test_wrong_settings_are_all_named():
    done = _run("check", ROADWORTHY_WEB_PORT="x", ROADWORTHY_GATEWAY_PORT="y")
    assert done.returncode == command_line.WRONG_SETTINGS
    assert len(done.stderr.strip().splitlines()) == 2
    assert "Traceback" not in done.stderr


def test_an_unreachable_database_is_one_sentence_without_the_password(tmp_path):
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        done = _run(
            "migrate",
            ROADWORTHY_HOME=str(tmp_path),
            ROADWORTHY_DATABASE_URL=f"postgresql://me:hunter2@127.0.0.1:{port}/name",
        )
    assert done.returncode == 3
    said = _one_sentence(done)
    assert f"127.0.0.1:{port}/name" in said
    assert "ROADWORTHY_DATABASE_URL" in said
    assert "hunter2" not in said


def test_a_wrong_password_is_one_sentence(postgres_url, tmp_path):
    url = postgres_url.replace("roadworthy:", "roadworthy:x", 1)
    if url == postgres_url:
        pytest.skip("the given server's role has another name")
    done = _run("migrate", ROADWORTHY_HOME=str(tmp_path), ROADWORTHY_DATABASE_URL=url)
    assert done.returncode == 3
    assert "password authentication failed" in _one_sentence(done)


@pytest.mark.parametrize(
    ("command", "setting"),
    [("web", "ROADWORTHY_WEB_PORT"), ("gateway", "ROADWORTHY_GATEWAY_PORT")],
)
def test_a_taken_port_is_one_sentence(command, setting, database_url, tmp_path):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = _run(
            command,
            ROADWORTHY_HOME=str(tmp_path),
            ROADWORTHY_DATABASE_URL=database_url,
            **{setting: str(port)},
        )
    assert done.returncode == 4
    said = _one_sentence(done)
    assert str(port) in said
    assert setting in said


def test_a_damaged_folder_is_one_sentence(home):
    (home / "postgres").mkdir()
    (home / "postgres" / "x").write_text("")
    done = _run("migrate", ROADWORTHY_HOME=str(home))
    assert done.returncode == 3
    assert "is damaged" in _one_sentence(done)


class _Refused(errors.Conflict):
    code = "test-refused"
    message = "This {thing} is refused."


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(_Refused(thing="step"), 13), (CannotStart("Not now."), 1)],
)
def test_what_was_foreseen_is_one_line_and_an_exit_code(wrong, code, monkeypatch, capsys):
    def refuse(**_):
        raise wrong

    monkeypatch.setattr(command_line.roadworthy, "main", refuse)
    with pytest.raises(SystemExit) as left:
        command_line.main([])
    assert left.value.code == code
    assert capsys.readouterr().err.strip() == str(wrong)


def test_a_bug_is_not_hidden(monkeypatch):
    def break_down(**_):
        raise ZeroDivisionError

    monkeypatch.setattr(command_line.roadworthy, "main", break_down)
    with pytest.raises(ZeroDivisionError):
        command_line.main([])


def test_a_good_installation_is_in_order(home):
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        web, gateway = one.getsockname()[1], other.getsockname()[1]
    done = _run(
        "check",
        ROADWORTHY_HOME=str(home),
        ROADWORTHY_PUBLIC_URL="https://roadworthy.example",
        ROADWORTHY_WEB_PORT=str(web),
        ROADWORTHY_GATEWAY_PORT=str(gateway),
    )
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("ok") for line in done.stdout.splitlines())


def test_a_database_that_lacks_migrations_is_refused_with_what_to_do(postgres_url, tmp_path):
    done = _run(
        "trace", "1", ROADWORTHY_HOME=str(tmp_path),
        ROADWORTHY_DATABASE_URL=postgres_url.replace("/roadworthy?", "/postgres?", 1),
    )  # fmt: skip
    assert done.returncode == 3
    assert "roadworthy migrate" in _one_sentence(done)
