"""``recalls``: read files of recalls into the register.

Who can run this on the host acts as the platform; SAMR's systems enter recalls through the API.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.recall_register import importing
from roadworthy.domains.recall_register.states import Format

REFUSED_ROWS = 3  # exit code: the file was read, some rows were not taken
_AUTO = "auto"
_SHOWN = 50  # refused rows on the screen; --json lists them all


@click.group(help="Read files of recalls.")
def recalls() -> None: ...


@recalls.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice([_AUTO, *Format]),
    default=_AUTO,
    show_default=True,
    help="What kind of file it is; found out by its columns.",
)
@click.option("--encoding", help="Of the file, where it is not found out by itself.")
@click.option("--dry-run", is_flag=True, help="Only report; keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_recalls(
    *, file: Path, kind: str, encoding: str | None, dry_run: bool, as_json: bool
) -> None:
    """Read recalls into the register: NHTSA's documents, DVSA's list, notices, our own format.

    A file may be packed (zip, gzip). Rows that cannot be used are reported; the others are
    entered. A file that is read again changes nothing.
    """
    with _progress(file, quiet=as_json) as advance:
        summary = importing.import_file(
            file,
            wanted=None if kind == _AUTO else Format(kind),
            encoding=encoding,
            dry_run=dry_run,
            on_progress=advance,
            actor=PLATFORM,
            at=datetime.now(UTC),
        )
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
    else:
        _print(summary)
    if summary.refused:
        sys.exit(REFUSED_ROWS)


def _print(summary: importing.Summary) -> None:
    click.echo(
        f"{summary.rows} rows ({summary.format}, {summary.encoding}): {summary.imported} imported, "
        f"{summary.amended} amended, {summary.duplicates} duplicates, {summary.blank} blank, "
        f"{len(summary.refused)} refused."
    )
    click.echo(f"{summary.recalls_new} new recalls, {summary.recalls_changed} changed.")
    if summary.dry_run:
        click.echo("Nothing was kept: this was a dry run.")
    for name in summary.unknown_columns:
        click.echo(f'The column "{name}" has no meaning here; it is kept with each row.')
    for one in summary.refused[:_SHOWN]:
        where = f", {one.column}" if one.column else ""
        value = f" ({one.value})" if one.value else ""
        click.echo(f"row {one.row}{where}{value}: {one.reason}", err=True)
    if len(summary.refused) > _SHOWN:
        rest = len(summary.refused) - _SHOWN
        click.echo(f"and {rest} rows more; --json lists them all.", err=True)


@contextmanager
def _progress(file: Path, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(file.name, total=None)
        yield lambda done, size: bar.update(task, completed=done, total=size)
