"""``log``: write entries of the log to a file, and take in those that a restored database lacks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import click

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


def _read(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                yield int(row["index"]), base64.b64decode(row["body"], validate=True)
            except (ValueError, KeyError, TypeError):
                raise NotEntries(line=number) from None
