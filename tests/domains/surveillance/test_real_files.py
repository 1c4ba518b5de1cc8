"""Every real file gives the counts that an independent reading of it gives."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from roadworthy.domains.surveillance.models import BulkReport, Cell, EarlierVersion
from tests.domains.surveillance.files import SHARED, counts, take

INCIDENTS = SHARED / "incidents"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not INCIDENTS.exists(), reason=f"no real files in {SHARED}"),
]


def read(path: Path, encoding: str) -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


SGO_FILES = (
    "sgo_adas_2026-07",
    "sgo_ads_2023-08",
    "sgo_ads_archive_to_2025-06",
    "sgo_other_2023-01",
)


@pytest.mark.parametrize("name", SGO_FILES)
def test_a_crash_file_gives_its_reports_and_a_second_time_nothing(name):
    path = INCIDENTS / f"{name}.csv"
    rows = read(path, "utf-8-sig")
    reports = {row["Report ID"] for row in rows}
    versions = {(row["Report ID"], row["Report Version"]) for row in rows}
    assert len(versions) == len(rows), "the file repeats nothing"
    expected = (len(rows), len(reports), len(rows) - len(reports), 0, 0, 0)
    assert counts(take(path)) == expected
    assert counts(take(path)) == (len(rows), 0, 0, len(rows), 0, 0)
    newest = dict(sorted((r["Report ID"], int(r["Report Version"])) for r in rows))
    assert dict(BulkReport.objects.values_list("report_key", "version")) == newest
    assert EarlierVersion.objects.count() == len(rows) - len(reports)


@pytest.mark.parametrize("name", SGO_FILES)
def test_one_crash_of_several_entities_is_one_incident(name):
    path = INCIDENTS / f"{name}.csv"
    take(path, batch_size=100)
    newest: dict[str, dict[str, str]] = {}
    for row in sorted(read(path, "utf-8-sig"), key=lambda one: int(one["Report Version"])):
        newest[row["Report ID"]] = row
    events = [r for r in newest.values() if "No " not in r["Report Type"]]
    ids = {r["Same Incident ID"].strip() for r in events} - {""}
    without = sum(not r["Same Incident ID"].strip() for r in events)
    cells = list(Cell.objects.all())
    assert sum(cell.reports for cell in cells) == len(events)
    assert sum(cell.incidents for cell in cells) == len(ids) + without


@pytest.mark.parametrize("year", [2021, 2022])
def test_a_file_of_disengagements_gives_one_report_a_row(year):
    path = SHARED / "disengagements" / f"ca_dmv_{year}.csv"
    rows = read(path, "cp1252")
    done = take(path)
    assert (done.source, done.encoding) == ("ca-dmv", "cp1252")
    assert counts(done) == (len(rows), len(rows), 0, 0, 0, 0)
    assert counts(take(path)) == (len(rows), 0, 0, len(rows), 0, 0)


def test_an_older_snapshot_and_then_a_newer_one_amends():
    older, newer = (INCIDENTS / f"{name}.csv" for name in SGO_FILES[1:3])
    before = {(r["Report ID"], r["Report Version"]) for r in read(older, "utf-8-sig")}
    after = {(r["Report ID"], r["Report Version"]) for r in read(newer, "utf-8-sig")}
    known = {report for report, _version in before}
    take(older)
    done = take(newer)
    new = {report for report, _version in after} - known
    assert done.imported == len(new)
    assert done.duplicates == len(after & before) + done.older
    assert done.amended == len(after - before) - len(new) - done.older
    assert take(older).duplicates == len(before), "and back again nothing changes"


def test_a_newer_snapshot_and_then_the_older_one_changes_no_report():
    older, newer = (INCIDENTS / f"{name}.csv" for name in SGO_FILES[1:3])
    take(newer)
    whole = dict(BulkReport.objects.values_list("report_key", "digest"))
    only_there = {r["Report ID"] for r in read(older, "utf-8-sig")} - set(whole)
    done = take(older)
    assert done.imported == len(only_there), "five reports left the archive since"
    now = dict(BulkReport.objects.values_list("report_key", "digest"))
    assert whole.items() <= now.items()
    assert take(newer).duplicates == len(read(newer, "utf-8-sig"))
