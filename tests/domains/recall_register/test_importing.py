"""Recalls from files that others wrote: every row is accounted for."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.recall_register import errors
from roadworthy.domains.recall_register.importing import import_file
from roadworthy.domains.recall_register.models import Line, OldLine, Product, Recall, Revision
from roadworthy.domains.recall_register.states import Format, Remedy
from roadworthy.kernel.tabular import ColumnMissing

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[4] / "shared" / "data" / "recalls"
AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
NHTSA = '"NHTSA ID","DOCUMENT NAME","MAKE","MODEL","MODEL YEAR","SUMMARY"\n'
DVSA = (
    "Launch Date,Recalls Number,Make,Recalls Model Information,Concern,Defect,Remedy,"
    "Vehicle Numbers,Manufacturer Ref,Model,VIN Start,VIN End,Build Start,Build End\n"
)


def take(path, **more):
    return import_file(path, actor=PLATFORM, at=AT, **more)


@pytest.fixture
def file(tmp_path):
    def write(content, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows_of(path):
    """Count independently: the rows of a CSV file, perhaps packed, without its header."""
    raw = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            raw = archive.read(archive.namelist()[0])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return header, rows


def sums_up(found):
    parts = found.imported + found.amended + found.duplicates + found.blank
    return parts + len(found.refused) == found.rows


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(DATA.glob("*")), ids=lambda path: path.name)
def test_every_file_of_the_shared_data_is_counted_and_changes_nothing_when_read_again(path):
    if path.suffix == ".json":
        records = json.loads(path.read_text())["records"]
        rows = [json.dumps(one, sort_keys=True) for one in records]
        recalls = len(records)
    else:
        header, cells = rows_of(path)
        rows = [tuple(c.strip() for c in row) for row in cells]
        column = next(i for i, name in enumerate(header) if name in {"NHTSA ID", "Recalls Number"})
        recalls = len({row[column] for row in rows})
    found = take(path)
    assert found.refused == []
    assert (found.rows, found.blank) == (len(rows), 0)
    assert found.imported == len(set(rows)) == Line.objects.count()
    assert found.duplicates == len(rows) - len(set(rows))
    assert found.recalls_new == recalls == Recall.objects.count()
    assert sums_up(found)
    again = take(path)
    assert (again.imported, again.amended, again.duplicates) == (0, 0, len(rows))
    assert (again.recalls_new, again.recalls_changed) == (0, 0)
    assert not Revision.objects.exists()
    assert not OldLine.objects.exists()


def test_there_is_shared_data_to_read():
    if not DATA.is_dir():
        pytest.skip("no ../shared/data/recalls on this machine")
    assert len(list(DATA.glob("*"))) == 3


def test_a_newer_snapshot_amends_and_keeps_what_was_said_before(file):
    old = NHTSA + "20V001,A.pdf,FORD,F-150,2019,first\n20V001,B.pdf,FORD,F-150,2019,same\n"
    new = NHTSA + "20V001,A.pdf,FORD,F-150,2019,second\n20V001,B.pdf,FORD,F-150,2019,same\n"
    take(file(old))
    found = take(file(new))
    assert (found.imported, found.amended, found.duplicates) == (0, 1, 1)
    assert [line.words for line in Line.objects.order_by("document")] == ["second", "same"]
    assert OldLine.objects.get().words == "first"


def test_one_document_with_two_texts_is_two_lines_and_stays_so(file):
    content = NHTSA + "20V001,A.pdf,FORD,F-150,2019,one\n20V001,A.pdf,FORD,F-150,2019,two\n"
    assert take(file(content)).imported == 2
    again = take(file(content))
    assert (again.amended, again.duplicates) == (0, 2)


def test_nhtsa_numbers_with_and_without_their_tail_are_one_recall(file):
    notice = {
        "authority": "US NHTSA", "date": "2023-12-19", "number": "23V862000",
        "maker": "Tesla, Inc.",
        "products": "Model S", "units": 120423, "defect": "doors", "remedy": "OTA", "source": "x",
    }  # fmt: skip
    take(file(json.dumps({"records": [notice]}), "n.json"))
    found = take(file(NHTSA + "23V862,A.pdf,TESLA,MODEL S,2021,text\n"))
    assert (found.recalls_new, found.imported) == (0, 1)
    recall = Recall.objects.get()
    assert (recall.maker, recall.announced, recall.units) == ("Tesla, Inc.", "2023-12-19", 120423)
    assert set(Product.objects.values_list("model", flat=True)) == {"Model S", "MODEL S"}


def test_refused_rows_are_told_with_row_column_and_reason(file):
    content = NHTSA + (
        "20V001,A.pdf,FORD,F-150,2019,ok\n"
        ",A.pdf,FORD,F-150,2019,no number\n"
        "hello,A.pdf,FORD,F-150,2019,no number\n"
        "20V001,,FORD,F-150,2019,no document\n"
        ' , ,"",,,\n'
        "20V001,A.pdf,FORD,F-150,soon,no year\n"
        "20V001,A.pdf,FORD,F-150,2019,too,many\n"
        "20V001,A.pdf,FORD,F-150,9999,no year at all\n"
    )
    found = take(file(content))
    assert [(one.row, one.column, one.value) for one in found.refused] == [
        (3, "NHTSA ID", ""),
        (4, "NHTSA ID", "hello"),
        (5, "DOCUMENT NAME", ""),
        (7, "MODEL YEAR", "soon"),
        (8, "", "20V001,A.pdf,FORD,F-150,2019,too,many"),
    ]
    told = found.as_json()["refused"]
    assert all(one["reason"] and one["reason_zh"] != one["reason"] for one in told)
    assert (found.rows, found.imported, found.blank) == (8, 2, 1)
    assert sums_up(found)


def test_columns_are_found_by_name_in_any_order_and_unknown_ones_kept(file):
    content = (
        "summary,Model Year,MODEL,make,Document Name,nhtsa id,COLOUR\nx,2019,F,FORD,A,20V001,red\n"
    )
    found = take(file(content))
    assert (found.imported, found.unknown_columns) == (1, ["COLOUR"])
    assert Line.objects.get().extra == {"COLOUR": "red"}


def test_a_missing_column_is_named(file):
    with pytest.raises(ColumnMissing, match='"SUMMARY" is missing'):
        take(file("NHTSA ID,DOCUMENT NAME,MAKE,MODEL,MODEL YEAR\n20V001,A,F,F,2019\n"))
    assert not Recall.objects.exists()


def test_another_kind_of_file_is_told_so(file):
    with pytest.raises(errors.UnknownFormat, match="a, b"):
        take(file("a,b\n1,2\n"))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_dvsa_rows_are_read_in_each_encoding_with_two_digit_years(file, encoding):
    rows = (
        "26/06/98,RM/98/001,RENAULT,Mégane – all,A,B,Dealers replace the part.,12,,MEGANE,"
        "VF1******A0000001,VF1******A0009999,03/11/97,01/03/1998\r\n"
        '09/08/2010,R/2010/111,CITROEN,C8,A,B,"Install software\r\nover-the-air (OTA).",'
        "630,MFZ,C8,Built out of sequence.,,,\r\n"
    )
    found = take(file((DVSA + rows).encode(encoding)))
    assert (found.imported, found.refused, found.encoding) == (2, [], found.encoding)
    one, two = Recall.objects.order_by("announced")
    assert (one.announced_on, one.products) == (date(1998, 6, 26), "Mégane – all")
    assert one.lines.get().built_from == date(1997, 11, 3)
    assert (one.remedy, two.remedy) == (Remedy.WORKSHOP, Remedy.OTA)
    assert two.lines.get().vin_from == "Built out of sequence."
    assert (one.licence, two.units, two.remedy_stated) == (
        "Open Government Licence v3.0",
        630,
        False,
    )


def test_dvsa_rows_with_impossible_days_or_numbers_are_refused(file):
    rows = (
        "31/02/2010,R/2010/001,A,B,C,D,E,1,,M,,,,\n"
        "01/02/2010,R/2010/002,A,B,C,D,E,many,,M,,,,\n"
        '01/02/2010,R/2010/003,A,B,C,D,E,"1,200",,M,,,,soon\n'
        "01/02/2010,,A,B,C,D,E,1,,M,,,,\n"
        '01/02/2010,R/2010/004,A,B,C,D,E,"1,200",,M,,,,\n'
    )
    found = take(file(DVSA + rows))
    assert [(one.row, one.column) for one in found.refused] == [
        (2, "Launch Date"), (3, "Vehicle Numbers"), (4, "Build End"), (5, "Recalls Number"),
    ]  # fmt: skip
    assert Recall.objects.get().units == 1200


def test_our_own_format_is_read_as_csv_and_as_json(file):
    record = {
        "authority": "CN SAMR", "number": "S2026M0001I", "announced": "2026-01-05",
        "maker": "某汽车", "products": "甲", "units": "100", "defect": "缺陷", "remedy": "ota",
        "remedy_text": "通过OTA升级", "source": "https://example.org/1 https://example.org/2",
        "investigated": "yes", "model": "甲", "plan_filed_on": "2026-01-04",
    }  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, list(record))
    writer.writeheader()
    writer.writerows([record, {**record, "model": "乙"}])
    found = take(file(text.getvalue()))
    assert (found.format, found.imported) == (Format.GENERIC, 2)
    recall = Recall.objects.get()
    assert (recall.remedy, recall.remedy_stated, recall.investigated) == (Remedy.OTA, True, True)
    assert recall.sources == ["https://example.org/1", "https://example.org/2"]
    assert recall.plan_filed_on == date(2026, 1, 4)
    lines = "\n".join(json.dumps({**record, "model": m}) for m in ("甲", "乙"))
    again = take(file(lines, "x.jsonl"))
    assert (again.duplicates, again.refused) == (2, [])


def test_rows_of_our_own_format_must_agree_about_their_recall(file):
    header = "authority,number,announced,maker,defect,remedy,source,model\n"
    rows = "CN SAMR,1,2026-01-05,M,x,ota,s,A\nCN SAMR,1,2026-01-05,M,OTHER,ota,s,B\n"
    more = (
        "XX,2,2026-01-05,M,x,ota,s,A\nCN SAMR,3,2026-13-05,M,x,ota,s,A\nCN SAMR,4,2026,,x,ota,s,A\n"
    )
    found = take(file(header + rows + more + "CN SAMR,5,2026,M,x,magic,s,A\n"))
    assert [(one.row, one.column) for one in found.refused] == [
        (3, "number"), (4, "authority"), (5, ""), (6, ""), (7, "remedy"),
    ]  # fmt: skip
    assert found.imported == 1


def test_a_dry_run_reports_the_same_and_keeps_nothing(file):
    path = file(NHTSA + "20V001,A.pdf,FORD,F-150,2019,ok\n")
    assert take(path, dry_run=True).imported == 1
    assert not Recall.objects.exists()
