"""Milliseconds and queries for each list page among 200 manufacturers and 10,000 open filings.

    PYTHONPATH=src python -m bench.lists

A town of the tests with a crowd around it (tests/portals/crowd.py), on an embedded PostgreSQL. The
pages are asked through Django's test client: everything but the socket, in this one process. The
floor of a filings page is the plain SQL that counts and reads the rows it shows.
"""

# ruff: noqa: PLC0415 - Django is set up first, for a database that only then is there

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import machine
from bench.report import write

MOST_MILLISECONDS = 200.0
# Beside the pages of tests/portals/test_query_counts.py.
MORE = {
    "/m/releases/?search=C-0": "compliance-officer",
    "/m/filings/?state=submitted&page=50": "homologation",
    "/m/filings/?state=withdrawn": "homologation",
    "/m/vehicles/?page=500": "homologation",
    "/a/?page=300": "miit-reviewer",
    "/a/?label=routine&sort=-waited": "miit-reviewer",
    "/p/": "",
    "/p/?q=C-00005": "",
}
COUNTED = "SELECT count(*) FROM filings_filing WHERE authority_id = %s AND state = 'submitted'"
READ = """
SELECT f.*, d.content FROM filings_filing f JOIN filings_dossier d ON d.id = f.dossier_id
WHERE f.authority_id = %s AND f.state = 'submitted' ORDER BY f.submitted_at, f.id LIMIT 20
"""


def main() -> None:
    options = _options()
    with town_in(options.manufacturers, options.filings, options.vehicles) as town:
        pages = {
            address: page(town, address, role, options.rounds)
            for address, role in pages_of().items()
        }
        floor = statistics.median(timed(lambda: floor_of(town), options.rounds))
    slowest = max(pages, key=lambda address: pages[address]["milliseconds"])
    result = vars(options) | {
        "pages": pages,
        "floor_milliseconds": round(floor, 2),
        "ratio": round(pages["/a/"]["milliseconds"] / floor, 1),
        "slowest": slowest,
        "required_milliseconds": MOST_MILLISECONDS,
        "met": pages[slowest]["milliseconds"] < MOST_MILLISECONDS,
        "load": os.getloadavg()[0],
        "machine": machine.describe(),
    }
    write("lists", result, _text(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manufacturers", type=int, default=200)
    parser.add_argument("--filings", type=int, default=10_000, help="open ones")
    parser.add_argument("--vehicles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args()


@contextmanager
def town_in(manufacturers: int, filings: int, vehicles: int) -> Iterator[Any]:
    """Build the town and its crowd in a database of its own."""
    from roadworthy.config import postgres

    # Not private: as root, PostgreSQL runs as another user who must get here.
    with tempfile.TemporaryDirectory(prefix="rw-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        with postgres.serving(home / "postgres") as server:
            os.environ["ROADWORTHY_DATABASE_URL"] = server.url.reveal()
            os.environ["DJANGO_SETTINGS_MODULE"] = "roadworthy.config.settings"
            yield _town(home / "home", manufacturers, filings, vehicles)


def _town(home: Path, manufacturers: int, filings: int, vehicles: int) -> Any:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)

    from django.db import connection

    from roadworthy.trust import keys
    from tests.portals import town as towns
    from tests.portals.crowd import crowd

    keys.PASSPHRASE_ROUNDS = 1_000
    towns.settle(home)
    town = towns.build(home)
    crowd(town, manufacturers=manufacturers, filings=filings, vehicles=vehicles)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return town


def pages_of() -> dict[str, str]:
    """Return the addresses to ask, with the role of who asks."""
    from tests.portals.test_query_counts import BOUNDS

    return {address: str(role) for address, (role, _bound) in BOUNDS.items()} | MORE


def page(town: Any, address: str, role: str, rounds: int) -> dict[str, Any]:
    """Ask for a page again and again; return the median time, its queries and its size."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from roadworthy.domains.organisations.roles import Role

    client = town.client(Role(role)) if role else Client()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address, follow=True)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    taken = statistics.median(timed(lambda: client.get(address, follow=True), rounds))
    slowest = max((float(one["time"]) for one in asked.captured_queries), default=0.0)
    print(f"{taken:8.1f} ms {len(asked):3} queries, slowest {slowest} s  {address}", flush=True)
    return {
        "milliseconds": round(taken, 1),
        "queries": len(asked),
        "kilobytes": round(len(answer.content) / 1000),
    }


def floor_of(town: Any) -> None:
    from django.db import connection

    authority = town.filings["submitted"].authority_id
    with connection.cursor() as cursor:
        for statement in (COUNTED, READ):
            cursor.execute(statement, [authority])
            cursor.fetchall()


def timed(act: Callable[[], Any], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _text(result: dict[str, Any]) -> str:
    lines = "\n".join(
        f"| `{address}` | {one['milliseconds']} | {one['queries']} | {one['kilobytes']} |"
        for address, one in result["pages"].items()
    )
    return f"""
{result["manufacturers"]} manufacturers, {result["filings"]} open filings with one authority, \
{result["vehicles"]} vehicles; median of {result["rounds"]} requests through Django's test client. \
Load of the machine while measuring: {result["load"]:.1f}.

| page | ms | queries | kB |
| --- | ---: | ---: | ---: |
{lines}

Required: under {result["required_milliseconds"]:.0f} ms: {"met" if result["met"] else "NOT met"} \
(slowest: `{result["slowest"]}`). The floor, plain SQL that counts the queue and reads its first \
20 rows: {result["floor_milliseconds"]} ms; `/a/` takes {result["ratio"]} times as long."""


if __name__ == "__main__":
    main()
