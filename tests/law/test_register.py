"""The register: all rows are there, and the rules that exist agree with theirs."""

from collections import Counter

import pytest

from roadworthy.law.register import rows
from roadworthy.law.rulebook import rulebook
from roadworthy.rules import schema
from roadworthy.rules.instruments import Grade, cited
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import NOTHING, Text

COUNTS = {
    "n45": 17, "ota22": 13, "rcl": 24, "std": 21, "dat": 21, "sys": 8, "inc": 13, "drf": 10,
}  # fmt: skip
RULED = [row for row in rows.rows() if row.id in rulebook().law.rules]


@pytest.fixture
def put(monkeypatch):
    """Put other content in the place of one of the register's files."""

    def put(name, content):
        real = rows._read
        monkeypatch.setattr(rows, "_read", lambda f, k: content if f == name else real(f, k))
        for read in (rows.rows, rows.to_verify, rows.uncovered):
            read.cache_clear()

    yield put
    monkeypatch.undo()
    for read in (rows.rows, rows.to_verify, rows.uncovered):
        read.cache_clear()


def raw(area):
    return rows._read(f"{area}.yaml", "rows")


def test_the_register_has_every_row_of_the_tables():
    assert Counter(row.area for row in rows.rows()) == COUNTS
    assert len({row.id for row in rows.rows()}) == 127


@pytest.mark.parametrize("area", COUNTS)
def test_the_rows_of_an_area_are_numbered_without_a_gap(area):
    ids = [row.id for row in rows.rows() if row.area == area]
    assert ids == [f"{area.upper()}-{number:02}" for number in range(1, len(ids) + 1)]


@pytest.mark.parametrize("row", rows.rows(), ids=lambda row: row.id)
def test_a_row_says_all_of_it_in_both_languages(row):
    for words in (row.condition, row.duty, row.deadline):
        assert all(words.values())
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words.zh_hans)
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in words.en)


@pytest.mark.parametrize("row", rows.rows(), ids=lambda row: row.id)
def test_no_number_is_put_where_the_law_has_a_word(row):
    if row.deadline_kind in {"immediate", "prompt"}:
        assert not any(letter.isdigit() for letter in row.deadline.en)


@pytest.mark.parametrize("row", RULED, ids=lambda row: row.id)
def test_a_rule_has_the_evidence_and_the_instrument_of_its_row(row):
    versions = rulebook().law.rules[row.id]
    newest = versions[-1]
    assert newest.grade is row.grade
    assert newest.source.instrument.key in {source.instrument for source in row.sources}
    assert row.may_bind or not any(rule.binding for rule in versions)


@pytest.mark.parametrize("row", RULED, ids=lambda row: row.id)
def test_what_a_row_rests_on_can_be_looked_up_once_it_has_a_rule(row):
    for source in row.sources:
        if source.instrument in rulebook().law.register:
            found = cited(rulebook().law.register, source.to_json())
            assert found.instrument.key == source.instrument


@pytest.mark.parametrize("row", rows.rows(), ids=lambda row: row.id)
def test_a_row_is_evidenced_as_well_as_its_instrument_or_says_why_not(row):
    act = rulebook().law.register.get(row.sources[0].instrument)
    if act is not None:
        assert row.grade >= act.grade
        assert bool(row.note) == (row.grade is not act.grade)


def test_a_draft_is_watched_and_cannot_bind():
    watched = {row.id for row in rows.rows() if not row.may_bind}
    assert watched >= {row.id for row in rows.rows() if row.area == "drf"}
    assert {"DAT-21", "INC-10"} <= watched


def test_what_is_left_out_says_why():
    left = [(entry.instrument, entry.provision.zh_hans) for entry in rows.uncovered()]
    assert len(set(left)) == len(left) > 20
    assert all(entry.reason.en.endswith(".") for entry in rows.uncovered())
    assert all(entry.reason.zh_hans.endswith("。") for entry in rows.uncovered())


def test_the_lawyers_list_is_in_order_and_names_the_rules_that_hang_on_it():
    assert [entry.order for entry in rows.to_verify()] == list(range(1, 15))
    assert all(entry.rules for entry in rows.to_verify())


def test_all_of_it_is_json():
    everything = (*rows.rows(), *rows.uncovered(), *rows.to_verify())
    for entry in everything:
        assert entry.to_json()
    (first, *_) = rows.rows()
    assert first.to_json()["deadline"]["kind"] == "step"


def test_an_id_that_stands_twice_is_refused(put):
    put("drf.yaml", [*raw("drf"), raw("drf")[0]])
    with pytest.raises(BadPack, match="DRF-01 stands twice"):
        rows.rows()


def test_a_row_in_the_file_of_another_area_is_refused(put):
    put("drf.yaml", [*raw("drf"), raw("sys")[0]])
    with pytest.raises(BadPack, match="SYS-01 is of another area"):
        rows.rows()


def test_the_lawyers_list_cannot_name_what_is_not_there(put):
    entry = rows._read("to_verify.yaml", "to_verify")[0] | {"rules": ["N45-99"]}
    put("to_verify.yaml", [entry])
    with pytest.raises(BadPack, match="the register has no N45-99"):
        rows.to_verify()


@pytest.mark.parametrize(
    ("field", "value"),
    [("grade", "E"), ("duty", {"en": "only one"}), ("sources", []), ("binding", True), ("x", 1)],
)
def test_a_row_of_another_shape_is_refused(field, value):
    with pytest.raises(BadPack, match=r"register/drf\.yaml"):
        schema.check(
            "rows", [raw("drf")[0] | {field: value}], "register/drf.yaml", shapes="register"
        )


def test_a_file_that_is_no_yaml_is_refused(monkeypatch):
    class Broken:
        def __truediv__(self, name):
            return self

        def read_text(self, encoding):
            return "- id: 1\n  id: 2\n"

    monkeypatch.setattr(rows.resources, "files", lambda package: Broken())
    with pytest.raises(BadPack, match=r"register/n45.yaml .*repeated key"):
        rows._read("n45.yaml", "rows")


WORDS = {"zh-hans": "词", "en": "words"}
RAW = {
    "id": "RCL-99",
    "condition": {"zh-hans": "条件", "en": "condition"},
    "duty": {"zh-hans": "义务", "en": "duty"},
    "deadline": {"kind": "period", "zh-hans": "期限", "en": "period"},
    "sources": [
        {"instrument": "ACT1", "provision": "一"}, {"instrument": "ACT2", "provision": "二"},
    ],
    "grade": "C",
    "binding": False,
    "note": {"zh-hans": "注", "en": "note"},
}  # fmt: skip


def test_a_row_is_read_and_told_whole():
    row = rows._row("rcl", RAW)
    assert row == rows.Row(
        id="RCL-99",
        area="rcl",
        condition=Text("条件", "condition"),
        duty=Text("义务", "duty"),
        deadline_kind="period",
        deadline=Text("期限", "period"),
        sources=(rows.Source("ACT1", "一"), rows.Source("ACT2", "二")),
        grade=Grade.C,
        may_bind=False,
        note=Text("注", "note"),
    )
    assert row.to_json() == {
        "id": "RCL-99", "area": "rcl", "condition": RAW["condition"], "duty": RAW["duty"],
        "deadline": RAW["deadline"], "sources": RAW["sources"], "grade": "C", "may_bind": False,
        "note": RAW["note"],
    }  # fmt: skip
    bare = rows._row("rcl", {name: RAW[name] for name in RAW.keys() - {"binding", "note"}})
    assert (bare.may_bind, bare.note, bare.to_json()["note"]) == (True, NOTHING, None)


def test_what_is_left_out_and_what_is_to_verify_are_read_and_told_whole(put):
    put("uncovered.yaml", [{"instrument": "ACT1", "provision": WORDS, "reason": RAW["duty"]}])
    (left,) = rows.uncovered()
    assert left == rows.Uncovered("ACT1", Text("词", "words"), Text("义务", "duty"))
    assert left.to_json() == {"instrument": "ACT1", "provision": WORDS, "reason": RAW["duty"]}
    entry = {"order": 3, "what": WORDS, "where": RAW["duty"], "rules": ["RCL-06", "RCL-07"]}
    put("to_verify.yaml", [entry])
    (ask,) = rows.to_verify()
    assert ask == rows.ToVerify(3, Text("词", "words"), Text("义务", "duty"), ("RCL-06", "RCL-07"))
    assert ask.to_json() == entry


def test_a_register_at_fault_names_its_file_and_the_row(put):
    other = {**RAW, "id": "STD-99"}
    put("rcl.yaml", [other])
    with pytest.raises(BadPack) as refused:
        rows.rows()
    assert "register/rcl.yaml is not usable: STD-99 is of another area" in str(refused.value)
    put("rcl.yaml", [RAW, RAW])
    with pytest.raises(BadPack) as refused:
        rows.rows()
    assert "register/rcl.yaml is not usable: RCL-99 stands twice" in str(refused.value)
