"""``incidents``: take in files of incident and disengagement reports.

Who can run this on the host acts as the platform; people act through the portal.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.surveillance import forms, importing, queries
from roadworthy.domains.surveillance.importing import Summary
from roadworthy.domains.vehicles.errors import NoSuchManufacturer

SHOWN = 20  # refused rows in the text; all of them with --json


@click.group(help="Take in files of incidents and disengagements.")
def incidents() -> None: ...


@incidents.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", *forms.NAMES]),
    default="auto",
    show_default=True,
    help="Of the file; auto finds it out from the names of its columns.",
)
@click.option("--manufacturer", help="Short name of the maker whose own reports these are.")
@click.option(
    "--batch-rows",
    type=click.IntRange(min=1),
    default=importing.BATCH,
    show_default=True,
    help="Rows that are kept for good at a time; fewer need less memory.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def import_incidents(
    *, file: str, form: str, manufacturer: str | None, batch_rows: int, as_json: bool
) -> None:
    """Take in a CSV, JSON or JSON-lines file, or a ZIP file with one of them; "-" reads stdin.

    Without --manufacturer the reports go into the public register of their source. The header is
    row 1. Rows that cannot be taken are listed; the others are taken.
    """
    manufacturer_id = _manufacturer_id(manufacturer)
    with _path(file) as path, importing.recognised(path, name=_name(file), form=form) as found:
        begun = importing.begin(
            found, manufacturer_id=manufacturer_id, actor=PLATFORM, at=datetime.now(UTC)
        )
        with _progress(found.file.size, found.file.name, quiet=as_json) as advance:
            done = importing.carry_out(
                begun.pk, found, actor=PLATFORM, batch_size=batch_rows, on_progress=advance
            )
    if as_json:
        click.echo(json.dumps(summary(done), ensure_ascii=False, indent=2))
    else:
        _print(done)


def summary(run: Summary) -> dict[str, Any]:
    """Return what an import did, for programs."""
    return {
        "format": run.source,
        "container": run.container,
        "encoding": run.encoding,
        "file": run.file_name,
        "sha256": run.file_sha256,
        "run": run.run_id,
        "rows": run.rows,
        "imported": run.imported,
        "amended": run.amended,
        "duplicates": run.duplicates,
        "blank": run.blank,
        "refused": [_told(one) for one in queries.faults(run.run_id, warnings=False)],
        "warnings": [_told(one) for one in queries.faults(run.run_id, warnings=True)],
        "older_versions": run.older,
        "same_version_differs": run.differing,
        "unknown_columns": run.unknown_columns,
    }


def _told(one: queries.Told) -> dict[str, Any]:
    return {
        "row": one.row,
        "column": one.column,
        "value": one.value,
        "code": one.code,
        "reason": one.reason,
    }


def _print(run: Summary) -> None:
    source = forms.forms()[run.source].title
    click.echo(f"{run.file_name}: {source}, {run.container} in {run.encoding}.")
    click.echo(
        f"{run.rows:,} rows: {run.imported:,} new reports, {run.amended:,} amendments, "
        f"{run.duplicates:,} known already, {run.blank:,} blank, {run.refused:,} refused."
    )
    if run.older:
        click.echo(f"{run.older:,} of the known ones are older versions; they are kept behind.")
    if run.differing:
        click.echo(
            f"{run.differing:,} of the known ones say something else under the same version; "
            "what was known first stays."
        )
    for name in run.unknown_columns:
        click.echo(f'The column "{name}" has no meaning here; it is kept with each report.')
    _list(run, warnings=True, count=run.warned, heading="rows were taken with a warning")
    _list(run, warnings=False, count=run.refused, heading="rows were refused")


def _list(run: Summary, *, warnings: bool, count: int, heading: str) -> None:
    if not count:
        return
    click.echo(f"{count:,} {heading}:", err=True)
    for one in queries.faults(run.run_id, warnings=warnings)[:SHOWN]:
        where = f", {one.column}" if one.column else ""
        value = f' ("{one.value}")' if one.value else ""
        click.echo(f"row {one.row}{where}{value}: {one.reason}", err=True)
    if count > SHOWN:
        click.echo(f"… and {count - SHOWN:,} more; --json lists them all.", err=True)


def _manufacturer_id(slug: str | None) -> int | None:
    if slug is None:
        return None
    found = organisations.by_slug(slug)
    if found is None:
        raise NoSuchManufacturer
    return found.pk


def _name(file: str) -> str:
    return "stdin" if file == "-" else ""


@contextmanager
def _path(file: str) -> Iterator[Path]:
    if file != "-":
        yield Path(file)
        return
    with tempfile.NamedTemporaryFile(prefix="roadworthy-import-") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.flush()
        yield Path(kept.name)


@contextmanager
def _progress(size: int, name: str, *, quiet: bool) -> Iterator[Any]:
    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(name, total=size)
        yield lambda done: bar.update(task, completed=done)
