"""``simulate``: vehicles that follow updates from a gateway, for trying things out.

They are the reference agent, over HTTP, with real tokens and a stock TUF client; only the cars
around it are made up.
"""

from __future__ import annotations

import asyncio
import csv
import random
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from roadworthy.kernel.errors import Invalid, Unavailable
from roadworthy.vehicle import events as events_
from roadworthy.vehicle.agent import VehicleSpec
from roadworthy.vehicle.fleet import Counts, Fleet
from roadworthy.vehicle.trusted import TrustedImages

COLUMNS = ("vin", "controller_id", "token")  # as `roadworthy vehicles import` writes them
REFUSALS_SHOWN = 5
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DIRECTORY = click.Path(file_okay=False, path_type=Path)


class WrongTokenFile(Invalid):
    code = "simulate.wrong_token_file"
    message = "{file} has to have the columns vin, controller_id and token, and a vehicle."


class NoRoot(Unavailable):
    code = "simulate.no_root"
    message = "{gateway} gives no TUF root ({reason}); name a file with --root."


@click.command()
@click.argument("tokens", type=FILE)
@click.option("--gateway", required=True, help="Address of the gateway.")
@click.option("--tenant", required=True, help="The manufacturer's name at the gateway.")
@click.option("--version", required=True, help="What the vehicles run now.")
@click.option("--ecu", default="fwdCamera", show_default=True, help="The ECU that is updated.")
@click.option("--hardware", default="", help="Its hardware id.")
@click.option("--root", type=FILE, help="TUF root to trust. Left out: the gateway's first one.")
@click.option("--fail", default=0, show_default=True, help="So many fail and roll back.")
@click.option("--seed", default=1, show_default=True)
@click.option("--interval", default=1.0, show_default=True, help="Seconds between two polls.")
@click.option("--seconds", type=float, help="Give up after so many seconds.")
@click.option("--events", default=0, show_default=True, help="So many tell of an event first.")
@click.option(
    "--event", type=click.Choice(events_.KINDS), default="disengagement", show_default=True
)
@click.option("--function", default="", help="Code of the function that the events are about.")
@click.option("--home", type=DIRECTORY, help="Keep the vehicles' memory here.")
def simulate(  # noqa: PLR0913 - one for each option
    *,
    tokens: Path,
    gateway: str,
    tenant: str,
    version: str,
    ecu: str,
    hardware: str,
    root: Path | None,
    fail: int,
    seed: int,
    interval: float,
    seconds: float | None,
    events: int,
    event: str,
    function: str,
    home: Path | None,
) -> None:
    """Let the vehicles of a token file follow updates until all are done, or Ctrl-C.

    The file is what `roadworthy vehicles import` writes with --tokens.
    """
    rows = read_tokens(tokens)
    specs = [
        VehicleSpec(row["controller_id"], row["token"], row["vin"], version, ecu, hardware)
        for row in rows
    ]
    names = [spec.controller_id for spec in specs]
    fails = random.Random(seed).sample(names, min(fail, len(names)))  # noqa: S311 - not a secret
    if events:
        luck = random.Random(seed)  # noqa: S311 - not a secret
        tellers = luck.sample(specs, min(events, len(specs)))
        told = [events_.made_up(one, event, function, luck) for one in tellers]
        count = asyncio.run(events_.tell(gateway, tenant, tellers, told))
        click.echo(f"{count} vehicles told of: {event}")
    with ExitStack() as stack:
        trusted = stack.enter_context(tempfile.TemporaryDirectory(prefix="roadworthy-tuf-"))
        trust = TrustedImages(
            f"{gateway.rstrip('/')}/repo",
            root=root.read_bytes() if root else first_root(gateway),
            home=Path(trusted),
        )
        fleet = Fleet(
            gateway, tenant, specs,
            trust=trust, fails=fails, seed=seed, interval=interval, home=home,
        )  # fmt: skip
        try:
            follow(fleet, seconds)
        finally:
            summarise(fleet)


def read_tokens(file: Path) -> list[dict[str, str]]:
    """Read which vehicles there are.

    Raises:
        WrongTokenFile: it has other columns, or no row.
    """
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        rows = list(reader)
    if not rows or not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise WrongTokenFile(file=file)
    return rows


def first_root(gateway: str) -> bytes:
    """Fetch the root that a gateway begins with: trust on first use.

    Raises:
        NoRoot: it gives none.
    """
    try:
        answer = httpx.get(f"{gateway.rstrip('/')}/repo/metadata/1.root.json", timeout=10)
        answer.raise_for_status()
    except httpx.HTTPError as wrong:
        raise NoRoot(gateway=gateway, reason=type(wrong).__name__) from None
    return answer.content


def follow(fleet: Fleet, seconds: float | None) -> None:
    """Run the fleet behind a progress bar until every vehicle is done.

    Raises:
        DeadlinePassed: that takes longer than it may.
    """
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[phases]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Vehicles", total=fleet.counts().total, phases="")

        def show(counts: Counts) -> None:
            bar.update(task, completed=counts.settled, phases=str(counts))

        fleet.run_blocking(
            until=lambda counts: counts.settled == counts.total, deadline=seconds, on_change=show
        )


def summarise(fleet: Fleet) -> None:
    """Print where the vehicles stand, and why some took nothing."""
    counts = fleet.counts()
    click.echo(f"{counts} ({counts.requests} requests).")
    refusals = [
        (name, refusal.reason)
        for name, record in fleet.records.items()
        for refusal in record.refusals
    ]
    _list([f"{name}: {reason}" for name, reason in refusals])
    if fleet.last_trouble is not None and not counts.settled:
        click.echo(f"Last trouble: {fleet.last_trouble}", err=True)


def _list(lines: Sequence[str]) -> None:
    for line in lines[:REFUSALS_SHOWN]:
        click.echo(line, err=True)
    if len(lines) > REFUSALS_SHOWN:
        click.echo(f"... and {len(lines) - REFUSALS_SHOWN} more.", err=True)
