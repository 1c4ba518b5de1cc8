"""The empty database of this version as SQL: what its migrations execute, recorded by themselves.

* An empty database takes it at once; Django needs most of half a minute for the same, because it
  draws every model anew after each table.
* The file names the migrations that it stands for. What is newer than the file is applied as ever.
* ``scripts/schema.py`` writes the file; a test holds it against the migrations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder

FILE = Path(__file__).with_name("schema.sql")
_OF = "-- migration "
_NOT_OURS = ("SAVEPOINT", "RELEASE SAVEPOINT", "SELECT", "SET CONSTRAINTS ALL ")
_TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'S')"
)


def load(connection: BaseDatabaseWrapper, text: str | None = None) -> bool:
    """Fill a database that holds nothing; say whether it was done."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        if cursor.fetchone() != (0,):
            return False
    text = FILE.read_text(encoding="utf-8") if text is None else text
    recorder = MigrationRecorder(connection)
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            cursor.execute(text)
        recorder.ensure_schema()
        for line in text.splitlines():
            if line.startswith(_OF):
                recorder.record_applied(*line.removeprefix(_OF).split(".", 1))
    return True


def record(connection: BaseDatabaseWrapper) -> str:
    """Apply all migrations to an empty database and return what they executed."""
    parts: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's
        if params is None and not sql.lstrip().startswith(_NOT_OURS):
            parts.append(sql.strip().removesuffix(";") + ";")
        return execute(sql, params, many, context)

    def follow(action: str, migration: Migration | None = None, _: bool | None = None, /) -> None:  # noqa: FBT001 - Django calls it so
        if action == "apply_start" and migration is not None:
            parts.append(f"\n{_OF}{migration.app_label}.{migration.name}")

    MigrationRecorder(connection).ensure_schema()
    executor = MigrationExecutor(connection, follow)
    with connection.execute_wrapper(listen):
        executor.migrate(executor.loader.graph.leaf_nodes())
    return (
        "-- What the migrations of this version execute: written by scripts/schema.py.\n"
        + "\n".join(parts)
        + "\n"
    )
