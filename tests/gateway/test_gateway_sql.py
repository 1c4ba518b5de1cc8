"""Every SQL text of the gateway fits the migrated schema."""

from __future__ import annotations

import re

import psycopg
import pytest

from roadworthy.gateway import records, sql

TEXTS = {
    name: text
    for name, text in vars(sql).items()
    if name.isupper() and not name.startswith("_") and isinstance(text, str)
}


def test_there_are_texts_to_check() -> None:
    assert len(TEXTS) >= 12


@pytest.mark.parametrize("name", TEXTS)
def test_postgresql_takes_the_text(db: None, database_url: str, name: str) -> None:
    text = TEXTS[name].strip()
    with psycopg.connect(database_url) as connection:
        if text.startswith("LISTEN"):
            connection.execute(text)
        elif text.startswith("COPY ("):
            connection.execute(f"PREPARE text AS {text[len('COPY (') : text.rindex(')')]}")
        elif "gateway_event" in text:
            with connection.cursor().copy(text) as copy:
                copy.write(b"T\tv\te-1\t{}\t2026-01-01T00:00:00+00:00\n")
            stored = connection.execute("SELECT taken, ignored FROM gateway_event")
            assert stored.fetchall() == [(False, "")]
        elif "gateway_telemetry" in text:
            with connection.cursor().copy(text) as copy:
                at = "2026-01-01T00:00:00+00:00"
                copy.write(f"T\tv\tr-1\tabc\t\t{at}\t{{}}\t{at}\n".encode())
            stored = connection.execute("SELECT record_id, body FROM gateway_telemetry")
            assert stored.fetchall() == [("r-1", {})]
        elif text.startswith("COPY"):
            with connection.cursor().copy(text) as copy:
                copy.write(b"T\tv\t\\N\tfeedback\t{}\t2026-01-01T00:00:00+00:00\tf\n")
            stored = connection.execute("SELECT applied FROM gateway_report WHERE tenant = 'T'")
            assert stored.fetchall() == [(False,)]
        else:
            numbers = iter(range(1, 10))
            connection.execute(
                f"PREPARE text AS {re.sub('%s', lambda _: f'${next(numbers)}', text)}"
            )
        connection.rollback()


def test_a_row_becomes_the_record_that_is_read(db: None, database_url: str) -> None:
    columns = (
        "tenant, controller_id, token_sha256, action_id, kind, deployment_id, "
        "installed_action_id, installed_deployment_id, want_attributes, closed_actions, seq"
    )
    with psycopg.connect(database_url) as connection:
        connection.execute(
            f"INSERT INTO gateway_assignment ({columns})"
            " VALUES ('T', 'full', 'abc', 1, 'deploy', 2, 3, 4, true, '{5,6}', 0),"
            " ('T', 'empty', '', NULL, '', NULL, NULL, NULL, false, '{}', 0)"
        )
        rows = connection.execute(sql.ASSIGNMENTS, [0, 10**15, 1_000_000]).fetchall()
        read = {key: records.read(record.encode()) for key, record, _ in rows}
        connection.rollback()
    assert read["T\x01full"] == ("abc", "deploy", "1", "2", "3", "4", "1", "5,6")
    assert read["T\x01empty"] == ("",) * 8
    assert read["T\x01full"].has_closed("6")
    assert not read["T\x01full"].has_closed("1")
