"""``figures``: facts out of the database, indicators on the screen or on a Spark cluster."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from roadworthy import stores
from roadworthy.domains.insight import answers, engines, exporting, register
from roadworthy.domains.insight.suppression import Cell
from roadworthy.domains.insight.tasks import FOLDER
from roadworthy.kernel.calendar import legal_day

_KEY: Final = click.argument("key", required=False)


@click.group(help="Write the facts as Parquet; ask indicators.")
def figures() -> None: ...


@figures.command("write")
@click.option("--anew", is_flag=True, help="Throw away what was written and start over.")
def write(*, anew: bool) -> None:
    """Add what is new in the log to the facts. The worker does this once a day."""
    done = exporting.export(_facts(), at=datetime.now(UTC), anew=anew)
    for name, rows in done.rows.items():
        click.echo(f"{name}: +{rows}")
    click.echo(f"log entries: {done.end}")


@figures.command("ask")
@_KEY
@click.option("--by", default="", help="Column to split by.")
@click.option("--sql", "as_sql", is_flag=True, help="Print the query instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the cells as JSON.")
@click.option(
    "--spark", help="Master of a Spark cluster that can read the facts: spark://host:7077"
)
def ask(*, key: str | None, by: str, as_sql: bool, as_json: bool, spark: str | None) -> None:
    """Compute one indicator for the whole platform; without a name, list them."""
    if key is None:
        for one in register.indicators():
            click.echo(f"{one.key:<22} {one.title['en']}")
        return
    one = register.indicator(key)
    national = answers.Scope(everything=True, manufacturer=None)
    if spark:
        until = legal_day(exporting.written(_facts()).at)
        with engines.spark(spark) as backend:
            made = answers.expression(backend, one, _facts(), until)
            cells = [*answers.run(made("")), *(answers.run(made(by), by) if by else ())]
    else:
        answer = answers.ask(national, key, folder=_facts(), by=by)
        if as_sql:
            click.echo(answer.sql)
            return
        cells = list(answer.cells)
    _print(cells, as_json=as_json)


def _print(cells: list[Cell], *, as_json: bool) -> None:
    if as_json:
        told = [{"year": c.year, "part": c.of, "value": c.value, "base": c.base} for c in cells]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    table = Table("year", "part", "value", "base")
    for one in cells:
        table.add_row(str(one.year), one.of or "", f"{one.value:g}", str(one.base))
    Console().print(table)


def _facts() -> Path:
    return stores.home() / FOLDER
