"""A copied database has the same content and other passwords."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import conninfo

from roadworthy.cli.federation import templates
from roadworthy.config import postgres


def test_a_copy_has_the_content_and_passwords_of_its_own(home):
    source, target = home / "source", home / "target"
    for folder in (source, target):
        folder.mkdir(mode=0o711)
    with (
        postgres.serving(source / "postgres", durable=False) as server,
        psycopg.connect(server.url.reveal()) as connection,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    templates.copy_database(source, target)
    with postgres.serving(target / "postgres", durable=False) as server:
        with psycopg.connect(server.url.reveal()) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
        for role, name in (
            ("roadworthy", "database-password"),
            ("postgres", "database-superuser-password"),
        ):
            old = (source / "secrets" / name).read_text()
            assert old != (target / "secrets" / name).read_text()
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(
                    conninfo.make_conninfo(server.url.reveal(), user=role, password=old)
                )
