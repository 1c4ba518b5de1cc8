"""``roadworthy demo``: runs the loop, says what it does, leaves the portal running."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import click
from rich.console import Console

from roadworthy.cli import session
from roadworthy.cli.demo import running
from roadworthy.cli.demo.narration import Narrator
from roadworthy.config import env, supervisor
from roadworthy.config.env import Environment
from roadworthy.config.failures import CannotStart, PortTaken


@click.command()
@click.option("--exit", "leave", is_flag=True, help="End when everything is shown and verified.")
def demo(*, leave: bool) -> None:
    """Take a real firmware through the whole loop, with real clients, and leave a proof behind.

    Everything lies in a folder of the demonstration's own, which each run empties first.
    """
    console = Console(width=None, highlight=False)
    environment = _environment()
    over = running.until_asked_to_stop()
    with supervisor.running(environment, say=lambda text: console.print(f"   {text}")) as run:
        narrator = Narrator(console, run.web_url)
        with _django(run.environment):
            from roadworthy.cli.demo import script  # noqa: PLC0415 - needs Django's models

            cast = script.play(run, narrator)
        _farewell(narrator, cast.passwords)
        if not leave:
            console.print("\n   The portal stays up until Ctrl-C.")
            over.wait()


def _environment() -> Environment:
    """Return settings for a fresh home of the demonstration's own, on ports that are free."""
    asked = env.load()
    home = running.emptied(asked.home.with_name(f"{asked.home.name}-demo"))
    environment = replace(
        asked, home=home, database_url=None, online_key_passphrase=None, secret_key=None
    )
    try:
        supervisor.check_port(asked.web_host, asked.web_port, "ROADWORTHY_WEB_PORT")
        supervisor.check_port(asked.gateway_host, asked.gateway_port, "ROADWORTHY_GATEWAY_PORT")
    except PortTaken:
        return supervisor.with_free_ports(environment)
    return environment


@contextlib.contextmanager
def _django(environment: Environment) -> Iterator[None]:
    """Run the block with Django on the database that the supervisor started."""
    env.publish(environment)
    session.set_up_django()
    if environment.database_url is None:
        raise CannotStart("There is no database.")
    session.use(environment.database_url)
    from django.db import connections  # noqa: PLC0415 - after set_up_django

    try:
        yield
    finally:
        connections.close_all()


def _farewell(narrator: Narrator, passwords: dict[str, str]) -> None:
    narrator.step("Look around")
    narrator.say(f"{narrator.base_url}/  sign in as one of:")
    narrator.table(
        ("   account", "password"), ((f"   {email}", word) for email, word in passwords.items())
    )
    narrator.say(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; all of this is demonstration data.")
