"""The long-running parts, each as a command: what ``roadworthy up`` runs as its children."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from roadworthy.cli import session
from roadworthy.config import database, env, gateway_settings, leash, supervisor
from roadworthy.config.env import Environment
from roadworthy.gateway import serve as gateway_host
from roadworthy.kernel.errors import NotFound, Unavailable

SETUP_SECONDS = 2  # how often a new deployment looks whether it was set up meanwhile


def _leashed(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--leash", is_flag=True, hidden=True, help="End with standard input.")(
        command
    )


@contextlib.contextmanager
def _ready(*, leashed: bool) -> Iterator[Environment]:
    """Publish the settings, with a database that answers, to what is started from here."""
    if leashed:
        leash.follow_supervisor()
    with database.reachable(session.environment()) as environment:
        env.publish(environment)
        yield environment


@click.command()
@_leashed
def web(*, leash: bool) -> None:
    """Run the portals only, until Ctrl-C."""
    with _ready(leashed=leash) as environment:
        supervisor.check_port(environment.web_host, environment.web_port, "ROADWORTHY_WEB_PORT")
        Server(
            "roadworthy.config.wsgi:application",
            address=environment.web_host,
            port=environment.web_port,
            interface=Interfaces.WSGI,
            workers=environment.web_workers,
            blocking_threads=environment.web_threads,
            respawn_failed_workers=True,
            log_level=LogLevels(environment.log_level.lower()),
        ).serve()


@click.command()
@_leashed
def gateway(*, leash: bool) -> None:
    """Run the vehicle gateway only, until Ctrl-C, and what feeds it from the database."""
    with _ready(leashed=leash) as environment:
        supervisor.check_port(
            environment.gateway_host, environment.gateway_port, "ROADWORTHY_GATEWAY_PORT"
        )
        gateway_host.serve(gateway_settings.of(environment))


@click.command()
@_leashed
def worker(*, leash: bool) -> None:
    """Run rollouts, deadlines and queued work, until Ctrl-C."""
    with _ready(leashed=leash) as environment:
        session.set_up_django()
        assert environment.database_url is not None
        session.use(environment.database_url)
        asyncio.run(_work())


@click.group(invoke_without_command=True)
@click.pass_context
@_leashed
def exchange(ctx: click.Context, *, leash: bool) -> None:
    """Run the exchange with other deployments only, until Ctrl-C; or ask it something."""
    if ctx.invoked_subcommand is not None:
        return
    with _ready(leashed=leash) as environment:
        supervisor.check_port(
            environment.exchange_host, environment.exchange_port, "ROADWORTHY_EXCHANGE_PORT"
        )
        session.set_up_django()
        assert environment.database_url is not None
        session.use(environment.database_url)
        asyncio.run(_exchange(environment))


@exchange.command()
@click.argument("peer", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def compare(*, peer: str | None, as_json: bool) -> None:
    """Compare all matters with PEER, or with every peer; exit 1 if somebody has to look."""
    with session.django_database():
        from roadworthy.cli import exchange as commands  # noqa: PLC0415 - after Django is set up

        if not commands.compare(peer, as_json=as_json):
            raise click.exceptions.Exit(1)


async def _exchange(environment: Environment) -> None:
    from roadworthy import stores  # noqa: PLC0415 - after Django is set up
    from roadworthy.cli import peers  # noqa: PLC0415
    from roadworthy.domains.exchange.known import REGISTRY  # noqa: PLC0415
    from roadworthy.federation import running  # noqa: PLC0415

    assert environment.database_url is not None
    await _until_established(peers.establish)
    await running.serve(
        running.Exchange(
            identity=stores.exchange(),
            platform=stores.platform(),
            registry=REGISTRY,
            database_url=environment.database_url.reveal(),
            largest_file=environment.document_megabytes * 1024 * 1024,
        ),
        environment.exchange_host,
        environment.exchange_port,
    )


async def _until_established(establish: Callable[[], Any]) -> None:
    """Wait for `roadworthy init` and for the organisation, as a new deployment has neither."""
    is_told = False
    while True:
        try:
            await asyncio.to_thread(establish)
        except (NotFound, Unavailable) as missing:
            if not is_told:
                click.echo(f"The exchange waits: {missing}", err=True)
            is_told = True
            await asyncio.sleep(SETUP_SECONDS)
        else:
            return


async def _work() -> None:
    """Run the rollout engine, the upkeep, the comparison of what runs and the task queue.

    When one ends, so do the others. All but the queue loop in threads of their own: they wait on
    the database.
    """
    from procrastinate.contrib.django import app  # noqa: PLC0415 - after Django is set up
    from procrastinate.contrib.django.django_connector import DjangoConnector  # noqa: PLC0415

    from roadworthy import stores  # noqa: PLC0415
    from roadworthy.domains.campaigns import engine  # noqa: PLC0415
    from roadworthy.domains.conformity import upkeep as conformity  # noqa: PLC0415
    from roadworthy.domains.filings import upkeep  # noqa: PLC0415
    from roadworthy.domains.recalls import upkeep as recalls  # noqa: PLC0415
    from roadworthy.portals.shared import tasks as tasks_queue  # noqa: PLC0415

    stop = threading.Event()
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    assert isinstance(app.connector, DjangoConnector)
    queue_app = app.with_connector(app.connector.get_worker_connector())
    async with queue_app.open_async():
        tasks = {
            asyncio.create_task(asyncio.to_thread(engine.run, stop), name="engine"),
            asyncio.create_task(
                asyncio.to_thread(upkeep.run, stop, stores.platform), name="upkeep"
            ),
            asyncio.create_task(asyncio.to_thread(conformity.run, stop), name="conformity"),
            asyncio.create_task(asyncio.to_thread(recalls.run, stop), name="recalls"),
            asyncio.create_task(queue_app.run_worker_async(**tasks_queue.WORKER), name="queue"),
            asyncio.create_task(over.wait(), name="asked to stop"),
        }
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        for task in pending:
            if task.get_name() not in {"engine", "upkeep", "conformity", "recalls"}:
                task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()  # raises what ended it
