"""Milliseconds to find filings by their text among 10,000, over HTTP and by itself.

    PYTHONPATH=src python -m bench.search [--alone]

The same site as bench.lists. A reviewer and a manufacturer who have signed in search their lists,
in both languages: count, rows, excerpts, the whole page. Beside the page stands the search alone
and what each other way would take: ``ILIKE`` over the same text, without an index and with
pg_trgm's (docs/adr/0011). The floor is a constant page through the same server in the same run.
"""
# ruff: noqa: PLC0415 - Django is set up first, for a database that only then is there

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from bench import machine, portal
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


REVIEWER, FILER = "miit-reviewer", "homologation"


def main() -> None:
    options = _options()
    crowd = {"manufacturers": options.manufacturers, "filings": options.filings, "vehicles": 1}
    with portal.site(alone=options.alone, **crowd) as here:
        addresses = {address("/a/", one): REVIEWER for one in SEARCHES}
        addresses |= {address("/m/filings/", one): FILER for one in SEARCHES}
        pages = portal.measured(here, addresses, requests=options.requests)
        floor = portal.floor_of(here, requests=options.requests * 3)
        found = {
            one: {
                "authority": _both(pages[address("/a/", one)]),
                "manufacturer": _both(pages[address("/m/filings/", one)]),
            }
            for one in SEARCHES
        }
        megabytes = _alone(here.town, found, options.requests)
    result = vars(options) | _result(found, floor) | {"megabytes": megabytes}
    write("search", result, _text(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manufacturers", type=int, default=200)
    parser.add_argument("--filings", type=int, default=10_000, help="open ones")
    parser.add_argument("--requests", type=int, default=30, help="of each search and language")
    parser.add_argument("--alone", action="store_true", help="real-time priority; root only")
    return parser.parse_args()


def address(page: str, search: str) -> str:
    return f"{page}?{urlencode({'search': search})}"


def _both(page: dict[str, portal.Page]) -> dict[str, Any]:
    return {language: one.to_json() for language, one in page.items()}


def _alone(town: Any, found: dict[str, dict[str, Any]], rounds: int) -> dict[str, float]:
    """Measure the search without its page, and the other ways; return what each index takes."""
    from django.db import connection

    authority = town.filings["submitted"].authority_id
    for search, one in found.items():
        one["hits"] = as_authority(authority, search)
        one["search"] = _median(lambda s=search: as_authority(authority, s), rounds)
        one["ilike"] = _median(lambda s=search: by_ilike(authority, s), 3)
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
    for search, one in found.items():
        one["pg_trgm"] = _median(lambda s=search: by_ilike(authority, s), 3)
    return {
        "index of lexemes": round(lexemes / 1e6, 1),
        "table with its index": round(whole / 1e6, 1),
        "index of trigrams": round(trigrams / 1e6, 1),
    }


def _result(found: dict[str, dict[str, Any]], floor: float) -> dict[str, Any]:
    medians = {
        (search, side, language): one[side][language]["median"]
        for search, one in found.items()
        for side in ("authority", "manufacturer")
        for language in portal.LANGUAGES
    }
    slowest = max(medians, key=lambda key: medians[key])
    return {
        "searches": found,
        "floor_milliseconds": round(floor, 2),
        "slowest": " ".join(slowest),
        "slowest_milliseconds": medians[slowest],
        "ratio": round(medians[slowest] / floor, 1),
        "required_milliseconds": MOST_MILLISECONDS,
        "met": medians[slowest] < MOST_MILLISECONDS,
        "load": round(os.getloadavg()[0], 1),
        "machine": machine.describe(),
    }


def as_authority(authority_id: int, search: str) -> int:
    """Search as the queue does and return how many there are."""
    from roadworthy.domains.filings import reading

    return _page(reading.queue(authority_id, search=search), search)


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
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 1)


def _text(result: dict[str, Any]) -> str:
    def pages(one: dict[str, Any], side: str) -> str:
        both = (one[side][language] for language in portal.LANGUAGES)
        return " | ".join(f"{page['median']} | {page['p95']}" for page in both)

    lines = "\n".join(
        f"| {search} | {one['hits']:,} | {pages(one, 'authority')} | {pages(one, 'manufacturer')}"
        f" | {one['search']} | {one['ilike']} | {one['pg_trgm']} |"
        for search, one in result["searches"].items()
    )
    sizes = ", ".join(f"{name} {size} MB" for name, size in result["megabytes"].items())
    priority = "; what was measured had real-time priority" if result["alone"] else ""
    return f"""
{result["filings"]:,} open filings with one authority, {result["manufacturers"]} manufacturers. \
The page with its first 20 hits and their excerpts, {result["requests"]} warm requests of each by \
somebody who has signed in, as in lists.md; milliseconds. The search alone: count, rows and \
excerpts of the authority, in one process; ILIKE and pg_trgm: the count alone, median of 3. Load \
of the machine at the end: {result["load"]}{priority}.

| search | hits | authority zh | p95 | en | p95 | manufacturer zh | p95 | en | p95 \
| search alone | ILIKE | pg_trgm |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{lines}

{sizes}. Required: every median under {result["required_milliseconds"]:.0f} ms: \
**{"met" if result["met"] else "NOT met"}** (slowest: {result["slowest"]}, \
{result["slowest_milliseconds"]} ms). The floor, a constant page through the same server and \
middleware: {result["floor_milliseconds"]} ms; the slowest search takes {result["ratio"]} times \
as long."""


if __name__ == "__main__":
    main()
