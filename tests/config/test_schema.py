"""The file that an empty database takes is what the migrations make."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection as of_django
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from pytest_django import DjangoDbBlocker

from roadworthy.config import schema


@pytest.fixture
def empty(
    postgres_url: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[BaseDatabaseWrapper]:
    name = f"schema_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as server, django_db_blocker.unblock():
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connections.databases["schema"] = {**of_django.settings_dict, "NAME": name}
        try:
            yield connections["schema"]
        finally:
            connections["schema"].close()
            del connections["schema"], connections.databases["schema"]
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@pytest.mark.slow
def test_the_file_holds_what_the_migrations_execute(empty: BaseDatabaseWrapper) -> None:
    recorded = schema.record(empty)

    assert recorded == schema.FILE.read_text(encoding="utf-8"), "run python scripts/schema.py"


def test_an_empty_database_takes_the_file_and_has_all_its_migrations(
    empty: BaseDatabaseWrapper,
) -> None:
    assert schema.load(empty)
    loader = MigrationLoader(empty)

    assert set(loader.applied_migrations) == set(loader.disk_migrations)


@pytest.mark.django_db
def test_a_database_that_holds_something_is_left_alone() -> None:
    assert not schema.load(of_django, "CREATE TABLE never (id int)")
