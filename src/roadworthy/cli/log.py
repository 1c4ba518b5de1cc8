"""``log``: entries out of it and back into it, and that its database was restored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from roadworthy.config.failures import CannotStart
from roadworthy.kernel.errors import Invalid

_BATCH = 10_000


class NotEntries(Invalid):
    code = "not-entries"
    message = "Line {line} of the file is no entry of a log."


@click.group()
def log() -> None:
    """Move entries of the log between copies of one deployment."""


@log.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--from", "first", type=click.IntRange(min=0), default=0, help="First place.")
def entries(*, file: Path, first: int) -> None:
    """Write the entries of the log from a place on into FILE, one a line."""
    from roadworthy.domains.ledger import queries  # noqa: PLC0415 - after Django is set up

    count = 0
    with file.open("w", encoding="utf-8") as into:
        while found := queries.bodies(first + count, _BATCH):
            for body in found:
                row = {"index": first + count, "body": base64.b64encode(body).decode()}
                into.write(json.dumps(row) + "\n")
                count += 1
    click.echo(f"{file}: {count:,} entries from place {first} on")


@log.command("take-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def take_in(*, file: Path) -> None:
    """Take in the entries that this database lacks; nothing is taken that does not fit exactly."""
    from roadworthy import stores  # noqa: PLC0415
    from roadworthy.domains.ledger import taking_in  # noqa: PLC0415 - after Django is set up
    from roadworthy.domains.ledger.holding import Head  # noqa: PLC0415

    taken = taking_in.take_in(
        _read(file), head=Head(stores.home() / "log" / "head").latest_of_any()
    )
    click.echo(f"{taken:,} entries are back in the log.")


@log.command()
@click.option("--to", "moment", help="The moment, ISO 8601 with its offset.")
def restored(*, moment: str | None) -> None:
    """Say that the database was restored by its own tools: your own PostgreSQL.

    The log says so, too, and steps that are gone are not told to other deployments again.
    """
    from roadworthy import stores  # noqa: PLC0415
    from roadworthy.domains.filings import restoring  # noqa: PLC0415 - after Django is set up
    from roadworthy.domains.ledger import sequencing  # noqa: PLC0415
    from roadworthy.domains.ledger.holding import Head  # noqa: PLC0415

    size = sequencing.log().size
    row = restoring.record(
        restored_to=read_moment(moment),
        found_size=size,
        brought_back=0,
        known=Head(stores.home() / "log" / "head").latest_of_any(),
        at=datetime.now(UTC),
    )
    click.echo(f"The log has {size:,} entries; {row.known_size:,} are known to be signed.")


def read_moment(written: str | None) -> datetime | None:
    """Return a moment that somebody wrote.

    Raises:
        CannotStart: it is none, or lacks its offset.
    """
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CannotStart(f"{written} is no moment. Write 2026-08-31T10:00:00+08:00, for example.")
    return found


def _read(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                yield int(row["index"]), base64.b64decode(row["body"], validate=True)
            except (ValueError, KeyError, TypeError):
                raise NotEntries(line=number) from None
