"""Where the expressions run: DuckDB in this process, or a Spark that somebody else keeps.

The facts are folders of Parquet files for both. What a reader may not see is taken out of every
table before an expression sees it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from roadworthy.domains.insight.facts import FACTS
from roadworthy.domains.insight.policy import policy


@contextmanager
def duckdb() -> Iterator[Any]:
    """Give a DuckDB of our own, within the limits of the policy."""
    import ibis  # noqa: PLC0415 - heavy

    limits = policy()
    backend = ibis.duckdb.connect(memory_limit=limits.memory, threads=limits.threads)
    try:
        yield backend
    finally:
        backend.disconnect()


@contextmanager
def spark(master: str, **settings: str) -> Iterator[Any]:
    """Give a session on a Spark cluster; ``pyspark`` and Java have to be there."""
    import ibis  # noqa: PLC0415 - heavy
    from pyspark.sql import SparkSession  # noqa: PLC0415 - heavy, and not everybody's

    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of each thing that it frees
    builder = SparkSession.builder.master(master).appName("roadworthy")
    told = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", **settings}
    for name, value in told.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()


def tables(
    backend: Any, folder: Path, names: Sequence[str], manufacturer: str | None
) -> Mapping[str, Any]:
    """Return the facts by name; of one manufacturer only, if one is given."""
    found = {name: _table(backend, folder / name, name) for name in names}
    if manufacturer is None:
        return found
    return {
        name: t if FACTS[name].is_open else t.filter(t.manufacturer == manufacturer)
        for name, t in found.items()
    }


def first_year(backend: Any, folder: Path, until: date) -> int:
    """Return the year in which the first vehicle was registered."""
    t = _table(backend, folder / FACTS["fleet"].name, "fleet")
    return int(t.year.min().as_scalar().to_pyarrow().as_py() or until.year)


def _table(backend: Any, place: Path, name: str) -> Any:
    where = f"{place}/*.parquet" if backend.name == "duckdb" else str(place)
    return backend.read_parquet(where, table_name=name)
