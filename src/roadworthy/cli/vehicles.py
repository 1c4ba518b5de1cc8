"""``vehicles`` and ``types``: fill the register from files and from the carried inventory.

Who can run this on the host acts as the platform; people act through the portal.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TextIO

import click
from rich.console import Console
from rich.progress import Progress

from roadworthy.domains.access import parameters, schemas
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.vehicles import csv_import, demo_csv, errors, importing
from roadworthy.domains.vehicles.registration import Registered
from roadworthy.domains.vehicles.rows import Refusal

REFUSED_ROWS = 3  # exit code: the file was read, some rows were not taken
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
manufacturer = click.option("--manufacturer", required=True, help="Short name of the maker.")


@click.group(help="Register vehicles.")
def vehicles() -> None: ...


@click.group("types", help="Register vehicle types.")
def types_() -> None: ...


@types_.command("import")
@manufacturer
@click.option("--brand", help="Only this brand of the inventory; all brands when left out.")
def import_types(manufacturer: str, brand: str | None) -> None:
    """Register the platforms of the carried firmware inventory as types."""
    done = importing.import_types(
        manufacturer_id=_manufacturer_id(manufacturer),
        brand=brand,
        actor=PLATFORM,
        at=datetime.now(UTC),
    )
    click.echo(f"New: {done.types} types, {done.ecus} ECUs, {done.firmware} versions of firmware.")


@types_.command("parameters")
@click.argument("file", type=FILE)
def load_parameters(file: Path) -> None:
    """Take a schema of technical parameters into use, from the day that the file names."""
    content = parameters.parse(file.read_text(encoding="utf-8"))
    schema = schemas.load(content=content, actor=witnessed(PLATFORM), at=datetime.now(UTC))
    click.echo(
        f"{schema.key}: {len(schema.parameters)} parameters from {schema.applies_from}, "
        f"{'verified' if schema.verified else 'not verified'}."
    )


@vehicles.command("import")
@click.argument("file", type=FILE)
@manufacturer
@click.option("--encoding", help="Of the file, where it is not found out by itself.")
@click.option("--dry-run", is_flag=True, help="Only report; keep nothing.")
@click.option(
    "--tokens", type=NEW_FILE, help="Where to write the new tokens (they are kept nowhere)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_vehicles(
    *,
    file: Path,
    manufacturer: str,
    encoding: str | None,
    dry_run: bool,
    tokens: Path | None,
    as_json: bool,
) -> None:
    """Register the vehicles of a CSV file with the columns vin, controller_id and type.

    Optional columns: token, and ecu:NAME with the version that the ECU runs. Rows that cannot be
    taken are reported; the others are registered.
    """
    target = tokens or file.with_suffix(".tokens.csv")
    manufacturer_id = _manufacturer_id(manufacturer)
    with _progress(file, quiet=as_json) as advance, _Tokens(target) as kept:
        summary = csv_import.import_csv(
            file,
            manufacturer_id=manufacturer_id,
            actor=PLATFORM,
            at=datetime.now(UTC),
            encoding=encoding,
            dry_run=dry_run,
            on_progress=advance,
            on_registered=kept.keep,
        )
    if not dry_run:
        # All of the manufacturer's: an import that was interrupted told the gateways of none.
        campaigns.publish_vehicles(manufacturer_id=manufacturer_id)
    if as_json:
        click.echo(json.dumps(report(summary), ensure_ascii=False, indent=2))
    else:
        _print(summary, target)
    if summary.refused:
        sys.exit(REFUSED_ROWS)


@vehicles.command("demo-file")
@click.argument("file", type=NEW_FILE)
@click.option("--brand", default="toyota", show_default=True)
@click.option("--count", default=1000, show_default=True, type=click.IntRange(1, 999_999))
@click.option("--seed", default=1, show_default=True)
def demo_file(file: Path, brand: str, count: int, seed: int) -> None:
    """Write a CSV file of demonstration vehicles."""
    fleet = replace(demo_csv.Fleet(), brand=brand, count=count, seed=seed)
    click.echo(f"{demo_csv.write(file, fleet)} vehicles in {file}.")


def report(summary: csv_import.Summary) -> dict[str, Any]:
    """Return what an import did, for programs."""
    return {
        "encoding": summary.encoding,
        "dry_run": summary.dry_run,
        "rows": summary.rows,
        "registered": summary.registered,
        "unused_columns": list(summary.unused_columns),
        "refused": [
            {
                "row": refusal.number,
                "column": refusal.column,
                "value": refusal.value,
                "code": refusal.error.code,
                "message": str(refusal.error),
            }
            for refusal in summary.refused
        ],
        "warnings": [asdict(warning) for warning in summary.warnings],
    }


def _manufacturer_id(slug: str) -> int:
    found = organisations.by_slug(slug)
    if found is None:
        raise errors.NoSuchManufacturer
    return found.pk


def _print(summary: csv_import.Summary, tokens: Path) -> None:
    verb = "would be registered" if summary.dry_run else "registered"
    click.echo(f"{summary.registered} of {summary.rows} vehicles {verb} ({summary.encoding}).")
    if summary.registered and not summary.dry_run:
        click.echo(f"Their tokens are in {tokens}. They are kept nowhere else.")
    for name in summary.unused_columns:
        click.echo(f'The column "{name}" has no meaning here; it is kept with each vehicle.')
    for warning in summary.warnings:
        click.echo(f"row {warning.number}, {warning.column}: {warning.message}")
    if summary.refused:
        click.echo(f"{len(summary.refused)} rows were refused:", err=True)
    for refusal in summary.refused:
        click.echo(_refused(refusal), err=True)


def _refused(refusal: Refusal) -> str:
    where = f", {refusal.column}" if refusal.column else ""
    return f"row {refusal.number}{where}: {refusal.error}"


@contextmanager
def _progress(file: Path, *, quiet: bool) -> Iterator[Any]:
    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(file.name, total=file.stat().st_size)
        yield lambda done: bar.update(task, completed=done)


class _Tokens:
    """A file of secrets: made with the first token, readable by its owner only, never rewritten."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def keep(self, registered: Sequence[Registered]) -> None:
        """Append tokens durably, before their vehicles are registered for good."""
        if not registered:
            return
        file = self._file or self._open()
        rows = csv.writer(file, lineterminator="\n")
        if not file.tell():
            rows.writerow(["vin", "controller_id", "token"])
        rows.writerows((one.vin, one.controller_id, one.token) for one in registered)
        file.flush()
        os.fsync(file.fileno())

    def _open(self) -> TextIO:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8", newline="")
        return self._file
