"""A batch of which nothing is known goes straight into the register: one COPY, no staging.

* What is to be sent is made ready while the database still takes in the batch before: reading and
  taking in share the work of two cores.
* Numbers of reports mostly rise with time. Where the register holds none between the smallest and
  the largest of a batch, it knows none of them, and is not asked for each.
"""

# ruff: noqa: S608 - made of the columns of the register only
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from roadworthy.domains.surveillance.rows import COLUMNS, Batch
from roadworthy.domains.surveillance.values import NULL

REPORT: Final = "surveillance_bulkreport"
EVENT: Final = "event"
_SEVERE: Final = frozenset({"fatal", "serious"})
_OF_RUN: Final = ("register_id", "first_run_id", "last_run_id", "stands")
_COPY: Final = f"COPY {REPORT} ({', '.join((*_OF_RUN, *COLUMNS))}) FROM STDIN"
_BETWEEN: Final = f"""
SELECT EXISTS (SELECT FROM {REPORT} WHERE register_id = %s AND report_key BETWEEN %s AND %s)
    OR EXISTS (SELECT FROM {REPORT} WHERE register_id = %s AND stands
        AND incident_key IS NOT NULL AND incident_key BETWEEN %s AND %s)
"""
# The counts of a batch that goes straight in are made before they come here.
_COUNTED: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS surveillance_counted (
    of_region boolean, function text, software text, reporter text, region text, occurred_on date,
    stands boolean, trigger text, severity text, n bigint
) ON COMMIT DELETE ROWS;
TRUNCATE surveillance_counted;
"""
_COPY_COUNTED: Final = "COPY surveillance_counted FROM STDIN"
ROWS: Final = (
    "(SELECT *, %(register)s AS register_id, 'event' AS kind FROM surveillance_counted"
    " WHERE of_region = {of_region}) t"
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch as it goes in if nothing of it is known, neither report nor incident."""

    reports: int
    lines: bytes
    counted: bytes
    keys: tuple[str, str]  # the smallest and the largest
    incidents: tuple[str, str]  # the same; empty texts: there are none


def ready(batch: Batch, *, register_id: int, run_id: int) -> Ready | None:
    """Make a batch ready to go straight in; None if it cannot whatever the register holds."""
    keys = batch.told["report_key"]
    known = [one for one in incidents(batch) if one != NULL]
    if not is_simple(batch) or "\\" in "".join(keys) or "\\" in "".join(known):
        return None
    return _made(batch, {"register": register_id, "run": run_id}, set(), (
        (min(keys), max(keys)), (min(known, default=""), max(known, default=""))
    ))  # fmt: skip


def is_simple(batch: Batch) -> bool:
    """Say whether a batch has each report once, and all of them numbered by version."""
    keys = batch.told["report_key"]
    return bool(keys) and len({*keys}) == len(keys) and "0" not in batch.told["version"]


def incidents(batch: Batch) -> list[str]:
    """Return the incident of each report; what did not happen is none."""
    told = zip(batch.told["kind"], batch.told["incident_key"], strict=True)
    return [incident if kind == EVENT else NULL for kind, incident in told]


def is_new(cursor: CursorWrapper, one: Ready, register_id: int) -> bool:
    """Say whether the register holds no key between those of the batch. Its lock is held."""
    cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute(_BETWEEN, [register_id, *one.keys, register_id, *one.incidents])
    return not cursor.fetchall()[0][0]


def put(cursor: CursorWrapper, one: Ready, names: dict[str, Any], counts: Sequence[str]) -> None:
    """Copy a batch in, and bring the counts up to date; ``counts`` are the statements for it."""
    copy_in(cursor, _COPY, one.lines)
    cursor.execute(_COUNTED)
    copy_in(cursor, _COPY_COUNTED, one.counted)
    for statement in counts:
        cursor.execute(statement, names)


def with_taken(batch: Batch, names: dict[str, Any], taken: set[str]) -> Ready:
    """Make a batch ready beside incidents for which another report stands already."""
    return _made(batch, names, taken, (("", ""), ("", "")))


def copy_in(cursor: CursorWrapper, statement: str, content: bytes) -> None:
    """Send what COPY reads."""
    with cursor.copy(statement) as copy:
        copy.write(content)


def _made(
    batch: Batch,
    names: dict[str, Any],
    taken: set[str],
    ends: tuple[tuple[str, str], tuple[str, str]],
) -> Ready:
    stands = list(map(_first(taken), batch.told["kind"], incidents(batch)))
    of_run = "{register}\t{run}\t{run}".format(**names)
    begin_of = {one: f"{of_run}\t{one}\t" for one in ("t", "f")}
    begins = map(begin_of.__getitem__, stands)
    lines = "".join(chain.from_iterable(zip(begins, batch.lines, strict=True)))
    counted = "".join(_counted(batch, stands))
    return Ready(len(stands), lines.encode(), counted.encode(), *ends)


def _first(taken: set[str]) -> Callable[[str, str], str]:
    """Make what says whether a report stands for its incident: the first one of each does."""

    def stands(kind: str, incident: str) -> str:
        if incident == NULL:
            return "t" if kind == EVENT else "f"
        if incident in taken:
            return "f"
        taken.add(incident)
        return "t"

    return stands


def _counted(batch: Batch, stands: Sequence[str]) -> Iterator[str]:
    """Return how many events of the batch are alike, as lines of ``surveillance_counted``.

    Triggers and severities are told as far only as the counts tell them apart.
    """
    told = batch.told
    is_event = [kind == EVENT for kind in told["kind"]]
    month_of = {
        one: NULL if one.startswith(NULL) else f"{one[:8]}01" for one in {*told["occurred"]}
    }
    months = [month_of[one] for one in told["occurred"]]
    trigger_of = {
        one: "disengagement" if one.endswith("disengagement") else one * (one == "collision")
        for one in {*told["trigger"]}
    }
    triggers = [trigger_of[one] for one in told["trigger"]]
    severe = ["serious" if one in _SEVERE else "" for one in told["severity"]]
    alike = zip(
        told["function"], told["software"], told["reporter"], months, stands, triggers, severe,
        strict=True,
    )  # fmt: skip
    for (function, software, reporter, *rest), n in Counter(compress(alike, is_event)).items():
        yield "\t".join(("f", function, software, reporter, "", *rest, str(n))) + "\n"
    there = zip(told["function"], told["region"], months, stands, severe, strict=True)
    for (function, region, month, first, serious), n in Counter(compress(there, is_event)).items():
        line = ("t", function, "", "", region, month, first, "", serious, str(n))
        yield "\t".join(line) + "\n"
