"""What a bad network and killed processes do: nothing that lasts."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.federation.networks import SEED, Network

KILL_EVERY = 1.5  # seconds: enough for a killed part to be started again


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
    """Kill one part of one deployment after the other while the block runs."""
    over, killed, dice = threading.Event(), [], random.Random(SEED)

    def kill() -> None:
        while not over.wait(KILL_EVERY):
            one = network[dice.choice(sorted(network.four))]
            victim = one.part(dice.choice(parts))
            if victim is not None:
                killed.append(f"{one.name} {victim.cmdline()[3]}")
                for process in (*victim.children(recursive=True), victim):
                    try:
                        process.kill()
                    except psutil.NoSuchProcess:
                        continue

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def whatever_process_is_killed_goes_on_where_it_was(network: Network) -> None:
    with killing(network, "exchange", "worker", "web", "gateway") as killed:
        filings = network.filed("SW-KILL", "0.2.7")
        network.decided_by_all("SW-KILL", filings)
    network.loop.opened("SW-KILL")
    assert {one.split()[1] for one in killed} >= {"exchange"}, killed


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
