"""One run of a back-up: base of the database first, then the files that it may speak of.

It runs beside a deployment that serves. From the first run on the server keeps its write-ahead log
in the folder, so that any moment from the end of a set to the last kept piece can be restored.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import conninfo

from roadworthy import __version__
from roadworthy.config import archive, postgres, postgres_place
from roadworthy.config.backup import files, sealing
from roadworthy.config.backup.sealing import Seal
from roadworthy.config.env import Environment, Secret
from roadworthy.config.failures import CannotStart

MANIFEST: Final = "manifest.json"
MAC: Final = "manifest.mac"
SECRETS: Final = "secrets"
STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_PATIENCE_SECONDS = 120
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Taken:
    """A set that was written: where, and from when on its moments can be restored."""

    folder: Path
    ended_at: datetime
    files: int
    has_database: bool


def take(environment: Environment, folder: Path, passphrase: str) -> Taken:
    """Write a set into a back-up folder.

    Raises:
        CannotStart: with the sentence to show.
    """
    folder = folder.absolute()
    seal = sealing.opened(folder, passphrase, make=True)
    stamp = datetime.now(UTC).strftime(STAMP)
    draft = folder / "sets" / f".{stamp}"
    draft.mkdir(mode=0o700, parents=True)
    try:
        told = _database(environment, folder, draft)
        told["files"] = files.keep(environment.home, folder / "objects")
        (draft / SECRETS).write_bytes(seal.closed(environment.secrets))
        told |= {
            "format": sealing.FORMAT,
            "roadworthy": __version__,
            "stamp": stamp,
            "secrets": files.digest_of(draft / SECRETS)[0],
            "wal": _pieces(folder / "wal"),
        }
        _write(draft, told, seal)
        draft.rename(folder / "sets" / stamp)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Taken(
        folder / "sets" / stamp,
        datetime.fromisoformat(told["ended_at"]),
        len(told["files"]),
        told["database"] is not None,
    )


def _database(environment: Environment, folder: Path, draft: Path) -> dict[str, Any]:
    if environment.database_url is not None:
        # Somebody else's server: its own tools back it up, and we keep what the log says.
        with psycopg.connect(environment.database_url.reveal()) as connection:
            note = _note(connection)
        return {"database": None, "ended_at": datetime.now(UTC).isoformat(), "checkpoint": note}
    with postgres.serving(environment.database_folder) as server:
        url = postgres.superuser_url(server, environment.secrets)
        with psycopg.connect(url.reveal(), autocommit=True) as connection:
            _archive_into(connection, server.folder, folder / "wal")
            _base_backup(url, draft / "base")
            note = _note(connection)
            ended = connection.execute("SELECT clock_timestamp()").fetchone()
            _wait_for_archive(connection, folder / "wal")
            system = connection.execute(
                "SELECT system_identifier::text FROM pg_control_system()"
            ).fetchone()
    assert ended is not None
    assert system is not None
    manifest = draft / "base" / "backup_manifest"
    about = {
        "major": postgres_place.programs().major,
        "system": system[0],
        "manifest": files.digest_of(manifest)[0],
    }
    return {"database": about, "ended_at": ended[0].isoformat(), "checkpoint": note}


def _archive_into(connection: psycopg.Connection[Any], data: Path, place: Path) -> None:
    mode = connection.execute("SHOW archive_mode").fetchone()
    if mode is None or mode[0] != "on":
        raise CannotStart(
            "The database was started by an older Roadworthy and keeps no write-ahead log. "
            "Stop Roadworthy, start it again, and run the back-up then."
        )
    archive.begin(data, place)
    seconds = archive.AT_MOST_SECONDS
    connection.execute(f"ALTER SYSTEM SET archive_timeout = '{seconds}s'")
    connection.execute("SELECT pg_reload_conf()")


def _base_backup(url: Secret, into: Path) -> None:
    parts = conninfo.conninfo_to_dict(url.reveal())
    run(
        "pg_basebackup", f"--host={parts['host']}", f"--username={parts['user']}", "--no-password",
        f"--pgdata={into}", "--checkpoint=fast", "--wal-method=stream",
        "--manifest-checksums=SHA256", password=str(parts["password"]),
    )  # fmt: skip


def _wait_for_archive(connection: psycopg.Connection[Any], place: Path) -> None:
    """Return when everything up to now lies in the archive.

    Raises:
        CannotStart: the server cannot write there.
    """
    # A piece that nothing was written to is not finished: write something.
    connection.execute("SELECT pg_create_restore_point('roadworthy back-up')")
    row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    piece = place / f"{row[0] if row else ''}{archive.SUFFIX}"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not piece.exists():
        if time.monotonic() > deadline:
            raise CannotStart(
                f"The database does not write its log into {place}: is there room, and may it?"
            )
        time.sleep(_LOOK_SECONDS)


def _note(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute(
        "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return str(row[0]) if row else ""


def _pieces(place: Path) -> dict[str, str]:
    """Return the pieces that are there, by name; later ones no set knows."""
    found = sorted(place.glob(f"*{archive.SUFFIX}"))
    return {path.name: files.digest_of(path)[0] for path in found}


def _write(draft: Path, told: dict[str, Any], seal: Seal) -> None:
    content = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False).encode()
    (draft / MANIFEST).write_bytes(content)
    (draft / MAC).write_text(seal.mac(content) + "\n")


def run(program: str, *arguments: str, password: str = "") -> None:
    """Run one of PostgreSQL's programs.

    Raises:
        CannotStart: with its last word.
    """
    done = subprocess.run(  # noqa: S603 - our own wheel's program
        [postgres_place.programs().path(program), *arguments],
        capture_output=True, text=True, check=False,
        env={"LC_ALL": "C", "HOME": "/", "PATH": os.defpath, "PGPASSWORD": password},
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise CannotStart(f"{program}: {said[-1] if said else 'failed without a word'}")
