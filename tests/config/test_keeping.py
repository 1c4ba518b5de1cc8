"""Secrets that nobody chose."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from roadworthy.config import env, keeping


def test_a_secret_is_made_once(tmp_path):
    first = keeping.keep(tmp_path / "secrets", "key")
    assert len(first.reveal()) >= 32
    assert keeping.keep(tmp_path / "secrets", "key") == first
    assert keeping.keep(tmp_path / "secrets", "other") != first


def test_only_the_owner_can_read_it(tmp_path):
    keeping.keep(tmp_path / "secrets", "key")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600


def test_all_who_ask_at_once_get_the_same(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: keeping.keep(tmp_path / "s", "key").reveal(), range(32)))
    assert len(set(got)) == 1
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["key"]


def test_a_given_secret_is_not_replaced(tmp_path):
    given = env.Secret("g" * 40)
    environment = replace(env.load({}), home=tmp_path, secret_key=given)
    filled = keeping.with_secrets(environment)
    assert filled.secret_key == given
    assert filled.online_key_passphrase is not None
    assert not (tmp_path / "secrets" / "session-key").exists()
