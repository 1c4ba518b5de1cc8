"""``roadworthy up``: database, portals, gateway and worker on one machine, with one command."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click

from roadworthy.config import env, supervisor


@click.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C.

    Data stay in ROADWORTHY_HOME from one run to the next.
    """
    over = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)
    environment = env.load()
    click.echo(f"Starting; data in {environment.home}")
    with supervisor.running(environment, say=click.echo) as run:
        click.echo(f"Portals   {run.web_url}")
        click.echo(f"Gateway   {run.gateway_url}")
        click.echo(f"Logs      {environment.home / 'logs'}")
        click.echo("Ctrl-C stops everything; the data stay.")
        over.wait()
        click.echo("Stopping.")
    click.echo("Stopped.")
