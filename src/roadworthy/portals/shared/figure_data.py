"""A figure as open data: CSV, JSON and Parquet with the same rows.

What was counted here and what was published are rows of different ``kind``; nothing sums them. A
hidden cell is a row without a value that says so.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from roadworthy.domains.insight.answers import Answer
from roadworthy.domains.insight.register import Official
from roadworthy.domains.insight.suppression import Cell

FIELDS: Final = (
    *("indicator", "definition_version", "kind", "since", "until", "split_by", "part", "value"),
    *("at_least", "base", "hidden", "unit_zh", "unit_en", "source_zh", "source_en", "grade"),
    "log_entries",
)
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def rows(answer: Answer, published: Sequence[Official]) -> list[Mapping[str, Any]]:
    """Return the rows of one indicator."""
    one = answer.indicator
    common = {
        "indicator": one.key,
        "definition_version": one.revisions[-1].version,
        "unit_zh": one.unit["zh-hans"],
        "unit_en": one.unit["en"],
    }
    counted = [{**common, **_counted(answer, cell)} for cell in answer.cells]
    told = [{**common, **_told(row)} for row in published]
    return [{name: row.get(name) for name in FIELDS} for row in (*counted, *told)]


def _counted(answer: Answer, cell: Cell) -> dict[str, Any]:
    one = answer.indicator
    return {
        "kind": "computed",
        "since": f"{cell.year}-01-01",
        "until": min(f"{cell.year}-12-31", str(answer.until)),
        "split_by": answer.by if cell.of is not None else "",
        "part": cell.of or "",
        "value": cell.value,
        "base": cell.base,
        "hidden": cell.hidden,
        "source_zh": one.source["zh-hans"],
        "source_en": one.source["en"],
        "log_entries": answer.end,
    }


def _told(row: Official) -> dict[str, Any]:
    return {
        "kind": "official",
        "since": str(row.since) if row.since else None,
        "until": str(row.until),
        "split_by": "",
        "part": "",
        "value": float(row.value),
        "at_least": row.at_least,
        "hidden": False,
        "source_zh": row.source["zh-hans"],
        "source_en": row.source["en"],
        "grade": row.grade,
    }


def written(told: Sequence[Mapping[str, Any]], form: str) -> bytes:
    """Return rows as a file of that form."""
    if form == "json":
        return json.dumps(told, ensure_ascii=False, indent=1).encode()
    return _csv(told) if form == "csv" else _parquet(told)


def _csv(told: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in told)
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # as spreadsheets expect it


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return f"'{value}"
    return value


def _parquet(told: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415 - heavy
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    kinds = {
        **dict.fromkeys(FIELDS, pa.string()),
        **dict.fromkeys(("definition_version", "base", "log_entries"), pa.int64()),
        **dict.fromkeys(("at_least", "hidden"), pa.bool_()),
        "value": pa.float64(),
    }
    out = io.BytesIO()
    table = pa.Table.from_pylist(list(told), schema=pa.schema(list(kinds.items())))
    pq.write_table(table, out)
    return out.getvalue()
