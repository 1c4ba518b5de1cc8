"""What a bad network and killed processes do: nothing that lasts."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from roadworthy.cli.federation.deployments import Deployment, until
from tests.federation.networks import SEED, Network


def lost_late_cut_and_changed_bytes_change_nothing(network: Network) -> None:
    with network.weather(cut=0.03, corrupt=0.03, delay=0.3, lose_answers=0.03):
        filings = network.filed("SW-WEATHER", "0.2.5")
        network.accepted_by_all("SW-WEATHER", filings)
    did: Counter[str] = sum((one.did for one in network.proxies.values()), start=Counter())
    assert did["delay"], did
    assert did["cut"] + did["corrupt"] + did["lose_answers"], "dice decide which of them it was"


def an_authority_that_cannot_be_reached_keeps_the_gate_shut(network: Network) -> None:
    network.proxies["miit"].weather.is_down = True
    network.proxies["miit"].hang_up()
    filings = network.filed("SW-CUT", "0.2.6")
    network.loop.accepted("samr", network.loop.addressed("samr", filings))
    network.loop.waits_for("SW-CUT", ["miit.receipt"])
    number = network.loop.addressed("miit", filings)
    assert number not in {one["number"] for one in network["miit"].take("reviewing.inbox")}
    network.proxies["miit"].weather.is_down = False
    network.sql("manufacturer", "UPDATE exchange_peer SET next_at = NULL")
    network.loop.accepted("miit", number)
    network.loop.opened("SW-CUT")


@contextmanager
def killing(network: Network, *parts: str) -> Iterator[list[str]]:
    """Kill each part of each deployment once while the block runs, and to its end in any case.

    The next one is killed when the one before is there again: in whatever order, and however slow
    the machine, the deployments get to work in between.
    """
    victims = [
        (name, part)
        for name in sorted(network.four)
        for part in parts
        if network[name].part(part) is not None  # an authority has no gateway
    ]
    random.Random(SEED).shuffle(victims)
    killed: list[str] = []

    def kill() -> None:
        for name, part in victims:
            _kill(network[name], part)
            killed.append(f"{name} {part}")

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        thread.join()


def _kill(one: Deployment, part: str) -> None:
    victim = until(lambda: one.part(part), f"{part} of {one.name} runs")
    for process in (*victim.children(recursive=True), victim):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    until(
        lambda: (
            (found := one.part(part)) is not None
            and found.pid != victim.pid
            and _answers(one, part)
        ),
        f"{part} of {one.name} is there again",
    )


def _answers(one: Deployment, part: str) -> bool:
    port = one.ports.get(part)
    if port is None:  # the worker listens to nobody
        return True
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def whatever_process_is_killed_goes_on_where_it_was(network: Network) -> None:
    parts = ("exchange", "worker", "web", "gateway")
    with killing(network, *parts) as killed:
        filings = network.filed("SW-KILL", "0.2.7")
        network.decided_by_all("SW-KILL", filings)
    network.loop.opened("SW-KILL")
    assert {f"{name} exchange" for name in network.four} < set(killed), killed


def a_manufacturer_killed_with_its_database_goes_on(network: Network) -> None:
    killed_with_database(network, "manufacturer", "0.2.8")


def an_authority_killed_with_its_database_goes_on(network: Network) -> None:
    killed_with_database(network, "samr", "0.2.9")


def killed_with_database(network: Network, name: str, version: str) -> None:
    release = f"SW-DEAD-{name}"
    filings = network.filed(release, version)
    one = network[name]
    server = psutil.Process(int((one.home / "postgres" / "postmaster.pid").read_text().split()[0]))
    one.kill()
    server.kill()
    one.stop()
    one.start()
    network.accepted_by_all(release, filings)
