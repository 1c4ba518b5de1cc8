"""Rows into the register by set-based statements: one transaction a batch, all of it or nothing.

* First only the keys are asked for. A batch of which all is new is copied straight into the
  register (``straight``); one of which all is known, word for word, is left alone: so it goes with
  most.
* Any other batch is staged. What is new goes in with one statement. What is known already is
  looked at again: a version that is new is an amendment, one that is known is a duplicate, one
  older than the newest is kept behind it.
* A report stands for its incident if no other of the register does. Amendments may change which.
* The counts that the pages show are brought up to date in the same transaction.
"""

# ruff: noqa: S608, E501 - made of the columns above only; SQL is not wrapped for width
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from roadworthy.domains.surveillance import straight
from roadworthy.domains.surveillance.rows import COLUMNS, Batch
from roadworthy.domains.surveillance.values import escaped

_FIELDS: Final = tuple(name for name in COLUMNS if name != "digest")
_STORED: Final = ", ".join((*_FIELDS, "digest"))
_OF_STAGE: Final = ", ".join(f"s.{name}" for name in (*_FIELDS, "digest"))
_REPORT: Final = straight.REPORT
_ROW: Final = "to_jsonb(r) - '{id,register_id,stands,first_run_id}'::text[]"

# What is asked of the register before anything is sent: keys, versions and digests.
_PROBE: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS surveillance_probe (
    report_key text COLLATE "C", version int, incident_key text COLLATE "C", digest uuid
) ON COMMIT DELETE ROWS;
TRUNCATE surveillance_probe;
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
SET LOCAL work_mem = '64MB';
"""
_COPY_PROBE: Final = (
    "COPY surveillance_probe (report_key, version, incident_key, digest) FROM STDIN"
)
_HELD: Final = f"""
SELECT count(r.id), count(*) FILTER (WHERE r.digest = p.digest AND p.version IN (0, r.version))
FROM surveillance_probe p
LEFT JOIN {_REPORT} r ON r.register_id = %(register)s AND r.report_key = p.report_key
"""
_STANDING: Final = f"""
SELECT p.incident_key FROM surveillance_probe p
JOIN {_REPORT} r ON r.register_id = %(register)s AND r.stands AND r.incident_key = p.incident_key
    AND r.incident_key IS NOT NULL
"""
_TABLES: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS surveillance_stage (
    row bigint, report_key text COLLATE "C", version int, kind text,
    incident_key text COLLATE "C", reporter text, make text, model text, model_year smallint, vin text, function text,
    software text, occurred_on date, precision text, occurred_time text, submitted_on date,
    region text, city text, trigger text, severity text, cdas_state text, narrative text,
    redacted jsonb, content jsonb, digest uuid, is_known boolean DEFAULT false
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS surveillance_touched (
    id bigint PRIMARY KEY
) ON COMMIT DELETE ROWS;
TRUNCATE surveillance_stage, surveillance_touched;
"""
_COPY: Final = f"COPY surveillance_stage (row, {', '.join(COLUMNS)}) FROM STDIN"
# The stage is small and has no index; of the millions in the register only its index will do.
_BY_INDEX: Final = (
    "SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; "
    "ANALYZE surveillance_stage (row, report_key, incident_key, version)"
)

# Reports that their source does not number by version: what says something new is the next one.
_NUMBER: Final = f"""
WITH said AS (
    SELECT report_key, digest, min(row) AS row FROM surveillance_stage WHERE version = 0
    GROUP BY report_key, digest
), known AS (
    SELECT said.report_key, said.digest, said.row, r.id, coalesce(r.version, 0) AS newest,
           CASE WHEN r.digest = said.digest THEN r.version ELSE e.version END AS version
    FROM said
    LEFT JOIN {_REPORT} r ON r.register_id = %(register)s AND r.report_key = said.report_key
    LEFT JOIN surveillance_earlierversion e ON e.report_id = r.id AND e.digest = said.digest
), given AS (
    SELECT report_key, digest, coalesce(version, newest + row_number() OVER (
        PARTITION BY report_key, version IS NULL ORDER BY row)) AS version FROM known
)
UPDATE surveillance_stage s SET version = given.version
FROM given WHERE s.version = 0 AND s.report_key = given.report_key AND s.digest = given.digest
"""
# Of each report the newest version in the batch; a report that stands for its incident says so.
_INSERT: Final = f"""
WITH newest AS (
    SELECT DISTINCT ON (report_key) row, kind, incident_key FROM surveillance_stage
    ORDER BY report_key, version DESC, row
), foremost AS (
    SELECT n.row FROM (
        SELECT incident_key, min(row) AS row FROM newest
        WHERE kind = 'event' AND incident_key IS NOT NULL GROUP BY incident_key
    ) n
    WHERE NOT EXISTS (
        SELECT FROM {_REPORT} r WHERE r.register_id = %(register)s AND r.stands
        AND r.incident_key IS NOT NULL AND r.incident_key = n.incident_key)
), chosen AS (
    SELECT row, kind = 'event' AND (incident_key IS NULL OR row IN (SELECT row FROM foremost))
        AS stands
    FROM newest
), fresh AS (
    INSERT INTO {_REPORT} (register_id, stands, first_run_id, last_run_id, {_STORED})
    SELECT %(register)s, c.stands, %(run)s, %(run)s, {_OF_STAGE}
    FROM surveillance_stage s JOIN chosen c USING (row)
    ON CONFLICT (register_id, report_key) DO NOTHING
    RETURNING register_id, kind, stands, function, software, reporter, region, occurred_on,
        trigger, severity
), cells AS (
    {{cells}}
), regions AS (
    {{regions}}
)
SELECT count(*) FROM fresh
"""
_CELLS: Final = """
INSERT INTO surveillance_cell AS c (register_id, function, software, reporter, month, reports,
    incidents, collisions, disengagements, severe)
SELECT register_id, function, software, reporter, date_trunc('month', occurred_on::timestamp)::date,
    {sign} {count}, {sign} coalesce({count} FILTER (WHERE stands), 0),
    {sign} coalesce({count} FILTER (WHERE stands AND trigger = 'collision'), 0),
    {sign} coalesce({count} FILTER (WHERE stands AND trigger LIKE '%%disengagement'), 0),
    {sign} coalesce({count} FILTER (WHERE stands AND severity IN ('fatal', 'serious')), 0)
FROM {rows} WHERE kind = 'event' GROUP BY 1, 2, 3, 4, 5
ON CONFLICT ON CONSTRAINT bulk_cell_once DO UPDATE SET
    reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents,
    collisions = c.collisions + excluded.collisions,
    disengagements = c.disengagements + excluded.disengagements,
    severe = c.severe + excluded.severe
"""
_REGIONS: Final = """
INSERT INTO surveillance_regioncell AS c (register_id, function, region, month, reports,
    incidents, severe)
SELECT register_id, function, region, date_trunc('month', occurred_on::timestamp)::date,
    {sign} {count}, {sign} coalesce({count} FILTER (WHERE stands), 0),
    {sign} coalesce({count} FILTER (WHERE stands AND severity IN ('fatal', 'serious')), 0)
FROM {rows} WHERE kind = 'event' GROUP BY 1, 2, 3, 4
ON CONFLICT ON CONSTRAINT bulk_region_cell_once DO UPDATE SET
    reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents,
    severe = c.severe + excluded.severe
"""
_COUNTS: Final = [
    statement.format(sign="", count="sum(n)", rows=straight.ROWS.format(of_region=of_region))
    for statement, of_region in ((_CELLS, False), (_REGIONS, True))
]
_FRESH: Final = _INSERT.format(
    cells=_CELLS.format(sign="", rows="fresh", count="count(*)"),
    regions=_REGIONS.format(sign="", rows="fresh", count="count(*)"),
)

# A version that is known: in the register, behind it, or earlier in this batch.
_MARK_KNOWN: Final = f"""
WITH repeated AS (
    SELECT row FROM (
        SELECT row, row_number() OVER (PARTITION BY report_key, version ORDER BY row) AS place
        FROM surveillance_stage
    ) s WHERE place > 1
), held AS (
    SELECT s.row, s.digest <> v.digest AS differs
    FROM surveillance_stage s
    JOIN {_REPORT} r ON r.register_id = %(register)s AND r.report_key = s.report_key
    CROSS JOIN LATERAL (
        SELECT r.digest WHERE r.version = s.version
        UNION ALL
        SELECT e.digest FROM surveillance_earlierversion e
        WHERE e.report_id = r.id AND e.version = s.version
    ) v
), marked AS (
    UPDATE surveillance_stage s SET is_known = true
    WHERE s.row IN (SELECT row FROM repeated) OR s.row IN (SELECT row FROM held)
    RETURNING s.row
)
SELECT (SELECT count(*) FROM marked), (SELECT count(*) FROM held WHERE differs)
"""
_AFFECTED: Final = f"""
INSERT INTO surveillance_touched
WITH own AS (
    SELECT r.id, r.incident_key AS before, s.incident_key AS after
    FROM surveillance_stage s
    JOIN {_REPORT} r ON r.register_id = %(register)s AND r.report_key = s.report_key
    WHERE NOT s.is_known AND s.version > r.version
)
SELECT id FROM own
UNION
SELECT r.id FROM {_REPORT} r
WHERE r.register_id = %(register)s AND r.incident_key IN (
    SELECT before FROM own UNION SELECT after FROM own)
"""
_KEEP: Final = f"""
INSERT INTO surveillance_earlierversion (report_id, version, digest, content, run_id)
SELECT r.id, r.version, r.digest, {_ROW}, r.last_run_id
FROM {_REPORT} r JOIN (
    SELECT report_key, max(version) AS version FROM surveillance_stage
    WHERE NOT is_known GROUP BY 1
) s ON r.register_id = %(register)s AND r.report_key = s.report_key
WHERE s.version > r.version
"""
_BEHIND: Final = f"""
WITH newest AS (
    SELECT report_key, max(version) AS version FROM surveillance_stage
    WHERE NOT is_known GROUP BY 1
), kept AS (
    INSERT INTO surveillance_earlierversion (report_id, version, digest, content, run_id)
    SELECT r.id, s.version, s.digest, to_jsonb(s) - '{{row,is_known}}'::text[], %(run)s
    FROM surveillance_stage s JOIN newest USING (report_key)
    JOIN {_REPORT} r ON r.register_id = %(register)s AND r.report_key = s.report_key
    WHERE NOT s.is_known AND s.version < greatest(newest.version, r.version)
    RETURNING report_id, version
)
SELECT count(*), count(*) FILTER (WHERE kept.version < r.version AND r.last_run_id <> %(run)s)
FROM kept JOIN {_REPORT} r ON r.id = kept.report_id
"""
_AMEND: Final = f"""
UPDATE {_REPORT} r SET last_run_id = %(run)s, stands = false,
    {", ".join(f"{name} = s.{name}" for name in (*_FIELDS, "digest") if name != "report_key")}
FROM (
    SELECT DISTINCT ON (report_key) * FROM surveillance_stage WHERE NOT is_known
    ORDER BY report_key, version DESC, row
) s
WHERE r.register_id = %(register)s AND r.report_key = s.report_key AND s.version > r.version
"""
_UNSTAND: Final = f"""
UPDATE {_REPORT} SET stands = false WHERE stands AND id IN (SELECT id FROM surveillance_touched)
"""
_STAND: Final = f"""
UPDATE {_REPORT} r SET stands = true FROM (
    SELECT id, kind, incident_key,
        row_number() OVER (PARTITION BY kind, incident_key ORDER BY id) AS place
    FROM {_REPORT} WHERE id IN (SELECT id FROM surveillance_touched)
) first
WHERE r.id = first.id AND first.kind = 'event' AND (first.incident_key IS NULL OR first.place = 1)
"""
_TOUCHED_ROWS: Final = (
    f"(SELECT * FROM {_REPORT} WHERE id IN (SELECT id FROM surveillance_touched)) t"
)


@dataclass(frozen=True, slots=True)
class Merged:
    """What a batch did."""

    imported: int = 0
    amended: int = 0
    duplicates: int = 0
    older: int = 0
    differing: int = 0


def merge(
    batch: Batch, *, register_id: int, run_id: int, ready: straight.Ready | None = None
) -> Merged:
    """Take a batch in. The caller's transaction holds the lock on the register.

    ``ready`` is the batch made ready for the case that nothing of it is known.
    """
    names = {"register": register_id, "run": run_id}
    keys, versions = batch.told["report_key"], batch.told["version"]
    with connection.cursor() as cursor:
        if ready is not None and straight.is_new(cursor, ready, register_id):
            return _straight(cursor, ready, names)
        cursor.execute(_PROBE)
        asked = zip(keys, versions, straight.incidents(batch), batch.digests, strict=True)
        _copy(cursor, _COPY_PROBE, "\n".join(map("\t".join, asked)) + "\n")
        known, same = _one(cursor, _HELD, names)
        if same == len(keys):
            return Merged(duplicates=same)
        if known or not straight.is_simple(batch):
            return _staged(cursor, batch, names)
        cursor.execute(_STANDING, names)
        taken = {escaped(key) for (key,) in cursor.fetchall()}
        return _straight(cursor, straight.with_taken(batch, names, taken), names)


def _straight(cursor: CursorWrapper, ready: straight.Ready, names: dict[str, Any]) -> Merged:
    """Put a batch in of which nothing is known, each report once."""
    straight.put(cursor, ready, names, _COUNTS)
    return Merged(imported=ready.reports)


def _staged(cursor: CursorWrapper, batch: Batch, names: dict[str, Any]) -> Merged:
    cursor.execute(_TABLES)
    _copy(cursor, _COPY, "".join(f"{row}\t{line}" for row, line in enumerate(batch.lines)))
    cursor.execute(_BY_INDEX)
    if "0" in batch.told["version"]:
        cursor.execute(_NUMBER, names)
    imported = _one(cursor, _FRESH, names)[0]
    if imported == len(batch.lines):
        return Merged(imported=imported)
    return _known(cursor, names, imported, len(batch.lines))


def _copy(cursor: CursorWrapper, statement: str, text: str) -> None:
    straight.copy_in(cursor, statement, text.encode())


def _known(cursor: CursorWrapper, names: dict[str, Any], imported: int, rows: int) -> Merged:
    """Look again at what did not go in as new."""
    marked, differing = _one(cursor, _MARK_KNOWN, names)
    # The rows that were just put in are marked as well: each report has one that is its newest.
    known = marked - imported
    amended = rows - imported - known
    if not amended:
        return Merged(imported, 0, known, 0, differing)
    cursor.execute(_AFFECTED, names)
    _count(cursor, "-", names)
    cursor.execute(_UNSTAND)
    cursor.execute(_KEEP, names)
    _kept, older = _one(cursor, _BEHIND, names)
    cursor.execute(_AMEND, names)
    cursor.execute(_STAND)
    _count(cursor, "", names)
    return Merged(imported, amended - older, known + older, older, differing)


def _count(cursor: CursorWrapper, sign: str, names: dict[str, Any]) -> None:
    for statement in (_CELLS, _REGIONS):
        cursor.execute(statement.format(sign=sign, rows=_TOUCHED_ROWS, count="count(*)"), names)


def _one(cursor: CursorWrapper, statement: str, names: dict[str, Any]) -> Any:
    cursor.execute(statement, names)
    return cursor.fetchone()
