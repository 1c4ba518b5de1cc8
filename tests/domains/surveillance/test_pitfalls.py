"""What files are like: encodings, versions, redactions, rows that are not whole."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from roadworthy.domains.surveillance import errors, queries
from roadworthy.domains.surveillance.models import BulkReport, Cell, EarlierVersion, ImportRun
from tests.domains.surveillance.files import DMV, OWN, SGO, as_csv, as_json, counts, rows_of, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def put(tmp_path):
    made = iter(range(100))

    def write(content: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / f"{next(made)}-{name}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def told(done, *, warnings=False):
    found = queries.faults(done.run_id, warnings=warnings)
    return [(one.row, one.column, one.value, one.code) for one in found]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gb18030", "gb18030"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_in_any_usual_encoding_says_the_same(put, encoding, found, end):
    rows = rows_of(
        {**OWN, "narrative": "隧道出口逆光，感知丢失目标。"},
        {},
        {"report_id": "R-2", "function": "领航"},
    )
    done = take(put(as_csv(rows, end=end).encode(encoding)))
    assert (done.encoding, counts(done)) == (found, (2, 2, 0, 0, 0, 0))
    kept = BulkReport.objects.get(report_key="R-2")
    assert (kept.region, kept.function, kept.narrative[:2]) == ("浙江", "领航", "隧道")


def test_windows_1252_is_told_from_gb_18030(put):
    rows = rows_of(DMV, {"DESCRIPTION OF FACTS CAUSING DISENGAGEMENT": "driver’s café – é"})
    done = take(put(as_csv(rows).encode("cp1252")))
    assert done.encoding == "cp1252"
    assert BulkReport.objects.get().narrative == "driver’s café – é"


def test_a_few_stray_bytes_do_not_spoil_a_file_of_utf_8(put):
    rows = rows_of(SGO, {"Narrative": "“quoted” – it’s"}, {"Report ID": "2-1", "Narrative": "it@s"})
    done = take(put(as_csv(rows).encode().replace(b"it@s", b"it\x92s")))
    assert (done.encoding, counts(done)[1]) == ("utf-8+cp1252", 2)
    assert set(BulkReport.objects.values_list("narrative", flat=True)) == {
        "“quoted” – it’s",
        "it’s",
    }


def test_a_gzip_file_is_unpacked(put):
    packed = put(gzip.compress(as_csv(rows_of(OWN, {})).encode()), "own.csv.gz")
    assert counts(take(packed))[1] == 1
    with pytest.raises(errors.NoSuchFile):
        take(put(packed.read_bytes()[:-9], "broken.csv.gz"))


def test_chinese_column_names_and_words_are_ours_too(put):
    row = {
        "报告编号": "甲-1",
        "发生时间": "2025年6月1日 08:30",
        "触发原因": "碰撞",
        "严重程度": "死亡",
        "省份": "浙江",
        "功能": "领航",
        "软件版本": "1.0",
    }
    assert counts(take(put(as_csv([row]).encode("gb18030")))) == (1, 1, 0, 0, 0, 0)
    kept = BulkReport.objects.get()
    assert (str(kept.occurred_on), kept.occurred_time) == ("2025-06-01", "08:30")
    assert (kept.trigger, kept.severity, kept.region) == ("collision", "fatal", "浙江")


def test_columns_are_found_by_name_wherever_they_stand(put):
    turned = [dict(reversed(row.items())) for row in rows_of(SGO, {})]
    spaced = (
        as_csv(turned).replace("Report ID", "  REPORT\n  id ", 1).replace("State", '"State\n"', 1)
    )
    spaced = spaced.replace("  REPORT\n  id ", '"  REPORT\n  id "')
    assert counts(take(put(spaced))) == (1, 1, 0, 0, 0, 0)


def test_an_unknown_column_is_kept_and_reported(put):
    rows = rows_of({**SGO, "Moon Phase": "", "Tide": ""}, {"Moon Phase": "full"})
    done = take(put(as_csv(rows)))
    assert done.unknown_columns == ["Moon Phase"], "a column without any value says nothing"
    assert BulkReport.objects.get().content["Moon Phase"] == "full"


@pytest.mark.parametrize(
    "column", ["Report ID", "Report Version", "Reporting Entity", "Incident Date"]
)
def test_a_missing_column_is_named(put, column):
    row = {key: value for key, value in SGO.items() if key != column}
    with pytest.raises(errors.ColumnMissing) as wrong:
        take(put(as_csv([row])))
    assert wrong.value.data["column"] == column.casefold()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", errors.NothingInside),
        (b"\n \n", errors.NothingInside),
        (b"\xef\xbb\xbf", errors.NothingInside),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), errors.NotAText),
        (b"%PDF-1.7\n%\x01\x02\x03\x04\x05\x06" * 9, errors.NotAText),
        (b"name,price\nbread,2\n", errors.UnknownForm),
        (b"[1, 2", errors.BrokenJson),
        (b'{"a": 1}', errors.BrokenJson),
        (b"[]", errors.NothingInside),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(put, content, wrong):
    with pytest.raises(wrong):
        take(put(content))
    assert not ImportRun.objects.exists()


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_a_zip_file_of_one_is_unpacked(put):
    rows = as_csv(rows_of(OWN, {}))
    assert counts(take(put(zipped(a__csv=rows, readme__md="x"), "a.zip"))) == (1, 1, 0, 0, 0, 0)
    with pytest.raises(errors.NotOneFile):
        take(put(zipped(a__csv=rows, b__json="[]"), "b.zip"))
    with pytest.raises(errors.NotOneFile):
        take(put(zipped(a__pdf="x"), "c.zip"))
    with pytest.raises(errors.NotAText, match="xlsx"):
        take(put(zipped(**{"[Content_Types]__xml": "x", "a__csv": rows}), "d.xlsx"))
    with pytest.raises(errors.NoSuchFile):
        take(put(zipped(a__csv=rows)[:-30], "e.zip"))


def test_json_and_lines_of_json_are_the_same_form(put):
    rows = rows_of(OWN, {"version": 1}, {"report_id": "R-2", "airbag": {"front": True}, "moon": 3})
    listed = put(as_json(rows), "a.json")
    lines = put("\n".join(map(json.dumps, rows)) + "\n\n", "a.jsonl")
    inside = put(json.dumps({"made": "today", "reports": rows}), "b.json")
    done = take(listed)
    assert (done.container, counts(done), done.unknown_columns) == (
        "json",
        (2, 2, 0, 0, 0, 0),
        ["moon"],
    )
    assert counts(take(lines)) == (3, 0, 0, 2, 1, 0)
    assert counts(take(inside)) == (2, 0, 0, 2, 0, 0)
    assert BulkReport.objects.get(report_key="R-2").content["airbag"] == '{"front": true}'


def test_a_line_that_is_no_json_costs_only_itself(put):
    good = json.dumps(OWN)
    done = take(put(f"{good}\n{{broken\n[1]\n", "a.jsonl"))
    assert counts(done) == (3, 1, 0, 0, 0, 2)
    assert [row for row, *_ in told(done)] == [2, 3]


def test_rows_that_are_not_right_are_listed_and_the_others_taken(put):
    rows = rows_of(
        OWN,
        {},
        {"report_id": " "},
        {"report_id": "R-3", "occurred_on": "31.02.2025"},
        {"report_id": "R-4", "version": "first"},
        {"report_id": "R-5", "trigger": "weather"},
        {"report_id": "R-6", "occurred_on": "2090-01-01"},
        {"report_id": "R-7"},
    )
    content = as_csv(rows) + "R-8,1,,Alpha,x,y,z,2025-06-01,a,collision,minor,more,than,fits\nR-9\n"
    done = take(put(content.replace("R-7", "R-7\0")))
    assert counts(done) == (9, 1, 0, 0, 0, 8)
    assert told(done) == [
        (3, "report_id", "", "row-value-missing"),
        (4, "occurred_on", "31.02.2025", "row-no-date"),
        (5, "version", "first", "row-no-version"),
        (6, "trigger", "weather", "row-unknown-word"),
        (7, "occurred_on", "2090-01-01", "row-date-ahead"),
        (8, "", "", "row-not-text"),
        (9, "", content.splitlines()[8], "row-too-many-cells"),
        (10, "", "R-9", "row-too-few-cells"),
    ]


def test_blank_rows_are_counted_and_quoted_line_breaks_are_not_rows(put):
    rows = rows_of(SGO, {"Narrative": 'One\r\ntwo, "three"\n'}, {"Report ID": "1-2"})
    content = as_csv(rows, end="\r\n") + ",,,,,,,,,,,\r\n\r\n"
    assert counts(take(put(content))) == (4, 2, 0, 0, 2, 0)
    assert BulkReport.objects.get(report_key="1-1").narrative == 'One\r\ntwo, "three"'


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_spreadsheets_separate_by_other_marks(put, delimiter):
    assert counts(take(put(as_csv(rows_of(OWN, {}), delimiter=delimiter)))) == (1, 1, 0, 0, 0, 0)
    excel = f"sep={delimiter}\n" + as_csv(rows_of(OWN, {}), delimiter=delimiter)
    assert counts(take(put(excel))) == (1, 0, 0, 1, 0, 0)


def test_a_title_above_the_header_is_passed_over(put):
    content = "2020 Autonomous Vehicle Disengagement Reports\n\n" + as_csv(rows_of(DMV, {}))
    assert counts(take(put(content))) == (1, 1, 0, 0, 0, 0)


def test_versions_of_a_report_are_one_report(put):
    second = {"Report Version": "2", "Highest Injury Severity": "Fatality"}
    done = take(put(as_csv(rows_of(SGO, second, {}, {}))))
    assert counts(done) == (3, 1, 1, 1, 0, 0)
    assert BulkReport.objects.get().severity == "fatal"
    assert EarlierVersion.objects.get().version == 1
    assert Cell.objects.get().severe == 1
    third = take(put(as_csv(rows_of(SGO, {"Report Version": "3", "ADAS/ADS Version": "6"}))))
    assert counts(third) == (1, 0, 1, 0, 0, 0)
    assert [(c.software, c.reports, c.severe) for c in Cell.objects.order_by("software")] == [
        ("5", 0, 0),
        ("6", 1, 0),
    ]


def test_a_newer_file_followed_by_an_older_one_changes_nothing(put):
    take(put(as_csv(rows_of(SGO, {"Report Version": "2", "Narrative": "Newer."}))))
    done = take(put(as_csv(rows_of(SGO, {}))))
    assert (counts(done), done.older) == ((1, 0, 0, 1, 0, 0), 1)
    assert BulkReport.objects.get().narrative == "Newer."
    assert EarlierVersion.objects.get().version == 1, "what it said before is known now"
    again = take(put(as_csv(rows_of(SGO, {}))))
    assert (counts(again), again.older) == ((1, 0, 0, 1, 0, 0), 0)


def test_the_same_version_with_other_words_is_told(put):
    take(put(as_csv(rows_of(SGO, {}))))
    done = take(put(as_csv(rows_of(SGO, {"Narrative": "Other."}))))
    assert (counts(done), done.differing) == ((1, 0, 0, 1, 0, 0), 1)
    assert BulkReport.objects.get().narrative == "It happened."


def test_one_crash_of_several_entities_counts_once(put):
    rows = rows_of(
        SGO,
        {},
        {"Report ID": "2-1", "Reporting Entity": "Maker B"},
        {"Report ID": "3-1", "Same Incident ID": " "},
        {"Report ID": "4-1", "Same Incident ID": " "},
    )
    take(put(as_csv(rows)))
    cells = list(Cell.objects.all())
    assert (sum(c.reports for c in cells), sum(c.incidents for c in cells)) == (4, 3)


def test_an_amendment_that_leaves_an_incident_lets_another_report_stand(put):
    rows = rows_of(SGO, {}, {"Report ID": "2-1", "Reporting Entity": "Maker B"})
    take(put(as_csv(rows)))
    take(put(as_csv(rows_of(SGO, {"Report Version": "2", "Same Incident ID": "other"}))))
    assert dict(BulkReport.objects.values_list("report_key", "stands")) == {
        "1-1": True,
        "2-1": True,
    }
    assert sum(c.incidents for c in Cell.objects.all()) == 2


@pytest.mark.parametrize("words", ["Monthly - No Incidents", "No New or Updated Incident Reports"])
def test_a_report_that_nothing_happened_is_kept_and_not_counted(put, words):
    quiet = {"Report Type": words, "Incident Date": "", "Same Incident ID": " ", "VIN": ""}
    assert counts(take(put(as_csv(rows_of(SGO, quiet))))) == (1, 1, 0, 0, 0, 0)
    assert (BulkReport.objects.get().kind, Cell.objects.count()) == ("nothing", 0)


def test_what_is_blacked_out_is_known_as_blacked_out(put):
    business = "[REDACTED, MAY CONTAIN CONFIDENTIAL BUSINESS INFORMATION]"
    personal = "[MAY CONTAIN PERSONALLY IDENTIFIABLE INFORMATION]"
    row = {
        "ADAS/ADS Version": business,
        "Narrative": business,
        "Address": personal,
        "VIN": personal,
    }
    take(put(as_csv(rows_of({**SGO, "Address": ""}, row))))
    kept = BulkReport.objects.get()
    assert (kept.software, kept.narrative, kept.vin) == ("", "", "")
    assert kept.redacted == {"software": "business", "narrative": "business", "vin": "personal"}
    assert kept.content["Address"] == {"redacted": "personal"}


def test_a_vin_that_is_none_is_kept_and_warned_of(put):
    vins = ("5YJ3E1EA1SF", "3LN6L5LU6HR6267668", "~7818")
    rows = [{**DMV, "VIN NUMBER": vin} for vin in vins]
    done = take(put(as_csv(rows)))
    assert counts(done) == (3, 3, 0, 0, 0, 0)
    assert [(row, code) for row, _, _, code in told(done, warnings=True)] == [
        (3, "row-vin-malformed"),
        (4, "row-vin-malformed"),
    ]
    assert sorted(BulkReport.objects.values_list("vin", flat=True)) == sorted(vins)


def test_equal_rows_without_a_number_are_two_disengagements(put):
    path = put(as_csv(rows_of(DMV, {}, {}, {"DATE": "3/12/2021"})))
    assert counts(take(path)) == (3, 3, 0, 0, 0, 0)
    assert counts(take(path)) == (3, 0, 0, 3, 0, 0)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2021.03.04.", "2021-03-04"),
        ("\t2021.12.06. 10:39:23", "2021-12-06"),
        ("2022-12-06", "2022-12-06"),
        ("2021-02-09 / 11:33:13", "2021-02-09"),
        ("3/11/21", "2021-03-11"),
        ("2-Apr-21", "2021-04-02"),
        ("02/Apr/2021", "2021-04-02"),
        ("March 4, 2021", "2021-03-04"),
        ("20210304", "2021-03-04"),
    ],
)
def test_a_day_is_read_however_it_is_written(put, written, day):
    take(put(as_csv(rows_of(DMV, {"DATE": written}))))
    assert str(BulkReport.objects.get().occurred_on) == day


def test_an_instant_lies_on_its_day_in_shanghai(put):
    take(put(as_csv(rows_of(OWN, {"occurred_on": "2025-06-01T23:30:00Z"}))))
    assert str(BulkReport.objects.get().occurred_on) == "2025-06-02"


def test_reports_without_versions_are_amended_by_what_they_say(put):
    row = {key: value for key, value in OWN.items() if key != "version"}
    first, second = put(as_csv([row])), put(as_csv([{**row, "severity": "fatal"}]))
    assert [counts(take(one))[1:4] for one in (first, second, first, second)] == [
        (1, 0, 0),
        (0, 1, 0),
        (0, 0, 1),
        (0, 0, 1),
    ]
    assert (BulkReport.objects.get().version, BulkReport.objects.get().severity) == (2, "fatal")


def test_a_form_that_is_asked_for_must_be_whole(put):
    with pytest.raises(errors.ColumnMissing):
        take(put(as_csv(rows_of(SGO, {}))), form="ca-dmv")
    assert counts(take(put(as_csv(rows_of(OWN, {}))), form="generic-csv"))[1] == 1


def test_batches_give_what_one_batch_gives(put):
    rows = rows_of(
        SGO, *({"Report ID": f"{n % 7}", "Report Version": str(1 + n // 7)} for n in range(30))
    )
    path = put(as_csv(rows))
    assert counts(take(path, batch_size=4)) == (30, 7, 23, 0, 0, 0)
    assert sum(c.incidents for c in Cell.objects.all()) == 1


def test_the_rest_of_a_broken_file_is_told_and_what_was_read_is_in(put):
    rows = rows_of(OWN, *({"report_id": f"R-{n}"} for n in range(2000)))
    path = put(as_json(rows)[:-300] + "!!", "a.json")
    with pytest.raises(errors.BrokenJson):
        take(path, batch_size=500)
    run = ImportRun.objects.get()
    assert (run.rows, run.imported, run.failure["code"]) == (1500, 1500, "import-json-broken")
    assert run.finished_at is not None
