"""PostgreSQL from a wheel, for one machine: no root, no container, nothing to administer.

* The data outlive the process that started the server; a server that survived its starter (killed
  with SIGKILL) is found and used again.
* Several processes may use one server: whoever leaves last stops it. Two file locks say who is
  there: ``postgres.users`` is held shared by every user, ``postgres.changing`` alone by whoever
  starts or stops the server.
* It listens on a Unix socket only and asks for a password that only the owner of the folder reads.
* Whatever is wrong is one sentence (``DatabaseRefused``), never a traceback.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg
from psycopg import conninfo, sql

from roadworthy.config import archive, keeping, postgres_place
from roadworthy.config.env import Secret
from roadworthy.config.failures import DatabaseRefused

NAME = "roadworthy"  # of the role and of the database; the role is no superuser
SUPERUSER = "postgres"
PATIENCE_SECONDS = 60  # recovery after a crash takes its time
STOPPING_SECONDS = 30
LOOK_SECONDS = 0.02
SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
# Finished pieces of the write-ahead log go where a back-up asked for them, if one did (archive.py).
ARCHIVING = {"archive_mode": "on", "archive_command": archive.COMMAND}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # tests


@dataclass(frozen=True)
class Server:
    url: Secret
    folder: Path
    process: psutil.Process


@dataclass(frozen=True)
class _Passwords:
    superuser: Secret
    role: Secret


class _StillInUse(Exception):
    """The server was killed and its last children are not gone yet."""


@contextlib.contextmanager
def serving(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """Use the server of ``folder``: start it if nobody has, stop it if nobody else is left.

    Raises:
        DatabaseRefused: with the sentence to show.
    """
    with _opened(folder, "users") as users:
        with _changing(folder):
            server = _start(folder, durable=durable)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield server
        finally:
            with _changing(folder):
                if _is_last(users):
                    _stop(server)


def address(folder: Path) -> Secret:
    """Return where the server of ``folder`` answers, as long as somebody keeps it running."""
    password = keeping.keep(folder.parent / "secrets", "database-password")
    return _url(NAME, password, postgres_place.socket_folder(postgres_place.data_folder(folder)))


def superuser_url(server: Server, secrets: Path) -> Secret:
    """Return how whoever administers the server reaches it: back-ups, and nothing else."""
    password = keeping.keep(secrets, "database-superuser-password")
    url = _url(SUPERUSER, password, postgres_place.socket_folder(server.folder))
    return Secret(conninfo.make_conninfo(url.reveal(), dbname=NAME))


def stop_abandoned(folder: Path) -> bool:
    """Stop a server whose users all died; False when somebody uses it."""
    with _opened(folder, "users") as users, _changing(folder):
        if not _is_last(users):
            return False
        process = _running(postgres_place.data_folder(folder))
        if process is not None:
            _halt(process)
        return True


def is_unused(folder: Path) -> bool:
    """Say whether nobody uses the server of ``folder``."""
    with _opened(folder, "users") as users:
        return _is_last(users)


def _opened(folder: Path, name: str) -> IO[str]:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder.with_name(f"{folder.name}.{name}").open("a")
    except OSError as wrong:
        raise DatabaseRefused(f"Cannot write in {folder.parent}: {wrong.strerror}.") from None


@contextlib.contextmanager
def _changing(folder: Path) -> Iterator[None]:
    with _opened(folder, "changing") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(asked: Path, *, durable: bool) -> Server:
    secrets = asked.parent / "secrets"
    passwords = _Passwords(
        superuser=keeping.keep(secrets, "database-superuser-password"),
        role=keeping.keep(secrets, "database-password"),
    )
    data = postgres_place.data_folder(asked)
    _prepare(data, passwords.superuser)
    sockets = postgres_place.socket_folder(data)
    process = _started(data, sockets, passwords.superuser, durable=durable)
    try:
        _ensure_role_and_database(_url(SUPERUSER, passwords.superuser, sockets), passwords.role)
    except psycopg.Error as wrong:
        raise DatabaseRefused(f"The database in {data} refused: {_one_line(wrong)}") from None
    return Server(_url(NAME, passwords.role, sockets), data, process)


def _url(role: str, password: Secret, sockets: Path) -> Secret:
    return Secret(f"postgresql://{role}:{password.reveal()}@/{role}?host={quote(str(sockets), '')}")


def _prepare(data: Path, superuser: Secret) -> None:
    """Make sure ``data`` is a data folder of the version we carry; make one if there is none."""
    version = data / "PG_VERSION"
    if version.exists():
        found, ours = version.read_text().strip(), str(postgres_place.programs().major)
        if found != ours:
            raise DatabaseRefused(
                f"The data in {data} were written by PostgreSQL {found}, this Roadworthy carries "
                f"PostgreSQL {ours}: move them with pg_dump, or install the one that wrote them."
            )
        return
    if data.exists() and any(data.iterdir()):
        raise DatabaseRefused(
            f"{data} is damaged: it is not empty and has no PG_VERSION. Put the backup back, "
            "or move the folder away to start with an empty database."
        )
    _initialise(data, superuser)


def _initialise(data: Path, superuser: Secret) -> None:
    """Make the data folder beside its place first: an interrupted start leaves no half of one."""
    draft = data.with_name(data.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    _hand_over(draft)
    given = draft.with_name(draft.name + ".password")
    given.touch(mode=0o600)
    _hand_over(given)
    given.write_text(superuser.reveal())
    programs = postgres_place.programs()
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if programs.major >= 17 else []
    try:
        done = _run(
            programs.path("initdb"), f"--pgdata={draft}", f"--username={SUPERUSER}",
            f"--pwfile={given}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync",
            "--lc-messages=C", *(locale or ["--no-locale"]),
        )  # fmt: skip
    finally:
        given.unlink()
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise DatabaseRefused(
            f"Cannot make a database in {data}: {said[-1] if said else 'no word'}"
        )
    if data.exists():
        data.rmdir()
    draft.rename(data)


def _hand_over(path: Path) -> None:
    user = postgres_place.stand_in()
    if user is not None:
        os.chown(path, user.uid, user.gid)


def _as_user() -> dict[str, object]:
    user = postgres_place.stand_in()
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": []}


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload,no-any-return] # noqa: S603
        command, capture_output=True, text=True, check=False, cwd="/", env={"LC_ALL": "C"},
        **_as_user(),
    )  # fmt: skip


def _running(data: Path) -> psutil.Process | None:
    """Return the server of ``data``, if one runs; a file left by a killed one is not believed."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        is_ours = process.name().startswith("postgres") and str(data) in process.cmdline()
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if is_ours and _is_alive(process) else None


def _started(data: Path, sockets: Path, superuser: Secret, *, durable: bool) -> psutil.Process:
    """Return a server that answers, retrying while a killed one's children are still leaving."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            process = _running(data) or _launch(data, sockets, durable=durable)
            _wait_until_ready(process, _url(SUPERUSER, superuser, sockets), data, deadline)
        except _StillInUse as wrong:
            if time.monotonic() > deadline:
                raise DatabaseRefused(f"PostgreSQL in {data} does not start: {wrong}") from None
            time.sleep(LOOK_SECONDS * 10)
        else:
            return process


def _launch(data: Path, sockets: Path, *, durable: bool) -> psutil.Process:
    settings = {**SERVER_SETTINGS, **(ARCHIVING if durable else NOT_DURABLE)}
    settings["unix_socket_directories"] = str(sockets)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    for lock in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        _forget_stranger(lock, data)
    log = data / "log.txt"
    with log.open("w") as said:
        _hand_over(log)
        # Through a shell that leaves at once: the server is nobody's child, whoever starts it.
        started = subprocess.run(  # type: ignore[call-overload] # noqa: S603
            ["/bin/sh", "-c", '"$0" "$@" >&2 & echo $!',
             postgres_place.programs().path("postgres"), "-D", str(data), *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, text=True, check=True,
            cwd="/", env={"LC_ALL": "C"},
            start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the server
            **_as_user(),
        )  # fmt: skip
    try:
        return psutil.Process(int(started.stdout))
    except psutil.NoSuchProcess:
        raise _refused(data) from None


def _forget_stranger(lock: Path, data: Path) -> None:
    """Remove a lock file if its number is no longer a running PostgreSQL's.

    PostgreSQL would take another program, or the remains of a killed server that nobody has
    collected (no init in a container), for a running server and refuse. As long as children of a
    killed server live, the file stays: starting beside them would damage the data.

    Raises:
        _StillInUse: such children live.
    """
    try:
        number = int(lock.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if not psutil.pid_exists(number):
        return  # PostgreSQL sees that itself
    if any(_works_in(process, data) for process in psutil.process_iter()):
        raise _StillInUse(f"children of the killed server {number} still run")
    lock.unlink()


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return bool(process.cwd() == str(data)) and _is_alive(process)
    except psutil.Error:
        return False


def _wait_until_ready(process: psutil.Process, url: Secret, data: Path, deadline: float) -> None:
    while _is_alive(process):
        try:
            psycopg.connect(conninfo.make_conninfo(url.reveal(), dbname="postgres")).close()
        except psycopg.OperationalError as wrong:
            if "password authentication failed" in str(wrong):
                raise DatabaseRefused(
                    f"The password in {data.parent / 'secrets'} does not open the database in "
                    f"{data}: put back the folder that belongs to it."
                ) from None
            if time.monotonic() > deadline:
                raise DatabaseRefused(
                    f"PostgreSQL in {data} does not answer: {_one_line(wrong)}"
                ) from None
            time.sleep(LOOK_SECONDS)
        else:
            return
    raise _refused(data)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _refused(data: Path) -> Exception:
    reason = _last_words(data)
    if "still in use" in reason:
        return _StillInUse(reason)
    return DatabaseRefused(
        f"PostgreSQL cannot use the data in {data}: {reason}. Put the backup back, "
        "or move the folder away to start with an empty database."
    )


def _last_words(data: Path) -> str:
    with contextlib.suppress(OSError):
        for line in reversed((data / "log.txt").read_text(errors="replace").splitlines()):
            for mark in ("PANIC: ", "FATAL: ", "postgres: "):
                if mark in line:
                    return line.split(mark, 1)[1].strip().rstrip(".")
    return "it stopped without a word"


def _one_line(wrong: Exception) -> str:
    return " ".join(str(wrong).split())


def _ensure_role_and_database(superuser_url: Secret, password: Secret) -> None:
    url = conninfo.make_conninfo(superuser_url.reveal(), dbname="postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        role = "SELECT 1 FROM pg_roles WHERE rolname = %s"
        if connection.execute(role, [NAME]).fetchone() is None:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                    sql.Identifier(NAME), sql.Literal(password.reveal())
                )
            )
        database = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(database, [NAME]).fetchone() is None:
            owner = sql.Identifier(NAME)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))


def _stop(server: Server) -> None:
    _halt(_running(server.folder) or server.process)  # it may have been restarted meanwhile


def _halt(process: psutil.Process) -> None:
    """Stop a server: first ask ("fast"), then tell ("immediate": the next start recovers)."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        deadline = time.monotonic() + STOPPING_SECONDS
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(request)
        while time.monotonic() < deadline:
            if not _is_alive(process):
                return
            time.sleep(LOOK_SECONDS)
