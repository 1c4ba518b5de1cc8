"""Rows a second that ``roadworthy incidents import`` takes in, beside COPY of the same rows.

    PYTHONPATH=src python -m bench.incident_import --rows 5000000

A synthetic decade in our own form (bench/incident_file.py) and, where they are at hand, the real
files. Each import is the command itself, a process of its own, on an embedded PostgreSQL that
keeps what it acknowledges. The floor is COPY of the same bytes by the same server into a table
of text without an index. The second import shows what it takes to find that nothing is new.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from bench import incident_file, machine
from bench.report import write

REQUIRED = 50_000  # rows a second
SHARED = Path(__file__).parents[2] / "shared" / "data"
FOLDERS = ("incidents", "disengagements")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--keep", type=Path, help="where the file lies, or is to be put")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rw-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        file = options.keep or home / f"decade-{options.rows}.csv"
        if not file.exists():
            incident_file.write(file, rows=options.rows)
        with served(home) as (url, database):
            result = measured(url, home, file, database) | real_files(url, home)
            megabytes = round(file.stat().st_size / 1e6)
    result |= {
        "file_megabytes": megabytes,
        "required": REQUIRED,
        "met": result["rows_per_second"] >= REQUIRED,
        "load": os.getloadavg()[0],
        "machine": machine.describe(),
    }
    write("incident_import", result, _text(result))


@contextmanager
def served(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    from roadworthy.config import postgres  # noqa: PLC0415 - after the options are read

    with postgres.serving(home / "postgres") as server:
        url = server.url.reveal()
        command(url, home, "migrate")
        yield url, server.process


def seconds_of(process: psutil.Process) -> float:
    """Return the processor seconds of a process and of all its children, ended ones too."""
    total = sum(process.cpu_times())
    for one in process.children():
        with suppress(psutil.NoSuchProcess):  # it has just ended: its parent counts it
            total += sum(one.cpu_times()[:2])
    return total


def command(url: str, home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "roadworthy.cli", *arguments],
        env={**os.environ, "ROADWORTHY_DATABASE_URL": url, "ROADWORTHY_HOME": str(home / "home")},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout


def measured(url: str, home: Path, file: Path, database: psutil.Process) -> dict[str, Any]:
    floor = copied(url, file)
    before, ours = seconds_of(database), sum(psutil.Process().cpu_times()[2:4])
    first, seconds, memory = imported(url, home, file)
    of_database = seconds_of(database) - before
    of_command = sum(psutil.Process().cpu_times()[2:4]) - ours
    again, seconds_again, _ = imported(url, home, file)
    assert first["imported"] + first["amended"] == first["rows"], first
    assert again["duplicates"] == first["rows"], again
    return {
        "rows": first["rows"],
        "seconds": round(seconds, 1),
        "rows_per_second": round(first["rows"] / seconds),
        "floor_rows_per_second": round(first["rows"] / floor),
        "ratio": round(seconds / floor, 1),
        "again_rows_per_second": round(first["rows"] / seconds_again),
        "peak_megabytes": round(memory / 1e6),
        "command_cpu_seconds": round(of_command, 1),
        "database_cpu_seconds": round(of_database, 1),
        "rows_per_cpu_second": round(first["rows"] / max(of_command, of_database)),
    }


def imported(url: str, home: Path, file: Path) -> tuple[dict[str, Any], float, int]:
    """Run the command; return its summary, the seconds it took and the most memory it had."""
    most = [0]
    over = threading.Event()

    def watch(process: psutil.Process) -> None:
        while not over.wait(0.2):
            try:
                most[0] = max(most[0], process.memory_info().rss)
            except psutil.NoSuchProcess:
                return

    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "roadworthy.cli", "incidents", "import", str(file), "--json"],
        env={**os.environ, "ROADWORTHY_DATABASE_URL": url, "ROADWORTHY_HOME": str(home / "home")},
        stdout=subprocess.PIPE,
        text=True,
    )
    watcher = threading.Thread(target=watch, args=[psutil.Process(process.pid)])
    watcher.start()
    out, _ = process.communicate()
    seconds = time.perf_counter() - began
    over.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(process.returncode)
    print(f"{file.name}: {seconds:.1f} s, {most[0] / 1e6:.0f} MB at most", flush=True)
    return json.loads(out), seconds, most[0]


def copied(url: str, file: Path) -> float:
    """Return the seconds of a plain COPY."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in incident_file.HEADER)
    typed = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(name)) for name in incident_file.HEADER
    )
    with psycopg.connect(url, autocommit=True) as connection, file.open("rb") as source:
        connection.execute(sql.SQL("CREATE TABLE plain_copy ({})").format(typed))
        began = time.perf_counter()
        copy_in = sql.SQL("COPY plain_copy ({}) FROM STDIN (FORMAT csv, HEADER)").format(columns)
        with connection.cursor().copy(copy_in) as copy:
            while piece := source.read(1 << 20):
                copy.write(piece)
        seconds = time.perf_counter() - began
        connection.execute("DROP TABLE plain_copy")
    print(f"plain COPY: {seconds:.1f} s", flush=True)
    return seconds


def real_files(url: str, home: Path) -> dict[str, Any]:
    found = sorted(path for name in FOLDERS for path in (SHARED / name).glob("*.csv"))
    counts = ("rows", "imported", "amended", "duplicates", "blank")
    told = {}
    for path in found:
        done, seconds, _ = imported(url, home, path)
        told[path.name] = {name: done[name] for name in counts} | {
            "refused": len(done["refused"]),
            "seconds": round(seconds, 1),
        }
    return {"real": told}


def _text(result: dict[str, Any]) -> str:
    lines = "\n".join(
        f"| {name} | {one['rows']} | {one['imported']} | {one['amended']} | {one['duplicates']} "
        f"| {one['refused']} | {one['seconds']} |"
        for name, one in result["real"].items()
    )
    return f"""
{result["rows"]:,} rows of our own form ({result["file_megabytes"]} MB of CSV): \
{result["seconds"]} s, **{result["rows_per_second"]:,} rows/s**, from the start of the process to \
its end, {result["peak_megabytes"]} MB of memory at most. The second import, which finds all of \
them known: {result["again_rows_per_second"]:,} rows/s. Load of the machine at the end: \
{result["load"]:.1f}.

Command and database work at the same time, on a core each: the command used \
{result["command_cpu_seconds"]} s of processor time, the database {result["database_cpu_seconds"]} \
s. The slower of the two does {result["rows_per_cpu_second"]:,} rows in a second of its core: that \
is what two cores without other work can reach at most.

The floor, COPY into a table without an index: {result["floor_rows_per_second"]:,} rows/s; the \
import takes {result["ratio"]} times as long.

Required: {result["required"]:,} rows/s on two cores: {"met" if result["met"] else "NOT met"}.

| real file | rows | new | amended | known | refused | seconds |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
{lines}"""


if __name__ == "__main__":
    main()
