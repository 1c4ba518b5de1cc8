"""Small files of each form, and how a file is taken in by the platform."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.surveillance import importing
from roadworthy.domains.surveillance.importing import Summary

AT = datetime(2025, 6, 3, 1, 0, tzinfo=UTC)
SHARED = Path(__file__).parents[4] / "shared" / "data"
SGO = {
    "Report ID": "1-1",
    "Report Version": "1",
    "Reporting Entity": "Maker A",
    "Report Type": "1-Day",
    "Same Incident ID": "abc",
    "VIN": "5YJ3E1EA1SF",
    "Automation System Engaged?": "ADS",
    "ADAS/ADS Version": "5",
    "Incident Date": "JUN-2022",
    "State": "CA ",
    "Highest Injury Severity": "Minor",
    "Narrative": "It happened.",
}
DMV = {
    "Manufacturer": "WAYMO LLC",
    "Permit Number": "AVT003",
    "DATE": "3/11/2021",
    "VIN NUMBER": "VJRD1A10224000022",
    "DISENGAGEMENT INITIATED BY\n(AV System, Test Driver, Remote Operator, or Passenger)": "AV",
    "DESCRIPTION OF FACTS CAUSING DISENGAGEMENT": "Map",
}
OWN = {
    "report_id": "R-1",
    "version": "1",
    "incident_id": "",
    "reporter": "Alpha",
    "vin": "LSVAA49J132047371",
    "function": "NOA",
    "software_version": "1.0.0",
    "occurred_on": "2025-06-01",
    "province": "浙江",
    "trigger": "collision",
    "severity": "minor",
}


def rows_of(base: Mapping[str, str], *changes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{**base, **change} for change in changes]


def as_csv(rows: Iterable[Mapping[str, Any]], *, end: str = "\n", delimiter: str = ",") -> str:
    rows = list(rows)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator=end, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(list(rows), ensure_ascii=False)


def take(
    path: Path, *, form: str = "auto", manufacturer_id: int | None = None, **more: Any
) -> Summary:
    with importing.recognised(path, form=form) as found:
        run = importing.begin(found, manufacturer_id=manufacturer_id, actor=PLATFORM, at=AT)
        return importing.carry_out(run.pk, found, actor=PLATFORM, **more)


def counts(done: Summary) -> tuple[int, int, int, int, int, int]:
    return (done.rows, done.imported, done.amended, done.duplicates, done.blank, done.refused)
