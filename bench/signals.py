"""Milliseconds of the signal and import pages with five million reports behind them.

    PYTHONPATH=src python -m bench.signals --rows 5000000

A town of the tests on an embedded PostgreSQL; the reports are a synthetic decade of its
manufacturer (bench/incident_file.py), taken in by the import itself. The pages are asked through
Django's test client: everything but the socket, in this one process.
"""

# ruff: noqa: PLC0415 - Django is set up first, for a database that only then is there

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import incident_file, machine
from bench.report import write

REQUIRED = 500.0  # milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="where the file lies, or is to be put")
    options = parser.parse_args()
    from roadworthy.config import postgres

    with tempfile.TemporaryDirectory(prefix="rw-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        with postgres.serving(home / "postgres") as server:
            os.environ["ROADWORTHY_DATABASE_URL"] = server.url.reveal()
            os.environ["DJANGO_SETTINGS_MODULE"] = "roadworthy.config.settings"
            pages = _measured(home, options)
    slowest = max(pages, key=lambda name: pages[name]["milliseconds"])
    result = {
        "rows": options.rows,
        "rounds": options.rounds,
        "pages": pages,
        "slowest": slowest,
        "required_milliseconds": REQUIRED,
        "met": pages[slowest]["milliseconds"] < REQUIRED,
        "load": os.getloadavg()[0],
        "machine": machine.describe(),
    }
    write("signals", result, _text(result))


def _measured(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    from django.db import connection

    from roadworthy.domains.organisations.actors import PLATFORM
    from roadworthy.domains.organisations.roles import Role
    from roadworthy.domains.surveillance import importing
    from roadworthy.trust import keys
    from tests.domains.surveillance.files import AT
    from tests.portals import town as towns

    keys.PASSPHRASE_ROUNDS = 1_000
    towns.settle(home / "home")
    town = towns.build(home / "home")
    file = options.keep or home / "decade.csv"
    if not file.exists():
        incident_file.write(file, rows=options.rows)
    mine = town.world.cast.manufacturer_id
    with importing.recognised(file) as found:
        run = importing.begin(found, manufacturer_id=mine, actor=PLATFORM, at=AT)
        done = importing.carry_out(run.pk, found, actor=PLATFORM)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{done.imported:,} reports are in", flush=True)
    client = town.client(Role.SAFETY)
    return {
        name: _page(client, address, options.rounds)
        for name, address in _addresses(run.register_id, run.pk).items()
    }


def _addresses(register: int, run: int) -> dict[str, str]:
    counts = f"/m/signals/reports/?register={register}"
    listed = f"/m/signals/reports/list/?register={register}"
    return {
        "counts": counts,
        "one function": f"{counts}&function=NOA-C",
        "one version": f"{counts}&function=NOA-C&software=10.2.0",
        "a period": f"{counts}&since=2020-01-01&until=2021-12-01",
        "sorted by rate": f"{counts}&sort=-rate",
        "alarms": "/m/signals/alarms/",
        "all reports": listed,
        "reports of a version": f"{listed}&function=NOA-C&software=10.2.0",
        "its last page": f"{listed}&function=NOA-C&software=10.2.0&page=300",
        "imports": "/m/surveillance/",
        "one import": f"/m/surveillance/{run}/",
    }


def _page(client: Any, address: str, rounds: int) -> dict[str, Any]:
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(address)
        taken.append((time.perf_counter() - began) * 1000)
    found = round(statistics.median(taken), 1)
    print(f"{found:8.1f} ms  {address}", flush=True)
    return {
        "address": address,
        "milliseconds": found,
        "kilobytes": round(len(answer.content) / 1000),
    }


def _text(result: dict[str, Any]) -> str:
    lines = "\n".join(
        f"| {name} | {one['milliseconds']} | {one['kilobytes']} |"
        for name, one in result["pages"].items()
    )
    return f"""
{result["rows"]:,} reports of one manufacturer; median of {result["rounds"]} requests through \
Django's test client. Load of the machine while measuring: {result["load"]:.1f}.

| page | ms | kB |
| --- | ---: | ---: |
{lines}

Required: under {result["required_milliseconds"]:.0f} ms: {"met" if result["met"] else "NOT met"} \
(slowest: {result["slowest"]})."""


if __name__ == "__main__":
    main()
