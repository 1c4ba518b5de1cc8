"""Bringing the database to the newest migration without making a live service wait for long.

A migration that cannot get its lock within ``LOCK_TIMEOUT`` gives up, to be tried again, instead
of holding up every request behind it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from roadworthy.config.failures import DatabaseRefused

LOCK_TIMEOUT = "4s"
ONE_AT_A_TIME = 7200  # advisory lock: two hosts that start together migrate one after the other


def waiting() -> list[str]:
    """List the migrations that the database has not had yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def unknown() -> list[str]:
    """List the migrations that the database had and this version does not know."""
    loader = MigrationLoader(connection)
    ours = {app for app, _ in loader.disk_migrations}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.disk_migrations
    )


def migrate() -> list[str]:
    """Apply what is waiting; return what that was.

    Raises:
        DatabaseRefused: the database is newer than this version, or a table is busy.
    """
    _refuse_newer()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
    try:
        applied = waiting()
        if applied:
            call_command("migrate", verbosity=0, interactive=False)
        _load_catalogue()
    except OperationalError as wrong:
        raise DatabaseRefused(f"Cannot migrate now: {' '.join(str(wrong).split())}") from None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
    return applied


def _load_catalogue() -> None:
    """Bring the bundled standards and what they ask up to date, inside the migrations' lock."""
    from roadworthy.domains.compliance import catalogue  # noqa: PLC0415 - the tables are there now
    from roadworthy.domains.organisations.actors import PLATFORM, witnessed  # noqa: PLC0415
    from roadworthy.domains.standards import bundle  # noqa: PLC0415

    now = datetime.now(UTC)
    bundle.load(at=now)
    catalogue.load(actor=witnessed(PLATFORM), at=now)


def require_newest() -> None:
    """Refuse a database that is older or newer than this version.

    Raises:
        DatabaseRefused: it is; says what to do.
    """
    _refuse_newer()
    missing = waiting()
    if missing:
        raise DatabaseRefused(
            f"The database lacks {len(missing)} migrations, first {missing[0]}: "
            "run `roadworthy migrate`."
        )


def _refuse_newer() -> None:
    newer = unknown()
    if newer:
        raise DatabaseRefused(
            f"A newer Roadworthy has used this database (it knows {newer[0]}): install that one."
        )
