"""A database that somebody altered, and one that was put back to yesterday."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from roadworthy.cli.federation.deployments import Deployment, until
from tests.federation.networks import Network

ALTER = """
UPDATE filings_dossier SET content = jsonb_set(content::jsonb, '{details,contingency}', %s)
WHERE id = (SELECT dossier_id FROM filings_filing WHERE number = %s)
RETURNING content->'details'->>'contingency'
"""


def a_filing_altered_after_its_receipt_is_found_and_named(network: Network) -> None:
    """Past every trigger, as an administrator could; found by comparing, on both sides."""
    filings = network.filed("SW-ALTERED", "0.2.10")
    network.accepted_by_all("SW-ALTERED", filings)
    number = network.loop.addressed("miit", filings)
    ((before,),) = network.sql(
        "miit",
        "SELECT content->'details'->'contingency' #>> '{}' FROM filings_dossier d "
        "JOIN filings_filing f ON f.dossier_id = d.id WHERE f.number = %s",
        number,
    )
    assert network.sql("miit", ALTER, '"none at all"', number) == [("none at all",)]
    sides = (("manufacturer", "miit", "altered-there"), ("miit", "manufacturer", "altered-here"))
    for name, peer, verdict in sides:
        told = network[name].take("peering.compare", peer=network[peer].name)
        assert not told["is_equal"]
        assert [(one["matter"], one["verdict"]) for one in told["differences"]] == [
            (f"filing/{number}", verdict)
        ]
        # Whoever looks into the log of that deployment finds the day and the matter.
        assert network.sql(
            name,
            "SELECT 1 FROM ledger_entry WHERE event = 'exchange:difference' "
            "AND position(%s in convert_from(body, 'UTF8')) > 0",
            f"filing/{number}",
        )
    assert network.sql("miit", ALTER, f'"{before}"', number) == [(before,)]


@contextmanager
def put_back(one: Deployment, folder: Path) -> Iterator[None]:
    """Back a deployment up while it runs, let the block happen, and put it back to before."""
    os.environ["BACK_UP_PASSPHRASE"] = "opens the back-up"
    one.run("back-up", str(folder))
    moment = datetime.now(UTC).isoformat()
    yield
    one.stop()
    subprocess.run(["rm", "-rf", str(one.home)], check=True)
    one.home.mkdir(mode=0o711)
    one.run("restore", str(folder), "--to", moment)
    one.start()


def an_authority_put_back_to_yesterday_gets_back_what_it_had(network: Network) -> None:
    """What came and what it decided since its back-up comes back from those who have it."""
    backup = network["miit"].home.with_name("miit-backup")
    with put_back(network["miit"], backup):
        filings = network.filed("SW-YESTERDAY", "0.2.11")
        network.accepted_by_all("SW-YESTERDAY", filings)
    number = network.loop.addressed("miit", filings)
    here = network["manufacturer"].take("releasing.filings")[number]
    there = until(
        lambda: [
            one
            for one in network["miit"].take("reviewing.inbox")
            if one["number"] == number and one["state"] == "accepted"
        ],
        f"MIIT has {number} again, and its own receipt",
    )
    assert [one["sha256"] for one in there] == [here["sha256"]]


def a_manufacturer_put_back_to_yesterday_releases_nothing_early(network: Network) -> None:
    """Its filing and both receipts come back; until then its gate is shut."""
    backup = network["manufacturer"].home.with_name("manufacturer-backup")
    network.loop.tested("SW-BACK", "service", "0.2.12")
    filings = network["manufacturer"].take("releasing.sign_and_file", number="SW-BACK")
    for name in ("miit", "samr"):
        until(
            lambda name=name: network[name].take("reviewing.inbox")[-1]["number"] in filings,
            f"{name} has the filing",
        )
    with put_back(network["manufacturer"], backup):
        network.accepted_by_all("SW-BACK", filings)
    network.loop.opened("SW-BACK")
