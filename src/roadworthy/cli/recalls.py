"""``recalls``: files of recalls into the register, repairs and addresses into a recall.

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

from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.recall_register import importing
from roadworthy.domains.recall_register.states import Format
from roadworthy.domains.remedies import files
from roadworthy.domains.remedies import queries as remedies
from roadworthy.domains.vehicles.errors import NoSuchManufacturer

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REFUSED_ROWS = 3  # exit code: the file was read, some rows were not taken
_AUTO = "auto"
_SHOWN = 50  # refused rows on the screen; --json lists them all


@click.group(help="Read files of recalls, of repairs and of owners' addresses.")
def recalls() -> None: ...


@recalls.command("import")
@click.argument("file", type=FILE)
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


@recalls.command("completions")
@click.argument("file", type=FILE)
@click.option("--manufacturer", required=True, help="Short name of the maker.")
@click.option("--recall", "number", required=True, help="Number of the recall: RC-2025-0001.")
@click.option("--encoding", help="Of the file, where it is not found out by itself.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def completions(
    *, file: Path, manufacturer: str, number: str, encoding: str | None, as_json: bool
) -> None:
    """Take repairs in workshops: vin, workshop, done_on, evidence, ecu:NAME."""
    plan = remedies.plan_numbered(_manufacturer_id(manufacturer), number)
    told = files.import_completions(
        file, plan_id=plan.pk, actor=PLATFORM, at=datetime.now(UTC), encoding=encoding
    )
    _tell(told, as_json=as_json)


@recalls.command("contacts")
@click.argument("file", type=FILE)
@click.option("--manufacturer", required=True, help="Short name of the maker.")
@click.option("--encoding", help="Of the file, where it is not found out by itself.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def contacts(*, file: Path, manufacturer: str, encoding: str | None, as_json: bool) -> None:
    """Take addresses of owners: vin, name, address, email, phone, language."""
    told = files.import_contacts(
        file,
        manufacturer_id=_manufacturer_id(manufacturer),
        actor=PLATFORM,
        at=datetime.now(UTC),
        encoding=encoding,
    )
    _tell(told, as_json=as_json)


def _manufacturer_id(slug: str) -> int:
    found = organisations.by_slug(slug)
    if found is None:
        raise NoSuchManufacturer
    return found.pk


def _tell(told: files.FileSummary, *, as_json: bool) -> None:
    refused = [
        {"row": one.number, "column": one.column, "value": one.value, "reason": str(one.error)}
        for one in told.refused
    ]
    if as_json:
        click.echo(json.dumps({**vars(told), "refused": refused}, ensure_ascii=False, indent=2))
    else:
        click.echo(
            f"{told.rows} rows ({told.encoding}): {told.taken} taken, {told.duplicates} known "
            f"already, {told.blank} blank, {len(refused)} refused."
        )
        for one in refused[:_SHOWN]:
            click.echo(f"row {one['row']}, {one['column']}: {one['reason']}", err=True)
    if refused:
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
