"""Settings: all mistakes at once, no secret in sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.config import env


def test_everything_has_a_default():
    environment = env.load({"HOME": "/home/somebody"})
    assert environment.public_url == "http://127.0.0.1:8000"
    assert environment.gateway_address == "http://127.0.0.1:8010"
    assert environment.gateway_url == ""
    assert environment.database_url is None


def test_all_mistakes_are_reported_together():
    with pytest.raises(env.WrongSettings) as caught:
        env.load(
            {
                "ROADWORTHY_WEB_PORT": "eighty",
                "ROADWORTHY_DEBUG": "perhaps",
                "ROADWORTHY_AUDIENCE": "everybody",
                "ROADWORTHY_DATABASE_URL": "mysql://localhost/x",
                "ROADWORTHY_PUBLIC_URL": "roadworthy.example",
                "ROADWORTHY_WEB_PROT": "8000",
            }
        )
    assert {line.split(":")[0] for line in caught.value.mistakes} == {
        "ROADWORTHY_WEB_PORT",
        "ROADWORTHY_DEBUG",
        "ROADWORTHY_AUDIENCE",
        "ROADWORTHY_DATABASE_URL",
        "ROADWORTHY_PUBLIC_URL",
        "ROADWORTHY_WEB_PROT",
    }


def test_a_mistake_in_a_secret_does_not_show_the_secret():
    with pytest.raises(env.WrongSettings) as caught:
        env.load({"ROADWORTHY_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{!r:>10}".format, "%s".__mod__])
def test_a_secret_prints_as_stars(show):
    assert "hunter2" not in show(env.Secret("hunter2"))
    environment = env.load({"ROADWORTHY_DATABASE_URL": "postgresql://me:hunter2@host/name"})
    assert "hunter2" not in show(environment)


def test_a_child_process_reads_the_same():
    given = {
        "ROADWORTHY_HOME": "/data/roadworthy",
        "ROADWORTHY_DATABASE_URL": "postgresql://me:secret@host/name",
        "ROADWORTHY_SECRET_KEY": "k" * 40,
        "ROADWORTHY_WEB_HOST": "0.0.0.0",
        "ROADWORTHY_HOSTS": "a.example, b.example",
        "ROADWORTHY_BEHIND_PROXY": "on",
        "ROADWORTHY_PUBLIC_URL": "https://roadworthy.example/",
    }
    environment = env.load(given)
    assert env.load(environment.to_environ()) == environment


def test_empty_means_not_set():
    assert env.load({"ROADWORTHY_WEB_PORT": " "}).web_port == 8000


def test_the_tests_own_switches_are_no_settings():
    env.load({"ROADWORTHY_TEST_REQUIRE": "swupdate"})


def test_an_ordinary_user_keeps_the_data_at_home(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert env.default_home({"HOME": "/home/a"}) == Path("/home/a/.local/share/roadworthy")
    assert env.default_home({"XDG_DATA_HOME": "/x"}) == Path("/x/roadworthy")


def test_root_keeps_the_data_where_the_database_user_gets(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert env.default_home({"HOME": "/root"}) == Path("/var/lib/roadworthy")


def test_the_portals_answer_to_their_public_name():
    environment = env.load(
        {"ROADWORTHY_PUBLIC_URL": "https://roadworthy.example", "ROADWORTHY_HOSTS": "other.example"}
    )
    assert {"roadworthy.example", "other.example", "127.0.0.1"} <= set(env.host_names(environment))
    assert environment.is_secure
