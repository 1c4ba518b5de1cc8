"""``standards``: the catalogue as files.

Who can run this on the host keeps what everybody reads; people act through the portals.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.standards import bundle, importing, rows
from roadworthy.domains.standards.rows import ForAll

SHOWN = 20  # refused rows in the text; all of them with --json


@click.group(help="Read and give out the catalogue of standards.")
def standards() -> None: ...


@standards.command("load")
def load() -> None:
    """Load the catalogue that comes with this version; nothing happens if it is there."""
    kept = bundle.load(at=datetime.now(UTC))
    if kept is None:
        click.echo("The bundled catalogue is loaded already.")
        return
    click.echo(f"{len(kept.added)} new, {len(kept.changed)} changed, {kept.same} as before.")


@standards.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "oscal"]), default="oscal")
def export(*, file: str, form: str) -> None:
    """Write the catalogue as an OSCAL catalog, CSV or Excel; "-" writes to stdout."""
    made = {
        "csv": lambda: importing.as_csv(None).encode(),
        "xlsx": lambda: importing.as_xlsx(None),
        "oscal": lambda: importing.as_oscal(None),
    }[form]()
    if file == "-":
        sys.stdout.buffer.write(made)
    else:
        Path(file).write_bytes(made)
        click.echo(f"{file}: {len(made):,} bytes")


@standards.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--map", "mapped", multiple=True, help="FIELD=COLUMN where the names do not tell.")
@click.option("--source", default="", help="Source of rows that name none.")
@click.option("--grade", type=click.Choice(list("ABCD")), default="C", show_default=True)
@click.option("--place", default="", help="Place of new rows that name none: iov-security/2022/5.3")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def import_standards(
    *, file: str, mapped: tuple[str, ...], source: str, grade: str, place: str, as_json: bool
) -> None:
    """Take in a list (CSV, .xlsx) or an OSCAL catalog (.json) into everybody's catalogue."""
    path, at = Path(file), datetime.now(UTC)
    if importing.form_of(path.name) == importing.OSCAL:
        run = importing.take_in_oscal(path=path, name=path.name, actor=PLATFORM, at=at)
    else:
        found = rows.suggested(importing.sheet(path, path.name).columns)
        found |= dict(one.split("=", 1) for one in mapped if "=" in one)
        run = importing.take_in(
            path=path,
            name=path.name,
            mapping=found,
            everywhere=ForAll(source or path.name, grade, place),
            actor=PLATFORM,
            at=at,
        )
    _told(run, as_json=as_json)


def _told(run: Any, *, as_json: bool) -> None:
    refused = [
        {
            "row": one.row,
            "column": one.column,
            "value": one.value,
            "code": one.code,
            "reason": _reason(one),
        }
        for one in importing.faults(run.pk)
    ]
    counts = {name: getattr(run, name) for name in ("rows", "added", "changed", "same")}
    if as_json:
        whole = {**counts, "refused": refused, "sha256": run.file_sha256}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{run.file_name}: {run.rows:,} rows: {run.added:,} new, {run.changed:,} changed, "
        f"{run.same:,} as before, {run.refused:,} refused."
    )
    for one in refused[:SHOWN]:
        click.echo(f"row {one['row']}: {one['reason']}")
    if len(refused) > SHOWN:
        click.echo(f"and {len(refused) - SHOWN:,} more; --json lists them all")


def _reason(fault: Any) -> str:
    facts = dict(fault.facts)
    message = facts.pop("message", None)
    return str(message.format(**facts)) if message else str(facts.get("reason", ""))
