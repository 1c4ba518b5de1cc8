"""Durable reports a second: group commit against one INSERT a request, in one run.

    PYTHONPATH=src python -m bench.feedback

Both answer only after PostgreSQL has committed with fsync on. After each run the stored rows are
counted: fewer than were acknowledged, and the result is void.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from bench import fleet, machine, servers, wrk
from bench.report import write
from roadworthy.gateway.settings import Settings

VEHICLES = 100_000
CONNECTIONS = 256
MOST_BY_OTHERS = 0.1
PATIENCE_SECONDS = 1800
NAMES = {"insert": "one INSERT a request", "gateway": "Roadworthy gateway, group commit"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument(
        "--alone", action="store_true",
        help="real-time priority for all that is measured: for a machine that has other work",
    )  # fmt: skip
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rw-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        database = stack.enter_context(fleet.database(folder))
        url = database.url
        fleet.fill(url, VEHICLES, all_open=True)
        told = {"BENCH_DATABASE_URL": url}
        running = {
            "insert": stack.enter_context(servers.asgi("insert", folder, **told)),
            "gateway": stack.enter_context(
                servers.gateway(Settings(home=folder, database_url=url))
            ),
        }
        others = machine.Neighbours(database.pid)
        rounds = []
        for _ in range(options.rounds):
            if not options.alone:
                others.wait_for_quiet(most=MOST_BY_OTHERS, patience=PATIENCE_SECONDS)
            others.share()
            with others.held_off(really=options.alone):
                rounds.append(_round(running, url, options.seconds))
            rounds[-1]["used_by_others"] = round(others.share(), 3)
    result = _result(rounds, options)
    write("feedback", result, _text(result))


def _round(running: dict[str, servers.Server], url: str, seconds: int) -> dict[str, Any]:
    done: dict[str, Any] = {}
    for name, server in running.items():
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("TRUNCATE gateway_report")
            run = wrk.run(
                "feedback.lua", server.url, VEHICLES, seconds=seconds, connections=CONNECTIONS
            )
            count = "SELECT count(*) FROM gateway_report WHERE kind = 'feedback'"
            row = connection.execute(count).fetchone()
        stored = row[0] if row else 0
        if run.refused or stored < run.requests:
            raise SystemExit(f"{name}: {run.refused} refused, {stored} of {run.requests} stored")
        done[name] = {"per_second": round(run.per_second), "p99_ms": run.p99_ms}
        print(f"{name:10} {run.per_second:10.0f}/s  p99 {run.p99_ms} ms", flush=True)
    return done


def _result(rounds: list[dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    median = {
        name: round(statistics.median(one[name]["per_second"] for one in rounds)) for name in NAMES
    }
    return {
        "machine": machine.describe(),
        "connections": CONNECTIONS,
        "seconds_a_round": options.seconds,
        "alone": options.alone,
        "median_per_second": median,
        "gateway_of_insert": round(median["gateway"] / median["insert"], 2),
        "rounds": rounds,
    }


def _text(result: dict[str, Any]) -> str:
    rows = [f"| {text} | {result['median_per_second'][name]:,} |" for name, text in NAMES.items()]
    return "\n".join(
        [
            "| server | durable reports/s (median) |",
            "|---|---|",
            *rows,
            "",
            (
                f"{len(result['rounds'])} alternating rounds of {result['seconds_a_round']} s, "
                f"{result['connections']} connections, PostgreSQL with fsync on the same cores; "
                "every acknowledged report was found in the table."
            ),
            "All that was measured had real-time priority." if result["alone"] else "",
            f"Group commit stores {result['gateway_of_insert']} times as many.",
        ]
    )


if __name__ == "__main__":
    main()
