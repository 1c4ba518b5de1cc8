"""``migrate`` and ``check``: the database and everything else a start depends on."""

from __future__ import annotations

import click
from django.core import checks

from roadworthy.cli import session
from roadworthy.config import database, env, migrating, supervisor
from roadworthy.config.env import Environment
from roadworthy.config.failures import CannotStart, DatabaseRefused


@click.command()
def migrate() -> None:
    """Bring the database up to date."""
    session.set_up_django()
    with database.reachable(session.environment()) as environment:
        assert environment.database_url is not None
        session.use(environment.database_url)
        applied = migrating.migrate()
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("nothing to apply")


@click.command()
def check() -> None:
    """Say whether settings, database, migrations and ports are in order; exit 1 if not."""
    session.set_up_django()
    environment = session.environment()
    click.echo(f"ok       settings; data in {environment.home}")
    problems = _django(environment) + _database(environment) + _ports(environment)
    for problem in problems:
        click.echo(f"problem  {problem}", err=True)
    if problems:
        raise click.exceptions.Exit(1)


def _django(environment: Environment) -> list[str]:
    found = checks.run_checks(include_deployment_checks=environment.is_secure)
    serious = [
        one
        for one in found
        if (one.is_serious() or environment.is_secure) and not one.is_silenced()
    ]
    if not serious:
        click.echo("ok       configuration")
    return [f"{one.id}: {one.msg}" for one in serious]


def _database(environment: Environment) -> list[str]:
    try:
        with database.reachable(environment) as found:
            assert found.database_url is not None
            session.use(found.database_url)
            where = database.address(found.database_url)
            if environment.database_url is None:
                migrating.migrate()
            migrating.require_newest()
            held = _held(environment)
    except DatabaseRefused as wrong:
        return [str(wrong)]
    click.echo(f"ok       database at {where}, all migrations applied")
    return held


def _held(environment: Environment) -> list[str]:
    """Say what keeps the log from being signed."""
    from roadworthy.domains.ledger import sequencing  # noqa: PLC0415 - after Django is set up
    from roadworthy.domains.ledger.holding import Head  # noqa: PLC0415

    found = sequencing.held(Head(environment.home / "log" / "head"))
    return [str(found)] if found is not None else []


def _ports(environment: Environment) -> list[str]:
    problems = []
    for name, host, port, health in (
        ("web", environment.web_host, environment.web_port, "/health"),
        ("gateway", environment.gateway_host, environment.gateway_port, "/healthz"),
    ):
        try:
            supervisor.check_port(host, port, f"ROADWORTHY_{name.upper()}_PORT")
        except CannotStart as wrong:
            if supervisor.answers(env.local_address(host, port) + health):
                click.echo(f"ok       {name} runs on {host}:{port}")
            else:
                problems.append(str(wrong))
        else:
            click.echo(f"ok       {name} port {host}:{port} is free")
    return problems
