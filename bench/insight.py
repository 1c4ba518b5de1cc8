"""Seconds and memory for each indicator over 10, 100 and 486 million vehicle-times; Spark beside.

    PYTHONPATH=src python -m bench.insight [--sizes 10 100 486] [--spark]

486 million is what SAMR published for the time to the end of 2024. The facts are generated in the
form in which the exporter writes them, a file for each million entries of the log, and removed
afterwards; they lie in the folder for temporary files. Each size is asked in a process of its own,
so that its peak of memory is its own. The first asking of a size finds cold files; what counts is
the median of the following ones. Spark is a standalone cluster of a master and two workers with
one core each on the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench import machine
from bench.report import write
from roadworthy.cli import session
from roadworthy.domains.insight import engines
from roadworthy.domains.insight.facts import FACTS

UNTIL = date(2024, 12, 31)
SPAN = 1_000_000  # entries of the log in a file, as the exporter writes it
MILLION = 1_000_000
ROUNDS = 5
MOST_SECONDS, MOST_MEMORY = 2.0, 2 * 1024**3
MAKERS, TYPES, FIRST = 60, 600, "2021-01-01"
_DAY = f"DATE '{FIRST}' + CAST(i * 1461 // {{n}} AS INT)"
# Of i, the number of the row among n; hash() spreads, so that nothing is sorted but the days.
_BIG = {
    "updates": f"""SELECT i AS leaf, {_DAY} AS day, CAST(year({_DAY}) AS INT) AS year,
        'maker-' || (hash(i) % {MAKERS}) AS manufacturer,
        'T' || (hash(i) % {MAKERS}) || '-' || (hash(i + 1) % {TYPES // MAKERS}) AS type,
        CASE WHEN hash(i + 2) % 40 = 0 THEN 'recall' ELSE 'update' END AS remedy""",
    "consents": f"""SELECT i AS leaf, {_DAY} AS day, CAST(year({_DAY}) AS INT) AS year,
        'maker-' || (hash(i) % {MAKERS}) AS manufacturer,
        'T' || (hash(i) % {MAKERS}) || '-' || (hash(i + 1) % {TYPES // MAKERS}) AS type,
        CAST(hash(i + 3) % 50 > 0 AS TINYINT) AS answered,
        CAST(CASE WHEN hash(i + 3) % 50 = 0 THEN 1 WHEN hash(i + 4) % 9 = 0 THEN 0 ELSE 1 END
            AS TINYINT) AS given""",
}
_SMALL = {
    "filings": (50_000, f"""SELECT i AS leaf, {_DAY} AS day, CAST(year({_DAY}) AS INT) AS year,
        'maker-' || (hash(i) % {MAKERS}) AS manufacturer, 'activity' AS kind,
        CASE WHEN i % 2 = 0 THEN 'miit' ELSE 'samr' END AS authority, 'routine' AS label,
        CASE WHEN i % 4 < 2 THEN 'submitted' ELSE 'accepted' END AS state, i % 4 < 2 AS first,
        CASE WHEN i % 4 < 2 THEN NULL ELSE (hash(i) % 3000) / 100.0 END AS waited_days"""),
    "recalls": (10_000, f"""SELECT i AS leaf, {_DAY} AS day, CAST(year({_DAY}) AS INT) AS year,
        'maker-' || ((i // 4) % {MAKERS}) AS manufacturer, 'RC-' || (i // 4) AS number,
        1 AS version, 'running' AS state,
        CASE WHEN (i // 4) % 3 = 0 THEN 'ota' ELSE 'workshop' END AS remedy,
        20000 + (i // 4) % 7000 AS vehicles, {_DAY} - 20 AS confirmed_on"""),
    "remedied": (912_500, f"""SELECT 'maker-' || ((i // 365) % {MAKERS}) AS manufacturer,
        'RC-' || (i // 365) AS number,
        DATE '{FIRST}' + CAST((i // 365) * 4 * 1461 // 10000 + i % 365 AS INT) AS day,
        30 + hash(i) % 60 AS n"""),
    "fleet": (876_600, f"""SELECT 'maker-' || ((i % {TYPES}) % {MAKERS}) AS manufacturer,
        'T' || ((i % {TYPES}) % {MAKERS}) || '-' || ((i % {TYPES}) // {MAKERS}) AS type,
        i % 4 AS level, DATE '{FIRST}' + CAST(i // {TYPES} AS INT) AS day,
        CAST(year(DATE '{FIRST}' + CAST(i // {TYPES} AS INT)) AS INT) AS year,
        100 + hash(i) % 50 AS n"""),
    "functions": (1_200, f"""SELECT 'maker-' || ((i // 2) % {MAKERS}) AS manufacturer,
        'T' || ((i // 2) % {MAKERS}) || '-' || ((i // 2) // {MAKERS}) AS type,
        'F' || (i % 2) AS function, 2 AS level, 1 AS n"""),
    "incidents": (1_000_000, f"""SELECT i AS leaf, {_DAY} AS day,
        CAST(year({_DAY}) AS INT) AS year, 'maker-' || ((i // 3) % {MAKERS}) AS manufacturer,
        'IN-' || (i // 3) AS number, 'open' AS state, 'collision' AS trigger,
        'T' || ((i // 3) % {MAKERS}) || '-' || ((i // 3) % 10) AS type,
        'F' || ((i // 3) % 2) AS function, 'P' || ((i // 3) % 31) AS region"""),
}  # fmt: skip


def main() -> None:
    options = _options()
    if options.child:
        print(json.dumps(_ask(options.child, options.master)))
        return
    before = os.getloadavg()[0]
    sizes: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="rw-insight-") as folder:
        for millions in sorted(options.sizes):
            place = Path(folder, str(millions))
            made = _generate(place, millions * MILLION)
            sizes[str(millions)] = {**made, "duckdb": _child(place), "spark": {}}
            if options.spark:
                sizes[str(millions)]["spark"] = _on_a_cluster(place, Path(folder, f"c{millions}"))
            _remove(place)
    result = {
        "rounds": ROUNDS,
        "load_before": before,
        "sizes": sizes,
        "machine": machine.describe(),
    }
    write("insight", result, _text(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 486], help="millions")
    parser.add_argument("--spark", action="store_true", help="ask a Spark cluster as well")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--master", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _generate(place: Path, rows: int) -> dict[str, Any]:
    import duckdb  # noqa: PLC0415 - heavy

    began = time.monotonic()
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    for name, text in _BIG.items():
        (place / name).mkdir(parents=True)
        for first in range(0, rows, SPAN):
            end = min(first + SPAN, rows)
            _write(connection, place, name, text, (first, end, rows))
    for name, (count, text) in _SMALL.items():
        (place / name).mkdir()
        _write(connection, place, name, text, (0, count, count))
    connection.close()
    return {
        "rows": rows,
        "bytes": sum(one.stat().st_size for one in place.glob("*/*.parquet")),
        "files": len(list(place.glob("*/*.parquet"))),
        "generated_seconds": time.monotonic() - began,
    }


def _write(connection: Any, place: Path, name: str, text: str, part: tuple[int, int, int]) -> None:
    first, end, rows = part
    kinds = {"int": "BIGINT", "year": "INT", "small": "TINYINT", "day": "DATE", "text": "VARCHAR",
             "number": "DOUBLE", "truth": "BOOLEAN"}  # fmt: skip
    columns = ", ".join(
        f'CAST("{c}" AS {kinds[k]}) AS "{c}"' for c, k in FACTS[name].columns.items()
    )
    target = place / name / f"{first:012d}-{end:012d}.parquet"
    connection.execute(
        f"COPY (SELECT {columns} FROM ({text.format(n=rows)} FROM range({first}, {end}) r(i)))"
        f" TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _child(place: Path, master: str = "") -> Any:
    command = [sys.executable, "-m", "bench.insight", "--child", str(place), "--master", master]
    asked = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(asked.stdout.splitlines()[-1])


def _ask(place: Path, master: str) -> dict[str, Any]:
    session.set_up_django()
    from roadworthy.domains.insight import answers, register  # noqa: PLC0415 - needs Django

    engine = engines.spark(master, **_SPARK) if master else engines.duckdb()
    told = {}
    with engine as backend:
        for one in register.indicators():
            if not one.measure or not (place / one.facts[0]).is_dir():
                continue
            made = answers.expression(backend, one, place, UNTIL)
            spent = []
            for _ in range(3 if master else ROUNDS + 1):
                began = time.monotonic()
                answers.run(made(""))
                spent.append(time.monotonic() - began)
            by = "manufacturer"
            began = time.monotonic()
            answers.run(made(by), by)
            told[one.key] = {
                "first": spent[0],
                "median": statistics.median(spent[1:]),
                "by_manufacturer": time.monotonic() - began,
            }
    return {
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "seconds": told,
    }


_SPARK = {
    "spark.executor.memory": "1g",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.cores.max": "2",
    "spark.ui.showConsoleProgress": "false",
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
}


def _on_a_cluster(place: Path, folder: Path) -> Any:
    from tests.domains.insight import cluster  # noqa: PLC0415 - needs pyspark

    folder.mkdir()
    began = time.monotonic()
    with cluster.standing(folder) as (master, _settings):
        started = time.monotonic() - began
        return {"started_seconds": started, **_child(place, master)}


def _remove(place: Path) -> None:
    for one in place.glob("*/*.parquet"):
        one.unlink()


def _text(result: dict[str, Any]) -> str:
    sizes = result["sizes"]
    largest = max(sizes, key=int)
    told = result["machine"]
    lines = [
        (
            f"Load of the machine before: {result['load_before']:.1f} on {told['cores']} cores. "
            f"Seconds, median of {result['rounds']} after the first; national figure by year. "
            "DuckDB has two threads and the memory limit of `policy.yaml`."
        ),
        "",
    ]
    for name, one in sizes.items():
        peak = one["duckdb"]["peak_bytes"] / 1024**2
        said = f"{one['files']} files, {one['bytes'] / 1e9:.2f} GB"
        lines.append(
            f"- {name} million vehicle-times, as many answers of owners: {said}, written in "
            f"{one['generated_seconds']:.0f} s; peak of the asking process {peak:.0f} MiB"
        )
    heads = [f"DuckDB {name} M" for name in sizes]
    sparks = [name for name, one in sizes.items() if one["spark"]]
    heads += [f"first, {largest} M", f"by maker, {largest} M", *(f"Spark {n} M" for n in sparks)]
    lines += ["", "| indicator | " + " | ".join(heads) + " |", "| --- |" + " ---: |" * len(heads)]
    for key in sizes[largest]["duckdb"]["seconds"]:
        every = [one["duckdb"]["seconds"][key]["median"] for one in sizes.values()]
        of = sizes[largest]["duckdb"]["seconds"][key]
        every += [of["first"], of["by_manufacturer"]]
        every += [sizes[n]["spark"]["seconds"][key]["median"] for n in sparks]
        lines.append(f"| {key} | " + " | ".join(f"{one:.2f}" for one in every) + " |")
    slowest = max(one["median"] for one in sizes[largest]["duckdb"]["seconds"].values())
    peak = sizes[largest]["duckdb"]["peak_bytes"]
    fast = "met" if slowest < MOST_SECONDS else "not met"
    small = "met" if peak < MOST_MEMORY else "not met"
    lines.append("")
    lines.append(
        f"Required at {largest} M: each under {MOST_SECONDS:g} s "
        f"(slowest {slowest:.2f} s: {fast}), "
        f"memory under 2 GiB ({small})."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
