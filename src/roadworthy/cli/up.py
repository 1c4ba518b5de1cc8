"""``roadworthy up``: database, portals, gateway and worker on one machine, with one command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import click

from roadworthy.cli.federation import parties
from roadworthy.config import env, supervisor
from roadworthy.config.env import Environment


@click.command()
@click.option(
    "--as",
    "as_party",
    type=click.Choice(list(parties.PARTIES)),
    help="Run this organisation's own deployment, with a home, database, keys and ports of its "
    "own; the first start makes its keys and its first people (roadworthy found).",
)
@parties.choices
def up(*, as_party: str | None, credentials: Path | None, **given: str | None) -> None:
    """Run everything on this machine until Ctrl-C.

    Data stay in ROADWORTHY_HOME from one run to the next.
    """
    if as_party is None and (credentials or any(given.values())):
        raise click.UsageError("These options go with --as.")
    over = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)
    party = parties.PARTIES[as_party] if as_party else None
    environment = parties.environment(party, given["slug"]) if party else env.load()
    click.echo(f"Starting; data in {environment.home}")

    def first(own: Environment) -> None:
        if party is not None and not parties.is_founded(own.home):
            click.echo(_found(own, party, credentials, given), nl=False)

    parts = party.parts if party else _parts(environment)
    with supervisor.running(environment, parts=parts, say=click.echo, first=first) as run:
        click.echo(f"Portals   {run.web_url}")
        if "gateway" in parts:
            click.echo(f"Gateway   {run.gateway_url}")
        click.echo(f"Logs      {environment.home / 'logs'}")
        click.echo("Ctrl-C stops everything; the data stay.")
        over.wait()
        click.echo("Stopping.")
    click.echo("Stopped.")


def _parts(environment: Environment) -> tuple[str, ...]:
    return (*supervisor.PARTS, supervisor.EXCHANGE) if environment.name else supervisor.PARTS


def _found(
    environment: Environment,
    party: parties.Party,
    credentials: Path | None,
    given: Mapping[str, str | None],
) -> str:
    """Make what the first start makes, in a process that ends: this one stays small."""
    options = {**given, "credentials": str(credentials) if credentials else None}
    words = [
        part
        for name, value in options.items()
        if value
        for part in (f"--{name.replace('_', '-')}", value)
    ]
    return supervisor.run_once(environment, "found", party.name, *words)
