"""Facts out of PostgreSQL as Parquet files that are only ever added.

* A file of a fact of the log bears the range of leaves that it holds: ``<first>-<end>.parquet``.
  What is written is read from the names, so a run that was killed goes on where it stopped, and
  a run that is repeated writes nothing twice. A file appears whole or not at all.
* A day's new entries cost a day's work. Facts of state (few rows, counted by a key) are compared
  with what stands in the files, and only differences are added.
* One process writes at a time: a lock in the database makes sure.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from django.db import connection

from roadworthy.domains.insight import errors
from roadworthy.domains.insight.facts import FACTS, Fact

LOCK: Final = 7307  # advisory lock of the one who writes
SPAN: Final = 1_000_000  # leaves in one file at most
_MARK: Final = "written.json"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """How far the facts reach: leaves of the log, and when that was."""

    end: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """What one run added: rows by fact."""

    end: int
    rows: Mapping[str, int]


def written(folder: Path) -> Written:
    """Return how far the facts in ``folder`` reach.

    Raises:
        NoFacts: none were written yet.
    """
    try:
        told = json.loads((folder / _MARK).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise errors.NoFacts from None
    return Written(told["end"], datetime.fromisoformat(told["at"]))


def export(folder: Path, *, at: datetime, anew: bool = False) -> Run:
    """Add what is new in the database to the facts in ``folder``.

    Raises:
        Busy: another process is writing.
        FactsAhead: the files know entries that the database does not; ``anew`` starts over.
    """
    with _alone():
        if anew:
            shutil.rmtree(folder, ignore_errors=True)
        end = _leaves()
        done = {fact.name: _done(folder / fact.name) for fact in FACTS.values() if fact.events}
        furthest = max(done.values())
        if furthest > end:
            raise errors.FactsAhead(facts=furthest, log=end)
        rows = {
            fact.name: (
                _append(folder, fact, done[fact.name], end)
                if fact.events
                else _differences(folder, fact)
            )
            for fact in FACTS.values()
        }
        with _whole(folder / _MARK) as file:
            file.write(json.dumps({"end": end, "at": at.astimezone(UTC).isoformat()}).encode())
        return Run(end, rows)


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise errors.Busy
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _leaves() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(index) + 1, 0) FROM ledger_leaf")
        return int(cursor.fetchone()[0])


def _done(folder: Path) -> int:
    ends = [int(one.stem.split("-")[1]) for one in folder.glob("*-*.parquet")]
    return max(ends, default=0)


def _append(folder: Path, fact: Fact, first: int, end: int) -> int:
    """Write the rows of the leaves from ``first`` on; always a file, so that the end is known."""
    rows = 0
    if not (folder / fact.name).is_dir():
        _parquet(folder, fact, f"{0:012d}-{0:012d}", iter(()))
    while first < end:
        until = min(first + SPAN, end)
        names = {"first": first, "end": until, "events": list(fact.events)}
        with _asked(fact, names) as batches:
            rows += _parquet(folder, fact, f"{first:012d}-{until:012d}", batches)
        first = until
    return rows


def _differences(folder: Path, fact: Fact) -> int:
    """Write by how much each count changed since the last run; nothing where none did."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    place = folder / fact.name
    number = len(list(place.glob("*.parquet")))
    known = _known(place, fact) if number else {}
    with _asked(fact, {}) as batches:
        now = {tuple(row[key] for key in fact.key): row["n"] for row in _rows(batches)}
    changed = [
        {**dict(zip(fact.key, key, strict=True)), "n": now.get(key, 0) - known.get(key, 0)}
        for key in sorted(now.keys() | known.keys())
        if now.get(key, 0) != known.get(key, 0)
    ]
    if changed or not number:
        table = pa.Table.from_pylist(changed, schema=schema(fact))
        _parquet(folder, fact, f"{number:012d}", iter(table.to_batches()))
    return len(changed)


def _known(place: Path, fact: Fact) -> dict[tuple[Any, ...], int]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    counts: dict[tuple[Any, ...], int] = {}
    for row in pq.read_table(place).to_pylist():
        key = tuple(row[name] for name in fact.key)
        counts[key] = counts.get(key, 0) + row["n"]
    return counts


def _rows(batches: Iterator[Any]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from batch.to_pylist()


@contextmanager
def _asked(fact: Fact, names: Mapping[str, Any]) -> Iterator[Iterator[Any]]:
    """Give the rows of a fact as Arrow batches; they go through a file, not through memory."""
    import pyarrow.csv as pc  # noqa: PLC0415 - heavy

    form = schema(fact)
    with tempfile.TemporaryFile() as file:
        with connection.cursor() as cursor:
            statement = f"COPY ({fact.query}) TO STDOUT (FORMAT csv)"
            with cursor.copy(statement, names) as copy:
                for block in copy:
                    file.write(block)
        if not file.tell():
            yield iter(())
            return
        file.seek(0)
        yield iter(
            pc.open_csv(
                file,
                read_options=pc.ReadOptions(column_names=form.names, block_size=_BLOCK),
                parse_options=pc.ParseOptions(newlines_in_values=True),
                convert_options=pc.ConvertOptions(
                    column_types=form,
                    null_values=[""],
                    true_values=["t"],
                    false_values=["f"],
                    strings_can_be_null=False,
                ),
            )
        )


def schema(fact: Fact) -> Any:
    """Return the Arrow schema of a fact."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    kinds = {
        "int": pa.int64(),
        "year": pa.int32(),
        "small": pa.int8(),
        "day": pa.date32(),
        "text": pa.string(),
        "number": pa.float64(),
        "truth": pa.bool_(),
    }
    return pa.schema([(name, kinds[kind]) for name, kind in fact.columns.items()])


def _parquet(folder: Path, fact: Fact, stem: str, batches: Iterator[Any]) -> int:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    rows = 0
    form = schema(fact)
    (folder / fact.name).mkdir(parents=True, exist_ok=True)
    with (
        _whole(folder / fact.name / f"{stem}.parquet") as file,
        pq.ParquetWriter(file, form, compression="zstd") as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that others see only when all of it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    place = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
