"""``roadworthy demo-federation``: four deployments on this machine take the loop together."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich.console import Console

from roadworthy.cli.demo import running
from roadworthy.cli.demo.narration import Narrator
from roadworthy.cli.federation import deployments, script
from roadworthy.cli.federation.deployments import PORTS, Deployment
from roadworthy.cli.federation.parties import PARTIES
from roadworthy.config import env, supervisor
from roadworthy.config.failures import PortTaken


@click.command("demo-federation")
@click.option("--exit", "leave", is_flag=True, help="End when everything is shown and verified.")
def demo_federation(*, leave: bool) -> None:
    """Run a manufacturer, MIIT, SAMR and a test institution, each with a deployment of its own.

    Everything lies in a folder of the demonstration's own, which each run empties first.
    """
    console = Console(width=None, highlight=False)
    narrator = Narrator(console)
    over = running.until_asked_to_stop()
    home = env.load().home
    folder = running.emptied(home.with_name(f"{home.name}-federation"))
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


def _ports_are_free() -> bool:
    try:
        for party in PARTIES.values():
            for number in range(len(PORTS)):
                supervisor.check_port("127.0.0.1", party.first_port + 10 * number, "")
    except PortTaken:
        return False
    return True


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
