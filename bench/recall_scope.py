"""Which of five million vehicles a recall is about, resolved and kept with the reason of each.

    PYTHONPATH=src python -m bench.recall_scope --vehicles 5000000

Each scope is that of a plan, resolved by the service that the portal and the worker call, on an
embedded PostgreSQL that keeps what it acknowledges. The floor is a plain scan that counts the same
table (``SELECT count(*)`` over every row); 1,667,500 vehicles is the number under recall over the
air in China in 2025 (seed 001).
"""

# ruff: noqa: PLC0415 - Django is set up first

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench import machine
from bench.report import write

MOST_SECONDS = 10.0
SCOPES = {
    "one type of three, 1,667,500 vehicles": "type SCOPE-1",
    "every vehicle": "all",
    "a range of VINs with wildcards": "vin LTV******A0000001 .. LTV******A1667500",
    "100,000 VINs": "vin "
    + ", ".join(f"LTV{n % 999999:06d}A{n:07d}" for n in range(7, 5_000_000, 50)),
    "200 ranges of VINs": "\n".join(
        f"vin LTV******A{n:07d} .. LTV******A{n + 7999:07d}" for n in range(1, 5_000_000, 25_000)
    ),
    "one type, built within a year": "type SCOPE-2 and built 2024-01-01 .. 2024-12-31",
    "one version of an ECU": "ecu cluster = 2.0",
    "all of it": (
        "type SCOPE-1 and built from 2023-06-01 and ecu cluster = 2.0, 3.0\n"
        "vin LTV*7\nexcept vin LTV******A0000100 .. LTV******A0000199\nexcept built unknown"
    ),
}
_SHOWN = 200
_VEHICLES = """
INSERT INTO vehicles_vehicle (manufacturer_id, type_id, vin, controller_id, token_sha256, salt,
    registered_at, last_seen_at, attributes, imported, built_on, software_sha256)
SELECT %s, (%s::bigint[])[1 + (n - 1) * 3 / %s],
    'LTV' || lpad((n %% 999999)::text, 6, '0') || 'A' || lpad(n::text, 7, '0'), 'scope-' || n, '',
    '\\x00', now(), CASE WHEN n %% 10 > 0 THEN now() END, '{}', '{}',
    CASE WHEN n %% 20 > 0 THEN DATE '2022-01-01' + (n %% 1461) END, ''
FROM generate_series(1, %s) n
"""
_SOFTWARE = """
INSERT INTO vehicles_installedsoftware (vehicle_id, ecu_id, version, since, source)
SELECT v.id, e.id, (ARRAY['1.0', '2.0', '3.0'])[1 + v.id % 3], now(), 'vehicle'
FROM vehicles_vehicle v JOIN vehicles_ecu e ON e.type_id = v.type_id
WHERE v.id % 15 > 0 AND e.name = 'cluster' AND v.controller_id LIKE 'scope-%'
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=5_000_000)
    parser.add_argument(
        "--keep", type=Path, help="where the fleet's database lies, or is to be put"
    )
    options = parser.parse_args()
    from roadworthy.config import postgres

    before = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory(prefix="rw-bench-") as folder:
        home = options.keep or Path(folder)
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        with postgres.serving(home / "postgres") as server:
            result = measured(server.url, options.vehicles)
    slowest = max(one["seconds"] for one in result["scopes"].values())
    result |= {
        "vehicles": options.vehicles,
        "slowest_seconds": slowest,
        "required_seconds": MOST_SECONDS,
        "met": slowest < MOST_SECONDS,
        "load_before": before,
        "load": round(os.getloadavg()[0], 1),
        "machine": machine.describe(),
    }
    write("recall_scope", result, _text(result))


def measured(url: Any, vehicles: int) -> dict[str, Any]:
    from roadworthy.cli import session

    session.set_up_django()
    session.use(url)
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from roadworthy.domains.recalls.models import Defect, InScope, RecallPlan

    with connection.cursor() as cursor:
        if not Defect.objects.exists():
            _made(cursor, vehicles)
        cursor.execute(f"TRUNCATE {InScope._meta.db_table}")  # noqa: SLF001
        RecallPlan.objects.all().delete()
        floor = min(_counted(cursor) for _ in range(3))
    defect = Defect.objects.get()
    scopes = {name: _resolved(defect, name, text, floor) for name, text in SCOPES.items()}
    return {"floor_seconds": round(floor, 2), "scopes": scopes}


def _made(cursor: Any, vehicles: int) -> None:
    """Make the fleet."""
    from roadworthy.domains.vehicles.models import VehicleType

    maker = _world()
    types = list(VehicleType.objects.order_by("code").values_list("pk", flat=True))
    cursor.execute(_VEHICLES, [maker, types, vehicles, vehicles])
    cursor.execute(_SOFTWARE)
    cursor.execute("VACUUM ANALYZE")


def _world() -> int:
    """Make a manufacturer with three types of one ECU, and a confirmed defect."""
    from roadworthy.domains.organisations.models import Organisation
    from roadworthy.domains.recalls.models import Defect
    from roadworthy.domains.vehicles.models import Ecu, VehicleType

    maker = Organisation.objects.create(
        slug="bench", kind="manufacturer", name={"zh-hans": "测试", "en": "Bench"}
    )
    for number in range(1, 4):
        one = VehicleType.objects.create(
            manufacturer=maker,
            code=f"SCOPE-{number}",
            name={"zh-hans": "甲", "en": "A"},
            approval_number=f"B-{number}",
            approved_on=date(2022, 1, 1),
            automation_level=2,
        )
        Ecu.objects.create(type=one, name="cluster", address=1, hardware_id="a:1")
    Defect.objects.create(
        manufacturer=maker,
        number="D-2025-0001",
        origin="signal",
        title={"zh-hans": "缺", "en": "d"},
        reason={"zh-hans": "因", "en": "r"},
        state="confirmed",
        opened_at=datetime.now(UTC),
        confirmed_at=datetime.now(UTC),
    )
    return maker.pk


def _counted(cursor: Any) -> float:
    """Scan the table once; an index would spare it, so it is kept out."""
    cursor.execute("SET enable_indexonlyscan = off")
    began = time.perf_counter()
    cursor.execute("SELECT count(*), count(built_on) FROM vehicles_vehicle")
    cursor.fetchall()
    taken = time.perf_counter() - began
    cursor.execute("RESET enable_indexonlyscan")
    return taken


def _resolved(defect: Any, name: str, text: str, floor: float) -> dict[str, Any]:
    from django.db import connection

    from roadworthy.domains.recalls import resolving
    from roadworthy.domains.recalls.models import InScope, RecallPlan

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {InScope._meta.db_table}")  # noqa: SLF001
    plan = RecallPlan.objects.create(
        manufacturer_id=defect.manufacturer_id,
        defect=defect,
        number=f"RC-{name}"[:24],
        scope={"text": text},
        remedy="both",
        obliged_on=date(2025, 6, 9),
        starts_on=date(2025, 7, 1),
        created_at=datetime.now(UTC),
    )
    began = time.perf_counter()
    done = resolving.resolve(plan_id=plan.pk, at=datetime.now(UTC))
    taken = time.perf_counter() - began
    assert done is not None
    print(f"{taken:6.2f} s  {done.vehicles:>9,}  {name}")
    return {
        "text": text if len(text) < _SHOWN else f"{text[:_SHOWN]} …",
        "seconds": round(taken, 2),
        "of_the_floor": round(taken / floor, 1),
        "vehicles": done.vehicles,
        "by_ota": done.by_ota,
        "left_out": done.left_out,
        "undecided": done.undecided,
        "rows_per_second": round((done.vehicles + done.left_out + done.undecided) / taken),
    }


def _text(result: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| {name} | {one['vehicles']:,} | {one['undecided']:,} | {one['seconds']} "
        f"| {one['of_the_floor']} |"
        for name, one in result["scopes"].items()
    )
    return (
        f"{result['vehicles']:,} vehicles. A plain scan that counts them takes "
        f"{result['floor_seconds']} s. Required: under {result['required_seconds']:.0f} s; "
        f"slowest: {result['slowest_seconds']} s. Load of the machine before and after: "
        f"{result['load_before']}, {result['load']}.\n\n"
        "| scope | in scope | cannot be said | seconds, rows kept | of the plain scan |\n"
        "|---|---|---|---|---|\n"
        f"{rows}"
    )


if __name__ == "__main__":
    main()
