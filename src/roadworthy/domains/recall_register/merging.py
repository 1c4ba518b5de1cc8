"""Lines of a file against those that are known, as sets: all of it in the database.

A line with the same key and content is known. One with a known key and new content amends an older
line of that key whose content the file no longer has; without such an older line it is new.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.db import connection

from roadworthy.domains.recall_register.formats import Reading

_NAMES: Final = (
    *("make", "model", "model_year", "document", "words", "vin_from", "vin_to"),
    *("built_from", "built_to", "extra"),
)
_PLAIN: Final = ", ".join(_NAMES)
_OF_STAGE: Final = ", ".join(f"stage.{name}" for name in _NAMES)
_STAGE: Final = """
DROP TABLE IF EXISTS register_verdict, register_stage;
CREATE TEMP TABLE register_stage (
    n bigint, recall uuid, key uuid, content uuid, make text, model text, model_year smallint,
    document text, words text, vin_from text, vin_to text, built_from date, built_to date,
    extra jsonb
) ON COMMIT DROP
"""
_COPY: Final = f"COPY register_stage (n, recall, key, content, {_PLAIN}) FROM STDIN"
_VERDICT: Final = """
ANALYZE register_stage;
CREATE TEMP TABLE register_verdict ON COMMIT DROP AS
SELECT stage.n, stage.recall, stage.key, NULL::bigint AS line_id,
       CASE WHEN stage.nth > 1 OR line.id IS NOT NULL THEN 'duplicate' ELSE 'new' END AS status
FROM (
    SELECT n, recall, key, content,
           row_number() OVER (PARTITION BY key, content ORDER BY n) AS nth
    FROM register_stage
) stage
LEFT JOIN recall_register_line line ON line.key = stage.key AND line.content = stage.content;
CREATE INDEX ON register_verdict (n);
ANALYZE register_verdict
"""
_AMENDED: Final = """
WITH fresh AS (
    SELECT n, key, row_number() OVER (PARTITION BY key ORDER BY n) AS nth
    FROM register_verdict WHERE status = 'new'
), old AS (
    SELECT line.id, line.key, row_number() OVER (PARTITION BY line.key ORDER BY line.id) AS nth
    FROM recall_register_line line
    WHERE line.key IN (SELECT key FROM fresh)
      AND NOT EXISTS (
          SELECT FROM register_stage s WHERE s.key = line.key AND s.content = line.content
      )
)
UPDATE register_verdict verdict SET status = 'amended', line_id = old.id
FROM fresh JOIN old USING (key, nth)
WHERE verdict.n = fresh.n
"""
_KEEP_OLD: Final = """
INSERT INTO recall_register_oldline
    (line_id, content, words, vin_from, vin_to, built_from, built_to, source_id)
SELECT line.id, line.content, line.words, line.vin_from, line.vin_to, line.built_from,
       line.built_to, line.source_id
FROM recall_register_line line JOIN register_verdict verdict ON verdict.line_id = line.id
"""
_AMEND: Final = """
UPDATE recall_register_line line
SET content = stage.content, words = stage.words, vin_from = stage.vin_from,
    vin_to = stage.vin_to, built_from = stage.built_from, built_to = stage.built_to,
    extra = stage.extra, source_id = %s
FROM register_verdict verdict JOIN register_stage stage ON stage.n = verdict.n
WHERE verdict.line_id = line.id
"""
_ADD: Final = f"""
INSERT INTO recall_register_line (recall_id, key, content, {_PLAIN}, source_id)
SELECT recall.id, stage.key, stage.content, {_OF_STAGE}, %s
FROM register_stage stage
JOIN register_verdict verdict ON verdict.n = stage.n AND verdict.status = 'new'
JOIN recall_register_recall recall ON recall.key = stage.recall
"""  # noqa: S608 - only names that stand here
_PRODUCTS: Final = """
INSERT INTO recall_register_product (recall_id, make, model, model_year)
SELECT DISTINCT recall_id, make, model, model_year FROM recall_register_line
WHERE source_id = %s AND model <> ''
ON CONFLICT DO NOTHING
"""


def stage(readings: Iterable[tuple[int, Reading]]) -> None:
    """Bring the lines of a file into the database, by their row numbers, to be compared there."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for number, reading in readings:
                copy.write_row(_values(number, reading))
        cursor.execute(_VERDICT)
        cursor.execute(_AMENDED)


def touched() -> set[uuid.UUID]:
    """Return the keys of the recalls about which the file says something new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT recall FROM register_verdict WHERE status <> 'duplicate'")
        return {recall for (recall,) in cursor.fetchall()}


def counts() -> dict[str, int]:
    """Return how many rows are new, amended and duplicate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM register_verdict GROUP BY status")
        return dict(cursor.fetchall())


def merge(import_id: int) -> None:
    """Write the new and amended lines; their recalls must be there."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_OLD)
        cursor.execute(_AMEND, [import_id])
        cursor.execute(_ADD, [import_id])
        cursor.execute(_PRODUCTS, [import_id])
        cursor.execute("DROP TABLE register_verdict, register_stage")


def _values(number: int, reading: Reading) -> tuple[Any, ...]:
    line = reading.line
    return (
        number,
        reading.recall,
        line.key,
        line.content,
        line.make,
        line.model,
        line.model_year,
        line.document,
        line.words,
        line.vin_from,
        line.vin_to,
        line.built_from,
        line.built_to,
        json.dumps(line.extra, ensure_ascii=False) if line.extra else "{}",
    )
