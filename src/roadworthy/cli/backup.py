"""``back-up`` and ``restore``: a deployment as files, and a deployment out of files.

A restore goes into an empty home, and leaves an empty home when it refuses. The log is never wound
back with the database: what was signed after the moment that is restored comes back out of the
archive, or is named and holds the sequencer (``domains.ledger.holding``).
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import psycopg

from roadworthy.cli import log
from roadworthy.config import env, keeping, postgres_place
from roadworthy.config.backup import files, reading, recovery, taking
from roadworthy.config.backup.reading import Set
from roadworthy.config.env import Environment, Secret
from roadworthy.config.failures import CannotStart

if TYPE_CHECKING:
    from roadworthy.domains.ledger.recovering import Missing
    from roadworthy.trust.checkpoints import Checkpoint

FOLDER = click.Path(file_okay=False, path_type=Path)
NOTE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 10
passphrase_option = click.password_option(
    "--passphrase", envvar="BACK_UP_PASSPHRASE", help="Of the back-up; or in BACK_UP_PASSPHRASE."
)


@dataclass(frozen=True, slots=True)
class _Outcome:
    found: int  # entries in the log of the database as it was
    missing: Sequence[Missing]  # that came back
    known: Checkpoint | None  # the newest


@click.command("back-up")
@click.argument("folder", type=FOLDER)
@passphrase_option
def back_up(*, folder: Path, passphrase: str) -> None:
    """Write a back-up into FOLDER while everything runs, and keep the database's log there."""
    environment = keeping.with_secrets(env.load())
    done = taking.take(environment, folder, passphrase)
    click.echo(f"{done.folder}: {done.files:,} files")
    if done.has_database:
        click.echo(f"Any moment from {_moment(done.ended_at)} on can be restored.")
    else:
        click.echo("The database is your own: back it up with its own tools as well.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--to", "moment", help="ISO 8601 with its offset, e.g. 2026-08-31T10:00:00+08:00.")
@click.option(
    "--checkpoint",
    "notes",
    type=NOTE,
    multiple=True,
    help="A checkpoint that somebody else has of this log, a witness for example; may repeat.",
)
@click.password_option(
    "--passphrase",
    envvar="BACK_UP_PASSPHRASE",
    confirmation_prompt=False,
    help="Of the back-up; or in BACK_UP_PASSPHRASE.",
)
def restore(*, folder: Path, moment: str | None, notes: tuple[Path, ...], passphrase: str) -> None:
    """Put a deployment back into an empty ROADWORTHY_HOME, as it was at a moment or at last."""
    environment, to = env.load(), log.read_moment(moment)
    folder = folder.absolute()
    seal, found = reading.sets(folder, passphrase)
    base, newest = reading.chosen(found, to), found[-1]
    if base.told["database"] is None or environment.database_url is not None:
        raise CannotStart(
            "This restores the embedded database. For your own PostgreSQL restore it with its own "
            "tools first; docs/howto/back-up.md says what is left to do."
        )
    _require_empty(environment.home)
    reading.check(folder, base, newest)
    click.echo(f"The back-up is as it was made; restoring from {base.folder.name}.")
    try:
        seal.open((newest.folder / taking.SECRETS).read_bytes(), environment.secrets)
        files.put_back(environment.home, folder / "objects", newest.told["files"])
        _restored(keeping.with_secrets(environment), folder, base, to, _notes(found, notes))
    except BaseException:
        _clear(environment)
        raise


def _restored(
    environment: Environment, folder: Path, base: Set, to: datetime | None, notes: Sequence[bytes]
) -> None:
    place = environment.database_folder
    recovery.lay_out(base.folder / "base", folder / "wal", place, to=to)
    with recovery.recovered(place, environment.secrets) as url:
        if to is None:
            outcome = _compared(url, None, environment.home, notes)
        else:
            with _at_last(environment, folder, base) as newer:
                outcome = _compared(url, newer, environment.home, notes)
        _keep(environment, outcome, to)
    _tell(outcome, to)


@contextlib.contextmanager
def _at_last(environment: Environment, folder: Path, base: Set) -> Iterator[Secret]:
    """Recover the same database as far as the archive goes, beside the one that is restored."""
    place = environment.home / "at-last" / "postgres"
    # Its own folder, with the same passwords: they are those of the data.
    shutil.copytree(environment.secrets, place.parent / "secrets")
    recovery.lay_out(base.folder / "base", folder / "wal", place, to=None)
    with recovery.recovered(place, place.parent / "secrets") as url:
        yield url
    shutil.rmtree(postgres_place.data_folder(place), ignore_errors=True)
    shutil.rmtree(place.parent, ignore_errors=True)


def _compared(url: Secret, newer: Secret | None, home: Path, notes: Sequence[bytes]) -> _Outcome:
    """Check the log against all that is known of it, and bring back what was signed later."""
    from roadworthy.cli import session  # noqa: PLC0415 - it loads Django

    session.set_up_django()
    from roadworthy.domains.ledger import recovering  # noqa: PLC0415 - after Django is set up

    with psycopg.connect(url.reveal(), autocommit=True) as older:
        known = _opened(home, [*notes, recovering.newest_note(older) or b""])
        recovering.check(older, known)
        found, missing = recovering.size(older), []
        if newer is not None:
            with psycopg.connect(newer.reveal(), autocommit=True) as beside:
                known = _opened(home, [*notes, recovering.newest_note(beside) or b""])
                recovering.check(beside, known)
                missing = recovering.missing(beside, found)
                with beside.transaction():
                    recovering.bring_back(beside, older)
            recovering.check(older, known)
    return _Outcome(found, missing, max(known, key=lambda one: one.size, default=None))


def _keep(environment: Environment, outcome: _Outcome, to: datetime | None) -> None:
    """Write down, in the restored database and in its log, that it was restored."""
    from roadworthy.cli import session  # noqa: PLC0415

    with session.django_database():
        from roadworthy.domains.filings import gate, restoring  # noqa: PLC0415
        from roadworthy.domains.filings.platform import NotInitialised  # noqa: PLC0415

        restoring.record(
            restored_to=to,
            found_size=outcome.found,
            brought_back=len(outcome.missing),
            known=outcome.known,
            at=datetime.now(UTC),
        )
        try:
            gate.export(_platform(environment))
        except NotInitialised:
            return


def _platform(environment: Environment) -> Any:
    from roadworthy.domains.filings.platform import Platform  # noqa: PLC0415

    passphrase = environment.online_key_passphrase
    assert passphrase is not None
    return Platform.open(environment.home, passphrase.reveal())


def _opened(home: Path, notes: Sequence[bytes]) -> list[Checkpoint]:
    """Return the checkpoints that this log's own key has signed.

    Raises:
        NoteNotSigned, NoteSignatureWrong: one is another log's, or nobody's.
    """
    from roadworthy.domains.filings import restoring  # noqa: PLC0415
    from roadworthy.trust import checkpoints  # noqa: PLC0415

    key = restoring.log_key(home)
    if key is None:
        return []
    return [checkpoints.open_checkpoint(one, key).checkpoint for one in notes if one]


def _notes(found: Sequence[Set], given: Sequence[Path]) -> list[bytes]:
    return [
        *(str(one.told["checkpoint"]).encode() for one in found),
        *(path.read_bytes() for path in given),
    ]


def _tell(outcome: _Outcome, to: datetime | None) -> None:
    click.echo(f"Restored{f' to {_moment(to)}' if to else ''}; the log of that moment had "
               f"{outcome.found:,} entries.")  # fmt: skip
    for one in outcome.missing[:_SHOWN]:
        click.echo(f"  #{one.index} {_moment(one.at)} {one.event} {one.subject}")
    if len(outcome.missing) > _SHOWN:
        click.echo(f"  and {len(outcome.missing) - _SHOWN:,} more")
    if outcome.missing:
        count = len(outcome.missing)
        click.echo(
            f"{count:,} {'entry was' if count == 1 else 'entries were'} signed after it. What is "
            "told there stays in the log and is not in the database any more."
        )
    size = outcome.found + len(outcome.missing)
    if outcome.known is not None and outcome.known.size > size:
        click.echo(
            f"Entries {size} to {outcome.known.size - 1} are missing: somebody has a checkpoint of "
            f"{outcome.known.size:,}. Nothing is signed until they are back.",
            err=True,
        )


def _require_empty(home: Path) -> None:
    if home.exists() and any(home.iterdir()):
        raise CannotStart(f"{home} is not empty: restore into an empty ROADWORTHY_HOME.")


def _clear(environment: Environment) -> None:
    for place in (environment.database_folder, environment.home / "at-last" / "postgres"):
        shutil.rmtree(postgres_place.data_folder(place), ignore_errors=True)
    for path in environment.home.glob("*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _moment(at: datetime) -> str:
    from roadworthy.kernel.calendar import SHANGHAI  # noqa: PLC0415

    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
