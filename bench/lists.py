"""Milliseconds of each list page among 200 manufacturers and 10,000 open filings, over HTTP.

    PYTHONPATH=src python -m bench.lists [--alone]

The portals run as deployed, and somebody who has signed in asks for each page, its orders, its
last page and its filters, in both languages (bench/portal.py). The floor is a constant page
through the same server in the same run. ``--alone`` gives what is measured real-time priority, for
a machine that has other work (root only).
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from bench import machine, portal
from bench.report import write

MOST_MILLISECONDS = 200.0
# Beside the pages of tests/portals/test_query_counts.py: other orders, last pages, filters.
MORE = {
    "/m/agenda/?whose=all&page=1100": "homologation",
    "/m/agenda/?whose=all&when=late&search=更新": "homologation",
    "/m/agenda/?whose=all&kind=obligation&page=20": "homologation",
    "/m/obligations/?page=900": "compliance-officer",
    "/m/obligations/?which=overdue&search=C-0": "compliance-officer",
    "/m/releases/?search=C-0": "compliance-officer",
    "/m/releases/?sort=-planned&page=20": "compliance-officer",
    "/m/filings/?state=submitted&page=50": "homologation",
    "/m/filings/?state=withdrawn": "homologation",
    "/m/campaigns/?page=20": "compliance-officer",
    "/m/log/?page=5": "compliance-officer",
    "/m/vehicles/?page=500": "homologation",
    "/m/vehicles/?page=1000": "homologation",
    "/a/?page=500": "miit-reviewer",
    "/a/?label=routine&sort=-waited": "miit-reviewer",
    "/a/?sort=manufacturer": "miit-reviewer",
    "/a/decided/?page=120": "miit-reviewer",
    "/a/agenda/?whose=all&page=500": "miit-reviewer",
    "/a/agenda/?search=制动": "miit-reviewer",
    "/p/": "",
    "/p/?q=C-00005": "",
}


def main() -> None:
    options = _options()
    crowd = {
        one: getattr(options, one) for one in ("manufacturers", "filings", "vehicles", "duties")
    }
    with portal.site(alone=options.alone, **crowd) as here:
        asked = pages_of()
        pages = portal.measured(here, asked, requests=options.requests)
        floor = portal.floor_of(here, requests=options.requests * 3)
        queries = {one: portal.queries_of(here.town, one, role) for one, role in asked.items()}
    shown = {
        address: {
            "role": asked[address],
            "queries": queries[address],
            **{language: one.to_json() for language, one in found.items()},
        }
        for address, found in pages.items()
    }
    write("lists", result := vars(options) | _result(shown, floor), _text(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manufacturers", type=int, default=200)
    parser.add_argument("--filings", type=int, default=10_000, help="open ones")
    parser.add_argument("--vehicles", type=int, default=20_000)
    parser.add_argument("--duties", type=int, default=18_000, help="of one manufacturer, open")
    parser.add_argument("--requests", type=int, default=30, help="of each page and language")
    parser.add_argument("--alone", action="store_true", help="real-time priority; root only")
    return parser.parse_args()


def pages_of() -> dict[str, str]:
    """Return the addresses to ask, with the role of who asks."""
    from tests.portals.test_query_counts import BOUNDS  # noqa: PLC0415 - after Django is set up

    return {address: str(role) for address, (role, _bound) in BOUNDS.items()} | MORE


def _result(pages: dict[str, Any], floor: float) -> dict[str, Any]:
    medians = {
        (address, language): one[language]["median"]
        for address, one in pages.items()
        for language in portal.LANGUAGES
    }
    slowest = max(medians, key=lambda key: medians[key])
    return {
        "pages": pages,
        "floor_milliseconds": round(floor, 2),
        "slowest": " ".join(slowest),
        "slowest_milliseconds": medians[slowest],
        "ratio": round(medians[slowest] / floor, 1),
        "over": sorted({key[0] for key, taken in medians.items() if taken >= MOST_MILLISECONDS}),
        "required_milliseconds": MOST_MILLISECONDS,
        "met": medians[slowest] < MOST_MILLISECONDS,
        "load": round(os.getloadavg()[0], 1),
        "machine": machine.describe(),
    }


def _text(result: dict[str, Any]) -> str:
    lines = "\n".join(
        f"| `{address}` | "
        + " | ".join(f"{one[lang]['median']} | {one[lang]['p95']}" for lang in portal.LANGUAGES)
        + f" | {one['zh']['cpu']} | {one['queries']} | {one['zh']['kilobytes']} |"
        for address, one in sorted(
            result["pages"].items(), key=lambda pair: -pair[1]["zh"]["median"]
        )
    )
    over = f"; over: {len(result['over'])} pages" if result["over"] else ""
    return f"""
{result["manufacturers"]} manufacturers; one authority with {result["filings"]:,} open filings; \
one manufacturer with {result["duties"]:,} open duties, {result["vehicles"]:,} vehicles. \
`roadworthy web` (granian), one process, {result["requests"]} warm requests of each page and \
language in {portal.PASSES} passes, by somebody who has signed in. CPU: of the web server and \
PostgreSQL together, a request of the best pass. Load of the machine at the end: \
{result["load"]}{"; what was measured had real-time priority" if result["alone"] else ""}.

| page | zh ms | p95 | en ms | p95 | CPU ms | queries | kB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{lines}

Required: every median under {result["required_milliseconds"]:.0f} ms: \
**{"met" if result["met"] else "NOT met"}** (slowest: `{result["slowest"]}`, \
{result["slowest_milliseconds"]} ms{over}). \
The floor, a constant page through the same server and middleware: \
{result["floor_milliseconds"]} ms; the slowest page takes {result["ratio"]} times as long."""


if __name__ == "__main__":
    main()
