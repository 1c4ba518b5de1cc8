"""``roadworthy demo-federation``: four deployments on this machine take the loop together."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from roadworthy.cli.demo.narration import Narrator
from roadworthy.cli.federation import deployments, script
from roadworthy.cli.federation.deployments import PORTS, Deployment
from roadworthy.cli.federation.parties import PARTIES
from roadworthy.config import env, supervisor
from roadworthy.config.failures import CannotStart, PortTaken

MARKER = ".roadworthy-demo"  # only a folder that says it is the demonstration's is emptied


@click.command("demo-federation")
@click.option("--exit", "leave", is_flag=True, help="End when everything is shown and verified.")
def demo_federation(*, leave: bool) -> None:
    """Run a manufacturer, MIIT, SAMR and a test institution, each with a deployment of its own.

    Everything lies in a folder of the demonstration's own, which each run empties first.
    """
    console = Console(width=None, highlight=False)
    narrator = Narrator(console)
    over = _until_asked_to_stop()
    folder = _folder()
    narrator.step("Four deployments, each with a database, keys and people of its own")
    narrator.say(f"preparing their homes in {folder}")
    four = deployments.prepared(folder, free_ports=not _ports_are_free())
    with deployments.started(four):
        _show(narrator, four)
        script.Federation(four, narrator).play()
        _farewell(narrator, four)
        if not leave:
            console.print("\n   All four stay up until Ctrl-C.")
            over.wait()


def _folder() -> Path:
    home = env.load().home
    folder = home.with_name(f"{home.name}-federation")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise CannotStart(
            f"{folder} is in the way: it is not a folder of the demonstration. "
            "Move it, or set ROADWORTHY_HOME to another place."
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o711)
    (folder / MARKER).touch()
    return folder


def _ports_are_free() -> bool:
    try:
        for party in PARTIES.values():
            for number in range(len(PORTS)):
                supervisor.check_port("127.0.0.1", party.first_port + 10 * number, "")
    except PortTaken:
        return False
    return True


def _until_asked_to_stop() -> threading.Event:
    over = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        if over.is_set():
            raise KeyboardInterrupt
        over.set()

    signal.signal(signal.SIGTERM, leave)
    return over


def _show(narrator: Narrator, four: Mapping[str, Deployment]) -> None:
    narrator.table(
        ("   deployment", "of", "portals", "exchange", "home"),
        (
            (
                f"   {one.name}",
                one.party.name_en,
                one.web_url,
                f"https://127.0.0.1:{one.ports['exchange']}",
                str(one.home),
            )
            for one in four.values()
        ),
    )


def _farewell(narrator: Narrator, four: Mapping[str, Deployment]) -> None:
    narrator.step("Look around")
    narrator.table(
        ("   portals", "account", "password"),
        (
            (f"   {one.web_url}/", person["email"], person["password"])
            for one in four.values()
            for person in one.credentials["people"]
        ),
    )
    narrator.say("All of this is demonstration data.")
