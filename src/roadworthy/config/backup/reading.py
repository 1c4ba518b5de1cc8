"""Sets of a back-up, read with suspicion: nothing of one is used before all of it was checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from roadworthy.config import archive
from roadworthy.config.backup import files, sealing, taking
from roadworthy.config.backup.sealing import Seal
from roadworthy.config.failures import CannotStart


@dataclass(frozen=True, slots=True)
class Set:
    """One run of a back-up; ``told`` is its manifest."""

    folder: Path
    told: Mapping[str, Any]

    @property
    def ended_at(self) -> datetime:
        """Return the first moment that can be restored from it."""
        return datetime.fromisoformat(self.told["ended_at"])


def sets(folder: Path, passphrase: str) -> tuple[Seal, Sequence[Set]]:
    """Return the sets of a back-up folder, oldest first, each as it was made.

    Raises:
        CannotStart: the passphrase is another, there is none, or a manifest was changed.
    """
    seal = sealing.opened(folder, passphrase)
    found = [_set(path, seal) for path in sorted((folder / "sets").glob("[0-9]*"))]
    if not found:
        raise CannotStart(f"{folder} holds no complete back-up.")
    return seal, found


def chosen(found: Sequence[Set], to: datetime | None) -> Set:
    """Return the newest set from which a moment can be restored.

    Raises:
        CannotStart: all of them are later.
    """
    before = [one for one in found if to is None or one.ended_at <= to]
    if not before:
        first = found[0].ended_at.isoformat(timespec="seconds")
        raise CannotStart(f"The earliest moment that this back-up can restore is {first}.")
    return before[-1]


def check(folder: Path, base: Set, newest: Set) -> None:
    """Make sure that database, log pieces, secrets and files are as they were kept.

    Raises:
        CannotStart: names what is not.
    """
    files.check(folder / "objects", newest.told["files"])
    if files.digest_of(newest.folder / taking.SECRETS)[0] != newest.told["secrets"]:
        raise CannotStart("The sealed secrets were changed. Nothing was restored.")
    for name, digest in newest.told["wal"].items():
        path = folder / "wal" / name
        if not path.is_file() or files.digest_of(path)[0] != digest:
            raise CannotStart(
                f"{path.name}, a piece of the database's log, is missing or was changed. "
                "Nothing was restored."
            )
    if base.told["database"] is not None:
        _check_database(base)


def last_piece_at(folder: Path) -> datetime | None:
    """Return when the newest piece of the log was kept."""
    pieces = [path.stat().st_mtime for path in (folder / "wal").glob(f"*{archive.SUFFIX}")]
    return datetime.fromtimestamp(max(pieces)).astimezone() if pieces else None


def _check_database(base: Set) -> None:
    manifest = base.folder / "base" / "backup_manifest"
    if files.digest_of(manifest)[0] != base.told["database"]["manifest"]:
        raise CannotStart("The list of the database's files was changed. Nothing was restored.")
    try:
        taking.run("pg_verifybackup", "--exit-on-error", str(base.folder / "base"))
    except CannotStart as wrong:
        raise CannotStart(f"The database in the back-up was changed. {wrong}") from None


def _set(path: Path, seal: Seal) -> Set:
    try:
        content = (path / taking.MANIFEST).read_bytes()
        mac = (path / taking.MAC).read_text()
    except OSError:
        raise CannotStart(f"{path} is damaged: it has no manifest.") from None
    if not seal.vouches(content, mac):
        raise CannotStart(f"The manifest of {path} was changed. Nothing was restored.")
    return Set(path, json.loads(content))
