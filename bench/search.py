"""Milliseconds to find filings by their text among 10,000, as a page asks: count, rows, excerpts.

    PYTHONPATH=src python -m bench.search

The same database as bench.lists. The floor is the plain SQL that counts and reads as many rows of
the same side without a search; beside it stands what each other way to search would take:
``ILIKE`` over the same text, without an index and with pg_trgm's (docs/adr/0011).
"""
# ruff: noqa: PLC0415 - Django is set up first, for a database that only then is there

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable
from typing import Any

from bench import machine
from bench.lists import timed, town_in
from bench.report import write

MOST_MILLISECONDS = 300.0
SEARCHES = (
    "更",
    "更新",
    "制动",
    "驾驶辅助",
    "驾驶辅助更新",
    "brake",
    "bra",
    "brake steering battery",
    "制动 brake",
    "F3-2031-00007",
    "F3-2031",
    "第17汽车厂",
    "不存在",
)


def main() -> None:
    options = _options()
    with town_in(options.manufacturers, options.filings, 1) as town:
        result = vars(options) | _measured(town, options.rounds)
    write("search", result, _text(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manufacturers", type=int, default=200)
    parser.add_argument("--filings", type=int, default=10_000, help="open ones")
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args()


def _measured(town: Any, rounds: int) -> dict[str, Any]:
    from django.db import connection

    authority, maker = town.filings["submitted"].authority_id, town.world.cast.manufacturer_id
    found: dict[str, dict[str, Any]] = {}
    for search in SEARCHES:
        hits = as_authority(authority, search)
        found[search] = {
            "hits": hits,
            "authority": _median(lambda s=search: as_authority(authority, s), rounds),
            "manufacturer": _median(lambda s=search: as_manufacturer(maker, s), rounds),
            "ilike": _median(lambda s=search: by_ilike(authority, s), 3),
        }
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute(
            "CREATE INDEX bench_trigrams ON filings_filingtext USING gin"
            " ((head || ' ' || body) gin_trgm_ops)"
        )
        cursor.execute("ANALYZE filings_filingtext")
        cursor.execute(
            "SELECT pg_relation_size('bench_trigrams'), pg_relation_size('filing_text_lexemes'),"
            " pg_total_relation_size('filings_filingtext') - pg_relation_size('bench_trigrams')"
        )
        trigrams, lexemes, whole = cursor.fetchone()
    for search in SEARCHES:
        found[search]["pg_trgm"] = _median(lambda s=search: by_ilike(authority, s), 3)
        print(search, found[search], flush=True)
    slowest = max(SEARCHES, key=lambda one: found[one]["authority"])
    floor = _median(lambda: as_authority(authority, ""), rounds)
    return {
        "searches": found,
        "floor_milliseconds": floor,
        "slowest": slowest,
        "ratio": round(found[slowest]["authority"] / floor, 1),
        "megabytes": {
            "index of lexemes": round(lexemes / 1e6, 1),
            "table with its index": round(whole / 1e6, 1),
            "index of trigrams": round(trigrams / 1e6, 1),
        },
        "required_milliseconds": MOST_MILLISECONDS,
        "met": found[slowest]["authority"] < MOST_MILLISECONDS,
        "load": os.getloadavg()[0],
        "machine": machine.describe(),
    }


def as_authority(authority_id: int, search: str) -> int:
    """Search as the queue does and return how many there are."""
    from roadworthy.domains.filings import reading

    return _page(reading.queue(authority_id, search=search), search)


def as_manufacturer(manufacturer_id: int, search: str) -> int:
    """Search as a manufacturer's list does and return how many there are."""
    from roadworthy.domains.filings import reading

    return _page(reading.of_manufacturer(manufacturer_id, search=search), search)


def by_ilike(authority_id: int, search: str) -> int:
    """Ask the same text of one authority with ILIKE, term by term."""
    from django.db import connection

    terms = search.split()
    asked = " AND ".join(["(t.head || ' ' || t.body) ILIKE %s"] * len(terms))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM filings_filing f JOIN filings_filingtext t ON t.filing_id = f.id"
            f" WHERE f.authority_id = %s AND f.state = 'submitted' AND {asked}",
            [authority_id, *(f"%{term}%" for term in terms)],
        )
        return int(cursor.fetchone()[0])


def _page(rows: Any, search: str) -> int:
    from roadworthy.domains.filings import searching

    count = int(rows.count())
    searching.excerpts(list(rows[:20]), search)
    return count


def _median(act: Callable[[], Any], rounds: int) -> float:
    return round(statistics.median(timed(act, rounds)), 1)


def _text(result: dict[str, Any]) -> str:
    lines = "\n".join(
        f"| {search} | {one['hits']} | {one['authority']} | {one['manufacturer']}"
        f" | {one['ilike']} | {one['pg_trgm']} |"
        for search, one in result["searches"].items()
    )
    sizes = ", ".join(f"{name} {size} MB" for name, size in result["megabytes"].items())
    return f"""
{result["filings"]} open filings with one authority; milliseconds, median of {result["rounds"]} \
(ILIKE and pg_trgm: of 3, the count alone). Load while measuring: {result["load"]:.1f}.

| search | hits | authority | manufacturer | ILIKE | pg_trgm |
| --- | ---: | ---: | ---: | ---: | ---: |
{lines}

{sizes}. Required: under {result["required_milliseconds"]:.0f} ms: \
{"met" if result["met"] else "NOT met"} (slowest: {result["slowest"]}). The floor, the same page \
without a search: {result["floor_milliseconds"]} ms; the slowest search takes {result["ratio"]} \
times as long."""


if __name__ == "__main__":
    main()
