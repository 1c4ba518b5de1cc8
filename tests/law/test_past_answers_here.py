"""Past answers on small tables, in this process: what mutation tests judge the module by."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace

import pytest

from roadworthy.law import PACKS, cases
from roadworthy.law.past import answers
from roadworthy.law.past.answers import Change, Erratum, Unexplained
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import Text

WORDS = Text("一", "one")
MET = {"outcome": "met", "reason": None, "dues": {}}
DUE = {"DEM-02.file": {"kind": "date", "date": "2025-06-20"}}
BROKEN = {"outcome": "broken", "reason": "not_filed", "dues": DUE}
ONE, TWO = "DEM-01 2025-06-16 0123456789abcdef", "DEM-02 2025-06-16 0123456789abcdef"


def erratum(rule: str, name: str, version: str = "demo-2") -> Erratum:
    return Erratum(name, rule, version, date(2025, 7, 1), WORDS, WORDS, ())


def test_a_change_names_its_rule_and_reads_as_a_line() -> None:
    change = Change("demo", ONE, MET, BROKEN)
    assert change.rule == "DEM-01"
    assert str(change) == f"{ONE} (demo): {json.dumps(MET)} -> {json.dumps(BROKEN)}"
    assert str(Change("demo", ONE, MET, None)) == (
        f"{ONE} (demo): {json.dumps(MET)} -> no case any more"
    )
    words = Change("demo", ONE, {**MET, "reason": "未备案"}, None)
    assert "未备案" in str(words)


def test_what_is_the_same_is_no_change() -> None:
    past = {"demo": {ONE: {**MET, "was": [{**BROKEN, "erratum": "E-1"}]}, TWO: BROKEN}}
    assert answers.changes(past, {"demo": {ONE: MET, TWO: BROKEN}}) == []
    assert answers.changes({}, {"demo": {ONE: MET}}) == []


@pytest.mark.parametrize(
    "other",
    [
        {**MET, "outcome": "broken"},
        {**MET, "reason": "late"},
        {**MET, "dues": DUE},
    ],
)
def test_another_outcome_reason_or_due_is_a_change(other: answers.Entry) -> None:
    past = {"gone": {TWO: BROKEN}, "demo": {ONE: MET, TWO: BROKEN}}
    now = {"demo": {ONE: other, TWO: BROKEN}, "gone": {TWO: BROKEN}}
    assert answers.changes(past, now) == [Change("demo", ONE, MET, other)]


def test_a_case_or_a_pack_that_is_gone_is_a_change_until_it_was_explained() -> None:
    assert answers.changes({"demo": {ONE: MET}}, {"demo": {}}) == [Change("demo", ONE, MET, None)]
    assert answers.changes({"demo": {ONE: MET}}, {}) == [Change("demo", ONE, MET, None)]
    gone = {**answers.GONE, "was": [{**BROKEN, "erratum": "E-1"}, {**MET, "erratum": "E-2"}]}
    # An explained one is passed over; what stands behind it is looked at still.
    past = {"demo": {ONE: gone, TWO: MET}}
    assert answers.changes(past, {}) == [Change("demo", TWO, MET, None)]
    # When it comes back it is compared with the last answer that it had.
    assert answers.changes({"demo": {ONE: gone}}, {"demo": {ONE: MET}}) == []
    assert answers.changes({"demo": {ONE: gone}}, {"demo": {ONE: BROKEN}}) == [
        Change("demo", ONE, MET, BROKEN)
    ]


def test_what_nobody_wrote_down_is_named() -> None:
    now = {"demo": {ONE: MET, TWO: MET}, "new": {ONE: MET}}
    assert answers.unrecorded({"demo": {TWO: BROKEN}}, now) == [ONE, ONE]
    assert answers.unrecorded(now, now) == []
    assert answers.unrecorded({"demo": {ONE: MET}, "new": {}}, now) == [TWO, ONE]


def test_new_answers_are_added_in_order_and_the_past_stays() -> None:
    past = {"z": {TWO: MET}, "a": {ONE: MET}}
    whole = answers.updated(past, {"z": {ONE: BROKEN, TWO: MET}, "a": {ONE: MET}, "m": {}}, [], "d")
    assert list(whole) == ["a", "m", "z"]
    assert list(whole["z"]) == [ONE, TWO]
    assert whole == {"a": {ONE: MET}, "m": {}, "z": {ONE: BROKEN, TWO: MET}}


def test_silent_changes_are_all_told_with_their_number_and_the_version() -> None:
    past, now = {"demo": {ONE: MET, TWO: MET}}, {"demo": {ONE: BROKEN, TWO: BROKEN}}
    wrong = [erratum("DEM-01", "E-1", version="demo-1"), erratum("DEM-03", "E-2")]
    with pytest.raises(Unexplained) as refused:
        answers.updated(past, now, wrong, "demo-2")
    assert refused.value.code == "past-answers-changed"
    assert refused.value.data == {
        "count": 2,
        "version": "demo-2",
        "changes": "\n".join(map(str, answers.changes(past, now))),
    }
    with pytest.raises(Unexplained) as refused:
        answers.updated(past, now, [erratum("DEM-01", "E-1")], "demo-2")
    assert refused.value.data["count"] == 1
    assert TWO in refused.value.data["changes"]
    assert ONE not in refused.value.data["changes"]


def test_an_explained_change_keeps_what_was_and_a_second_one_comes_behind() -> None:
    past = {"demo": {ONE: MET, TWO: MET}}
    once = answers.updated(
        past, {"demo": {ONE: BROKEN, TWO: MET}}, [erratum("DEM-01", "E-1")], "demo-2"
    )
    was = {**MET, "erratum": "E-1"}
    assert once == {"demo": {ONE: {**BROKEN, "was": [was]}, TWO: MET}}
    twice = answers.updated(
        once, {"demo": {ONE: MET, TWO: MET}}, [erratum("DEM-01", "E-2")], "demo-2"
    )
    assert twice["demo"][ONE] == {**MET, "was": [was, {**BROKEN, "erratum": "E-2"}]}
    assert answers.updated(twice, {"demo": {ONE: MET, TWO: MET}}, [], "demo-3") == twice
    assert answers.cited_errata(twice) == {"E-1", "E-2"}
    assert answers.cited_errata(past) == set()


def test_an_explained_end_keeps_the_last_answer_and_a_return_its_past() -> None:
    kept = answers.updated({"demo": {ONE: MET}}, {}, [erratum("DEM-01", "E-1")], "demo-2")
    was = [{**MET, "erratum": "E-1"}]
    assert kept == {"demo": {ONE: {"outcome": None, "was": was}}}
    assert answers.updated(kept, {}, [], "demo-3") == kept
    assert answers.updated(kept, {"demo": {ONE: MET, TWO: MET}}, [], "demo-3") == {
        "demo": {ONE: {**MET, "was": was}, TWO: MET}
    }


def test_a_file_has_one_answer_a_line_and_keeps_its_words() -> None:
    written = answers.written({ONE: {**MET, "reason": "未备案"}, TWO: BROKEN})
    assert written == (
        "{\n"
        f'"{ONE}": {{"outcome": "met", "reason": "未备案", "dues": {{}}}},\n'
        f'"{TWO}": {json.dumps(BROKEN)}\n'
        "}\n"
    )
    assert json.loads(written)[TWO] == BROKEN


def test_the_packs_files_are_read_by_name_and_nothing_else(monkeypatch, tmp_path) -> None:
    asked = []
    (tmp_path / "b.json").write_text(answers.written({ONE: {**MET, "reason": "未备案"}}), "utf-8")
    (tmp_path / "a.json").write_text("{}", "utf-8")
    (tmp_path / "errata.yaml").write_text("[]", "utf-8")
    found = SimpleNamespace(files=lambda package: asked.append(package) or tmp_path)
    monkeypatch.setattr(answers, "resources", found)
    recorded = answers.recorded()
    assert list(recorded) == ["a", "b"]
    assert recorded == {"a": {}, "b": {ONE: {**MET, "reason": "未备案"}}}
    assert asked == ["roadworthy.law.past"]


def test_an_erratum_is_read_whole_and_cites_what_is_there(monkeypatch, tmp_path) -> None:
    register = rulebook().law.register  # read before its folder is another
    file = tmp_path / "errata.yaml"
    row = """
- id: E-2026-01
  rule: RCL-06
  version: cn-2026.12
  date: 2026-12-01
  what: {zh-hans: 一, en: one}
  why: {zh-hans: 二, en: two}
  cites: [{instrument: IMP176, provision: 第二十六条}]
"""
    monkeypatch.setattr(answers, "resources", SimpleNamespace(files=lambda package: tmp_path))
    file.write_text(row, "utf-8")
    (read,) = answers.errata(register)
    assert (read.id, read.rule, read.version) == ("E-2026-01", "RCL-06", "cn-2026.12")
    assert (read.on, read.what, read.why) == (date(2026, 12, 1), WORDS, Text("二", "two"))
    assert [cited.instrument.key for cited in read.cites] == ["IMP176"]
    file.write_text(row.replace("第二十六条", "第九十九条"), "utf-8")
    with pytest.raises(LookupError, match="第九十九条"):
        answers.errata(register)
    file.write_text(row.replace("  why: {zh-hans: 二, en: two}\n", ""), "utf-8")
    with pytest.raises(BadPack, match=r"past/errata\.yaml.*'why' is a required property"):
        answers.errata(register)


def _case(kind: str, *, is_label: bool) -> cases.Case:
    return next(one for one in cases.cases() if one.is_label is is_label and one.kind == kind)


def test_a_rule_is_asked_by_its_cases_and_a_label_by_its_test(monkeypatch) -> None:
    recorded = answers.recorded()
    dated = {
        tuple(key.split()[:2])
        for key, entry in recorded["cn_recall"].items()
        if any("date" in due for due in entry["dues"].values())
    }
    due = next(one for one in cases.cases() if (one.rule_id, str(one.as_of)) in dated)
    asked = [_case("applies", is_label=True), _case("day-before", is_label=False), due]
    monkeypatch.setattr(answers.cases, "cases", lambda: tuple(asked))
    given = answers.given(rulebook())
    assert list(given) == list(PACKS)
    for one in asked:
        begins = f"{one.rule_id} {one.as_of} "
        (key,) = [key for key in given[one.pack] if key.startswith(begins)]
        assert len(key) == len(begins) + 16
        past = recorded[one.pack][key]
        assert given[one.pack][key] == {name: past[name] for name in ("outcome", "reason", "dues")}
    assert sum(map(len, given.values())) == len(asked)
    outcomes = {entry["outcome"] for pack in given.values() for entry in pack.values()}
    assert answers.NOT_IN_FORCE in outcomes


def test_a_due_is_its_kind_and_its_day_or_moment() -> None:
    assert answers._due({"kind": "date", "date": "2025-06-20", "instant": None, "why": "x"}) == {
        "kind": "date",
        "date": "2025-06-20",
    }
    assert answers._due({"kind": "instant", "instant": "2025-06-20T10:00:00+08:00"}) == {
        "kind": "instant",
        "instant": "2025-06-20T10:00:00+08:00",
    }
    assert answers._due({"kind": "immediate"}) == {"kind": "immediate"}
