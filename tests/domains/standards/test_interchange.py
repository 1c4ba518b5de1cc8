"""Standards go out as OSCAL, CSV and Excel, and come in: what is wrong is named row by row."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.standards import errors, importing, oscal, queries, rows
from roadworthy.domains.standards.models import (
    Clause,
    ImportFault,
    Placement,
    Standard,
    Supersession,
)
from roadworthy.domains.standards.rows import ForAll
from tests.domains.standards.conftest import NOW

pytestmark = pytest.mark.django_db
EVERYWHERE = ForAll(source="a list of ours", grade="C", place="adjacent/1/1.1")
HEADER = ["标准号", "标准名称", "发布日期", "实施日期", "代替标准", "子领域"]


@pytest.fixture(autouse=True)
def _loaded(catalogue):
    """The frameworks are needed, and the bundled standards are in the way as they would be."""


def written(tmp_path, lines, name="list.csv", header=HEADER):
    path = tmp_path / name
    text = io.StringIO()
    csv.writer(text).writerows([header, *lines])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def taken(path, everywhere=EVERYWHERE):
    found = importing.sheet(path, path.name)
    return importing.take_in(
        path=path,
        name=path.name,
        mapping=rows.suggested(found.columns),
        everywhere=everywhere,
        actor=PLATFORM,
        at=NOW,
    )


def faults(run):
    return {one.row: one.code for one in ImportFault.objects.filter(run=run)}


class TestOscal:
    def test_the_export_is_a_catalog_for_a_program_that_nobody_here_wrote(self):
        trestle = pytest.importorskip("trestle.oscal.catalog")
        content = importing.as_oscal(None)
        read = trestle.Catalog.model_validate(json.loads(content)["catalog"])
        assert read.metadata.oscal_version.root.root == oscal.VERSION
        held = [
            control.props[0].value
            for framework in read.groups
            for area in framework.groups
            for sub_area in area.groups
            for control in getattr(sub_area, "controls", None) or ()
        ]
        assert sorted(held) == sorted(Standard.objects.values_list("number", flat=True))

    def test_what_comes_back_in_is_what_went_out_to_the_byte(self, tmp_path):
        content = importing.as_oscal(None)
        assert oscal.exported(oscal.read(content), importing.frameworks()) == content
        Standard.objects.all().delete()
        path = tmp_path / "catalog.json"
        path.write_bytes(content)
        run = importing.take_in_oscal(path=path, name="catalog.json", actor=PLATFORM, at=NOW)
        assert (run.refused, run.added) == (0, Standard.objects.count())
        assert importing.as_oscal(None) == content
        again = importing.take_in_oscal(path=path, name="catalog.json", actor=PLATFORM, at=NOW)
        assert (again.added, again.changed, again.same) == (0, 0, run.added)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"{}",
            b'{"catalog": {"groups": 3}}',
            b'{"catalog": {"groups": [{"controls": [{}]}]}}',
            b'{"catalog": {"groups": [{"controls": [3]}]}}',
            b"[" * 100_000,
        ],
    )
    def test_what_is_no_catalog_is_refused(self, content):
        with pytest.raises(errors.WrongOscal):
            oscal.read(content)


class TestTables:
    def test_a_list_as_offices_keep_it_is_read(self, tmp_path):
        path = written(
            tmp_path,
            [
                ["GB/T 90001—2019", "甲标准", "2019/8/1", "2020年1月1日", "", "5.3"],
                ["ＧＢ　90002-2025", "乙标准", "20250801", "2026-08-01", "GB/T 90001-2019", ""],
            ],
        )
        run = taken(path)
        assert (run.rows, run.added, run.refused) == (2, 2, 0)
        made = Standard.objects.get(number="GB 90002-2025")
        assert made.raw == "ＧＢ　90002-2025"
        assert made.source == "a list of ours"
        assert queries.standing("GB/T 90001-2019", NOW.date()).successors == ("GB 90002-2025",)
        again = taken(path)
        assert (again.added, again.changed, again.same) == (0, 0, 2)

    def test_each_bad_row_is_named_and_the_others_are_in(self, tmp_path):
        path = written(
            tmp_path,
            [
                ["GB/T 91000-2020", "好", "2020-01-01", "2020-06-01", "", ""],
                ["91001", "没有代号", "", "", "", ""],
                ["GB/T 91002-2020", "日期", "2020-13-01", "", "", ""],
                ["GB/T 91003-2020", "倒置", "2021-01-01", "2020-06-01", "", ""],
                ["GB/T 91004-2020", "无此子领域", "", "", "", "9.9"],
                ["GB/T 91005-2019", "早于被代替", "", "2019-06-01", "GB/T 91000-2020", ""],
                ["GB/T 91006-2020", "不存在的前身", "", "", "GB/T 1-1900", ""],
                ["GB/T 91007-2020", "圈甲", "", "", "GB/T 91008-2020", ""],
                ["GB/T 91008-2020", "圈乙", "", "", "GB/T 91007-2020", ""],
                ["GB/T 91000-2020", "重复", "", "", "", ""],
                ["GB/T 91009-2021", "靠坏行", "", "", "GB/T 91002-2020", ""],
                ["GB/T 91010/91011-2020", "两个", "", "", "", ""],
            ],
        )
        run = taken(path)
        assert faults(run) == {
            3: "not-a-standard-number",
            4: "standard-wrong-date",
            5: "standard-dates-out-of-order",
            6: "no-such-place",
            7: "successor-before-predecessor",
            8: "no-such-predecessor",
            10: "supersession-cycle",
            9: "perhaps-another-standard",
            11: "standard-twice-in-file",
            12: "perhaps-another-standard",
            13: "several-standard-numbers",
        }
        assert set(
            Standard.objects.filter(number__contains="910").values_list("number", flat=True)
        ) >= {"GB/T 91000-2020"}
        assert run.added == 1
        assert not Supersession.objects.filter(successor__number__contains="9100").exists()

    def test_a_typing_error_is_asked_about_and_not_repaired(self, tmp_path):
        """As in the newsletter: GB 2793.1-2008 for GB 22793.1-2008."""
        path = written(tmp_path, [["GB 93000-2026", "椅", "", "", "GB 2793.1-2008", ""]])
        run = taken(path)
        assert faults(run) == {2: "perhaps-another-standard"}
        assert ImportFault.objects.get(run=run).facts["near"] == "GB 22793.1-2008"

    def test_without_a_place_a_row_is_refused(self, tmp_path):
        path = written(tmp_path, [["GB/T 92000-2020", "无处", "", "", "", ""]])
        run = taken(path, ForAll(source="x", grade="C"))
        assert faults(run) == {2: "standard-without-place"}
        assert not Standard.objects.filter(number="GB/T 92000-2020").exists()

    def test_a_row_of_a_known_standard_changes_what_it_says_and_nothing_else(self, tmp_path):
        clauses = Clause.objects.filter(standard__number="GB 44496-2024").count()
        path = written(tmp_path, [["GB 44496-2024", "", "", "2026-08-01", "", ""]])
        assert taken(path).changed == 1
        made = Standard.objects.get(number="GB 44496-2024")
        assert made.in_force_on.isoformat() == "2026-08-01"
        assert made.title_zh == "汽车软件升级通用技术要求"
        assert Clause.objects.filter(standard=made).count() == clauses
        assert Placement.objects.filter(standard=made).exists()
        told = made.changes.order_by("pk").last()
        assert told.facts["in_force_on"] == ["2026-01-01", "2026-08-01"]
        assert told.what == "facts"

    def test_a_reported_state_goes_on_by_the_table_or_is_called_a_correction(self, tmp_path):
        def reported(state):
            row = ["GB/T 94000-2026", "状态", "2026-01-01", "2026-06-01", "", "5.3", state]
            taken(written(tmp_path, [row], header=[*HEADER, "标准状态"]))
            made = Standard.objects.get(number="GB/T 94000-2026")
            return made.state, made.changes.order_by("pk").last().what

        assert reported("已发布") == ("published", "entered")
        assert reported("现行") == ("in-force", "state")
        assert reported("废止") == ("withdrawn", "state")
        assert reported("现行") == ("in-force", "corrected"), "no step leads back"

    def test_a_workbook_goes_out_and_comes_in(self, tmp_path):
        path = tmp_path / "standards.xlsx"
        path.write_bytes(importing.as_xlsx(None))
        run = taken(path)
        assert run.refused == 0
        assert (run.added, run.rows) == (0, Standard.objects.count())
        kept = path.rename(tmp_path / ("0" * 64))
        assert len(importing.sheet(kept, "standards.xlsx").rows) == run.rows
        (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
        with pytest.raises(errors.WrongWorkbook):
            importing.sheet(tmp_path / "broken.xlsx", "broken.xlsx")

    def test_a_cell_is_no_formula(self):
        Standard.objects.filter(number="GB 7258").update(title_en="=1+1")
        assert "'=1+1" in importing.as_csv(None)
        book = openpyxl.load_workbook(io.BytesIO(importing.as_xlsx(None)))
        cells = [cell.value for row in book.active.iter_rows() for cell in row]
        assert "'=1+1" in cells

    @pytest.mark.slow
    def test_fifty_thousand_rows_with_one_in_a_hundred_bad(self, tmp_path):
        bad, lines = set(), []
        for n in range(50_000):
            number = f"GB/T {100_000 + n}-2020"
            before = f"GB/T {100_000 + n - 1}-2020" if n % 50 == 7 else ""
            line = [number, f"标准{n}", "2020-01-01", "2020-06-01", before, "5.3"]
            if n % 100 == 99:
                bad.add(n + 2)
                kind = n // 100 % 4
                line[[0, 2, 5, 4][kind]] = ["44721", "2020-02-30", "9.9", "GB/T 1-1900"][kind]
            lines.append(line)
        run = taken(written(tmp_path, lines))
        assert (run.rows, run.added, run.refused) == (50_000, 49_500, 500)
        assert set(faults(run)) == bad
        assert Standard.objects.filter(number__startswith="GB/T 1").count() >= 49_500
