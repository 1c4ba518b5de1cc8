"""A database out of a base back-up and the pieces of its log: as it was at a moment, or at last.

The server recovers as PostgreSQL does it: ``recovery.signal``, ``restore_command``,
``recovery_target_time``; then it begins a time line of its own and archives nowhere.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg

from roadworthy.config import archive, postgres, postgres_place
from roadworthy.config.env import Secret
from roadworthy.config.failures import CannotStart, DatabaseRefused

_LOOK_SECONDS: Final = 0.05
_NOT_REACHED: Final = "recovery ended before configured recovery target was reached"


def lay_out(base: Path, wal: Path, folder: Path, *, to: datetime | None) -> None:
    """Put a base back-up where a server will find it, told to recover up to a moment.

    Raises:
        CannotStart: there is something already, or the server's user cannot read the pieces.
    """
    data = postgres_place.data_folder(folder)
    if data.exists() and any(data.iterdir()):
        raise CannotStart(f"{data} is not empty: restore into an empty ROADWORTHY_HOME.")
    data.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(base, data, dirs_exist_ok=True)
    (data / archive.PLACE).unlink(missing_ok=True)
    settings = {
        "restore_command": archive.fetching(wal),
        "recovery_target_action": "promote",
        **({"recovery_target_time": to.isoformat()} if to is not None else {}),
    }
    # A later line of the file wins; the server writes it anew when it is asked to forget them.
    with (data / "postgresql.auto.conf").open("a") as into:
        for name, value in settings.items():
            quoted = value.replace("'", "''")
            into.write(f"{name} = '{quoted}'\n")
    (data / "recovery.signal").touch()
    _hand_over(data, wal)


@contextlib.contextmanager
def recovered(folder: Path, secrets: Path) -> Iterator[Secret]:
    """Run the server until it has recovered and is open for writing; yield its superuser's address.

    Raises:
        CannotStart: it cannot; with its reason.
    """
    try:
        with postgres.serving(folder) as server:
            url = postgres.superuser_url(server, secrets)
            _wait_until_open(url)
            yield url
    except (DatabaseRefused, psycopg.OperationalError) as wrong:
        if _NOT_REACHED in _log(folder):
            raise CannotStart(
                "The kept log ends before that moment: nothing was written after it, or it is not "
                "kept yet. Leave --to out to restore everything that there is."
            ) from None
        raise CannotStart(f"The database does not recover: {wrong}") from None


def _wait_until_open(url: Secret) -> None:
    while True:
        with psycopg.connect(url.reveal(), autocommit=True) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            if row is not None and not row[0]:
                for name in ("restore_command", "recovery_target_action", "recovery_target_time"):
                    connection.execute(f"ALTER SYSTEM RESET {name}")
                return
        time.sleep(_LOOK_SECONDS)


def _log(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return (postgres_place.data_folder(folder) / "log.txt").read_text(errors="replace")
    return ""


def _hand_over(data: Path, wal: Path) -> None:
    user = postgres_place.stand_in()
    if user is None:
        return
    if not user.reaches(wal / "x"):
        raise CannotStart(
            f"Root started this, the database runs as another user, and that user cannot look into "
            f"{wal}: copy the back-up outside /root, or chmod a+x the folders above it."
        )
    for path in (data, *data.rglob("*")):
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
