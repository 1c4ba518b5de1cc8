"""The small world of ``cases.yaml`` as Parquet files, as the exporter would write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from roadworthy.domains.insight import exporting
from roadworthy.domains.insight.facts import FACTS
from roadworthy.domains.insight.suppression import Cell

_TOLD = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
UNTIL = _TOLD["until"]
ANSWERS = {
    key: {by: [tuple(row) for row in rows] for by, rows in every.items()}
    for key, every in _TOLD["answers"].items()
}


def write(folder: Path) -> Path:
    """Write each fact in two files, so that nothing rests on there being one."""
    for name, rows in _TOLD["facts"].items():
        form = exporting.schema(FACTS[name])
        (folder / name).mkdir()
        for place, some in enumerate((rows[:2], rows[2:])):
            columns = [dict(zip(form.names, row, strict=True)) for row in some]
            table = pa.Table.from_pylist(columns, schema=form)
            pq.write_table(table, folder / name / f"{place:012d}-{place + 1:012d}.parquet")
    return folder


def cells_of(cells: Sequence[Cell]) -> list[tuple[Any, ...]]:
    """Return cells as the case file writes them; a value to nine digits."""
    return [
        (one.year, *(() if one.of is None else (one.of,)), pytest.approx(one.value), one.base)
        for one in cells
    ]
