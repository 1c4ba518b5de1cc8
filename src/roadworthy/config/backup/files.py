"""Files of a home, kept by their SHA-256: a second back-up copies only what is new."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from roadworthy.config.failures import CannotStart

# Everything of a home is kept but these. The facts and the gateway's read model are made again, the
# logs of processes are not missed; database and secrets have places of their own.
LEFT_OUT: Final = frozenset(
    {"postgres", "postgres.users", "postgres.changing", "secrets", "gateway", "insight", "logs"}
)
_PIECE: Final = 1 << 20


def keep(home: Path, objects: Path) -> dict[str, dict[str, Any]]:
    """Copy what is new; return every file by its path: digest, length, mode."""
    found = {}
    for path in _files(home):
        digest, length = digest_of(path)
        target = objects / digest[:2] / digest
        if not target.exists():
            _copy(path, target, digest)
        found[str(path.relative_to(home))] = {
            "sha256": digest,
            "length": length,
            "mode": stat.S_IMODE(path.stat().st_mode),
        }
    return found


def check(objects: Path, told: Mapping[str, Mapping[str, Any]]) -> None:
    """Make sure that every file is there as it was kept.

    Raises:
        CannotStart: names those that are not.
    """
    wrong = [name for name, one in told.items() if not _is_whole(objects, one)]
    if wrong:
        raise CannotStart(
            f"{len(wrong)} files of the back-up are missing or were changed, the first of them "
            f"{wrong[0]}. Nothing was restored."
        )


def put_back(home: Path, objects: Path, told: Mapping[str, Mapping[str, Any]]) -> None:
    """Write every file into a home."""
    for name, one in told.items():
        target = home / name
        if not target.resolve().is_relative_to(home.resolve()):
            raise CannotStart(f"The back-up names a file outside the home: {name}.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(_place(objects, one), target)
        target.chmod(one["mode"])


def digest_of(path: Path) -> tuple[str, int]:
    """Return SHA-256 in hex and length of a file."""
    read = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            read.update(piece)
        return read.hexdigest(), file.tell()


def _files(home: Path) -> Iterator[Path]:
    for top in sorted(home.iterdir()):
        if top.name in LEFT_OUT:
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and not path.is_symlink():
                yield path


def _copy(path: Path, target: Path, digest: str) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    draft = Path(made)
    with os.fdopen(handle, "wb") as into, path.open("rb") as file:
        shutil.copyfileobj(file, into, _PIECE)
        into.flush()
        os.fsync(into.fileno())
    if digest_of(draft)[0] != digest:  # it was being written: take what it is now
        draft.unlink()
        raise CannotStart(f"{path} changes while it is backed up. Run the back-up again.")
    draft.replace(target)


def _place(objects: Path, one: Mapping[str, Any]) -> Path:
    digest = str(one["sha256"])
    return objects / digest[:2] / digest


def _is_whole(objects: Path, one: Mapping[str, Any]) -> bool:
    path = _place(objects, one)
    return path.is_file() and digest_of(path) == (one["sha256"], one["length"])
