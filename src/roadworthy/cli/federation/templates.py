"""A database at the newest migration, copied instead of made again.

The copy is of a stopped server's folder, and gets passwords of its own: whoever reads one home
cannot open the database of another.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from roadworthy.config import keeping, postgres, postgres_place

_PASSWORDS = {
    postgres.SUPERUSER: "database-superuser-password",
    postgres.NAME: "database-password",
}


def copy_database(source: Path, target: Path) -> None:
    """Give the home ``target`` a copy of the database of the home ``source``; nobody uses either.

    Raises:
        DatabaseRefused: the copy does not start.
    """
    data = postgres_place.data_folder(target / "postgres")
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(postgres_place.data_folder(source / "postgres"), data, symlinks=True)
    _hand_over(data)
    secrets = target / "secrets"
    secrets.mkdir(mode=keeping.PRIVATE_FOLDER, exist_ok=True)
    for name in _PASSWORDS.values():
        shutil.copy2(source / "secrets" / name, secrets / name)
    with postgres.serving(target / "postgres") as server:
        _renew(server.url.reveal(), secrets)


def _renew(url: str, secrets: Path) -> None:
    old = {role: (secrets / name).read_text().strip() for role, name in _PASSWORDS.items()}
    as_superuser = conninfo.make_conninfo(
        url, user=postgres.SUPERUSER, password=old[postgres.SUPERUSER]
    )
    with psycopg.connect(as_superuser) as connection:
        for role, name in _PASSWORDS.items():
            (secrets / name).unlink()
            password = keeping.keep(secrets, name)
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(password.reveal())
                )
            )


def _hand_over(data: Path) -> None:
    """Let the copy belong to whom the server runs as."""
    user = postgres_place.stand_in()
    if user is None:
        return
    for folder, _folders, files in os.walk(data):
        os.chown(folder, user.uid, user.gid)
        for name in files:
            os.chown(Path(folder, name), user.uid, user.gid, follow_symlinks=False)
