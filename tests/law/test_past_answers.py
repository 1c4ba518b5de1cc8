"""An answer that was given once stays, unless an erratum says what changed and why."""

import copy
import json
from datetime import date

import pytest

from roadworthy.law.past import answers
from roadworthy.law.past.answers import Erratum, Unexplained
from roadworthy.law.rulebook import VERSION, rulebook
from roadworthy.rules import schema
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import Text
from scripts import past_answers

RULE, PACK = "RCL-06", "cn_recall"
WORDS = Text("一", "one")


@pytest.fixture(scope="module")
def now():
    return answers.given(rulebook())


@pytest.fixture
def past():
    return copy.deepcopy(answers.recorded())


@pytest.fixture
def key(past):
    """The key of an answer with a due date."""
    return next(
        key
        for key, entry in past[PACK].items()
        if key.startswith(RULE) and any("date" in due for due in entry["dues"].values())
    )


def erratum(rule=RULE, version=VERSION, name="E-2026-01"):
    return Erratum(name, rule, version, date(2026, 11, 21), WORDS, WORDS, ())


def test_every_past_answer_stands(past, now):
    told = "\n".join(map(str, answers.changes(past, now)))
    assert not told, f"say why in src/roadworthy/law/past/errata.yaml:\n{told}"


def test_every_answer_is_written_down(past, now):
    assert answers.unrecorded(past, now) == [], "run scripts/past_answers.py --write"


def test_every_change_has_its_erratum_still(past):
    known = {erratum.id for erratum in answers.errata(rulebook().law.register)}
    assert answers.cited_errata(past) <= known


def test_the_files_are_as_the_script_writes_them(past):
    for pack, entries in past.items():
        file = past_answers.PAST / f"{pack}.json"
        assert file.read_text(encoding="utf-8") == answers.written(entries)
        assert list(entries) == sorted(entries)


def test_there_are_answers_with_and_without_a_day(past):
    entries = [entry for some in past.values() for entry in some.values()]
    assert {"met", "broken", "not-applicable", "undetermined", "not-in-force"} <= {
        entry["outcome"] for entry in entries
    }
    dues = [due for entry in entries for due in entry["dues"].values()]
    assert {"date", "immediate"} <= {due["kind"] for due in dues}
    assert all(("date" in due) for due in dues if due["kind"] == "date")


@pytest.mark.parametrize("field", ["outcome", "reason", "dues"])
def test_a_tampered_answer_is_found_out(past, now, key, field):
    past[PACK][key][field] = {} if field == "dues" else "other"
    (change,) = answers.changes(past, now)
    assert (change.rule, change.pack, change.key) == (RULE, PACK, key)
    assert key in str(change)
    with pytest.raises(Unexplained, match=RULE):
        answers.updated(past, now, [], VERSION)


def test_another_due_date_is_found_out(past, now, key):
    (due,) = past[PACK][key]["dues"].values()
    due["date"] = "2025-06-01"
    assert len(answers.changes(past, now)) == 1


def test_a_case_that_is_gone_is_found_out(past, now):
    past[PACK]["RCL-06 2025-06-16 0123456789abcdef"] = past[PACK][next(iter(past[PACK]))]
    (change,) = answers.changes(past, now)
    assert change.now is None
    assert "no case any more" in str(change)
    with pytest.raises(Unexplained):
        answers.updated(past, now, [], VERSION)


def test_a_pack_that_is_gone_is_found_out(past, now):
    past["cn_gone"] = {"GON-01 2025-06-16 0123456789abcdef": past[PACK][next(iter(past[PACK]))]}
    (change,) = answers.changes(past, now)
    assert change.rule == "GON-01"
    kept = answers.updated(past, now, [erratum("GON-01")], VERSION)
    (entry,) = kept["cn_gone"].values()
    assert entry["outcome"] is None


@pytest.mark.parametrize("wrong", [erratum(rule="RCL-07"), erratum(version="cn-2020.01")])
def test_an_erratum_of_another_rule_or_version_explains_nothing(past, now, key, wrong):
    past[PACK][key]["outcome"] = "other"
    with pytest.raises(Unexplained, match=VERSION):
        answers.updated(past, now, [wrong], VERSION)


def test_an_explained_change_keeps_what_was(past, now, key):
    past[PACK][key]["outcome"] = "other"
    kept = answers.updated(past, now, [erratum()], VERSION)
    assert kept[PACK][key]["outcome"] == now[PACK][key]["outcome"]
    assert [was["outcome"] for was in kept[PACK][key]["was"]] == ["other"]
    assert answers.cited_errata(kept) == {"E-2026-01"}
    assert answers.changes(kept, now) == []
    assert answers.updated(kept, now, [], VERSION) == kept


def test_a_second_change_is_put_behind_the_first(past, now, key):
    past[PACK][key]["outcome"] = "other"
    kept = json.loads(json.dumps(answers.updated(past, now, [erratum()], VERSION)))
    kept[PACK][key]["outcome"] = "another"
    again = answers.updated(kept, now, [erratum(name="E-2026-02")], VERSION)
    was = [(entry["outcome"], entry["erratum"]) for entry in again[PACK][key]["was"]]
    assert was == [("other", "E-2026-01"), ("another", "E-2026-02")]


def test_a_case_that_comes_back_has_to_answer_as_it_did(past, now, key):
    today = now[PACK].pop(key)
    kept = answers.updated(past, now, [erratum()], VERSION)
    assert kept[PACK][key]["outcome"] is None
    assert answers.changes(kept, now) == []
    now[PACK][key] = {**today, "outcome": "other"}
    assert [change.key for change in answers.changes(kept, now)] == [key]
    now[PACK][key] = today
    assert answers.changes(kept, now) == []
    back = answers.updated(kept, now, [], VERSION)
    assert back[PACK][key]["outcome"] == today["outcome"]
    assert back[PACK][key]["was"] == kept[PACK][key]["was"]


def test_new_answers_are_added_without_an_erratum(past, now, key):
    del past[PACK][key]
    assert answers.unrecorded(past, now) == [key]
    assert answers.updated(past, now, [], VERSION)[PACK][key] == now[PACK][key]


def test_an_erratum_cites_a_provision_that_can_be_looked_up(monkeypatch, tmp_path):
    row = """
- id: E-2026-01
  rule: RCL-06
  version: cn-2026.12
  date: 2026-12-01
  what: {zh-hans: 一, en: one}
  why: {zh-hans: 二, en: two}
  cites: [{instrument: IMP176, provision: PROVISION}]
"""
    monkeypatch.setattr(answers.resources, "files", lambda package: tmp_path)
    file = tmp_path / "errata.yaml"
    file.write_text(row.replace("PROVISION", "第二十六条"))
    (read,) = answers.errata(rulebook().law.register)
    assert (read.rule, read.on, read.cites[0].instrument.key) == (
        "RCL-06",
        date(2026, 12, 1),
        "IMP176",
    )
    file.write_text(row.replace("PROVISION", "第九十九条"))
    with pytest.raises(LookupError, match="第九十九条"):
        answers.errata(rulebook().law.register)


def test_an_erratum_says_why():
    with pytest.raises(BadPack, match="'why' is a required property"):
        schema.check(
            "errata",
            [{"id": "E-2026-01", "rule": RULE, "version": VERSION, "date": "2026-12-01",
              "what": dict(WORDS), "cites": [{"instrument": "IMP176", "provision": "1"}]}],
            "past/errata.yaml",
            shapes="register",
        )  # fmt: skip


@pytest.fixture
def on_disk(past, now, monkeypatch, tmp_path):
    """Let the script see ``past`` and write into a folder of its own."""
    monkeypatch.setattr(past_answers, "PAST", tmp_path)
    monkeypatch.setattr(answers, "recorded", lambda: past)
    monkeypatch.setattr(answers, "given", lambda book: now)
    return tmp_path


def test_the_script_is_content_when_nothing_changed(on_disk, capsys):
    assert past_answers.main([]) == 0
    assert "past answers stand" in capsys.readouterr().out
    assert past_answers.main(["--write"]) == 0
    assert list(on_disk.iterdir()) == []


def test_the_script_refuses_to_write_over_the_past(on_disk, past, key, capsys):
    past[PACK][key]["outcome"] = "other"
    assert past_answers.main([]) == 1
    assert past_answers.main(["--write"]) == 1
    told = capsys.readouterr().out
    assert key in told
    assert "Nothing was written" in told
    assert list(on_disk.iterdir()) == []


def test_the_script_writes_what_is_new(on_disk, past, now, key, capsys):
    del past[PACK][key]
    assert past_answers.main([]) == 1
    assert f"{key}: not written down" in capsys.readouterr().out
    assert past_answers.main(["--write"]) == 0
    assert json.loads((on_disk / f"{PACK}.json").read_text(encoding="utf-8")) == now[PACK]
