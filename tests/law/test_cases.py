"""The cases of the packs, as tools read them."""

from datetime import date

import pytest

from roadworthy.law import PACKS, cases
from roadworthy.law.cases import Case
from roadworthy.rules.schema import BadPack


def test_a_case_says_of_which_rule_it_is_when_it_asks_what_and_what_it_wants():
    (case,) = [one for one in cases._of("cn_recall") if one.name == "Investigated and reported"]
    facts = {
        "possible_defect_learned_on": "2025-06-09",
        "defect_investigation_started": True,
        "investigation_concluded_on": "2025-06-18",
        "investigation_result_reported": True,
    }
    wanted = dict(case.wanted)
    assert wanted.pop("owes").keys() == {"RCL-01.investigate", "RCL-01.report"}
    assert wanted == {
        "name": "Investigated and reported", "kind": "applies", "as_of": "2025-06-20",
        "facts": facts, "outcome": "met", "reason": "reported",
    }  # fmt: skip
    assert case == Case(
        pack="cn_recall",
        rule_id="RCL-01",
        is_label=False,
        name="Investigated and reported",
        kind="applies",
        as_of=date(2025, 6, 20),
        facts=facts,
        wanted=case.wanted,
    )


def test_labels_come_first_and_say_that_they_are_labels():
    asked = list(cases._of("cn_base"))
    assert {(case.rule_id, case.is_label) for case in asked} >= {("ads_function", True)}
    kinds = [case.is_label for case in cases.cases() if case.pack == "cn_base"]
    assert kinds == sorted(kinds, reverse=True)


def test_the_files_of_a_pack_are_read_in_the_order_of_their_names(monkeypatch):
    read = []
    monkeypatch.setattr(cases, "_read", lambda file, name: read.append((file.name, name)) or [])
    assert list(cases._of("cn_recall")) == []
    assert read[:2] == [
        ("rcl_01.yaml", "cn_recall/cases/rcl_01.yaml"),
        ("rcl_02.yaml", "cn_recall/cases/rcl_02.yaml"),
    ]
    assert read == sorted(read)


def test_the_packs_come_in_their_order():
    order = list(dict.fromkeys(case.pack for case in cases.cases()))
    assert order == [pack for pack in PACKS if pack in order]


def test_a_folder_that_is_not_there_holds_no_cards(tmp_path):
    assert cases._cards(tmp_path / "labels") == []
    for name in ("b_02.yaml", "b_01.yaml", "b_01.py"):
        (tmp_path / name).write_text("")
    assert [card.name for card in cases._cards(tmp_path)] == ["b_01.yaml", "b_02.yaml"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("- name: TODO\n", "file x_01.yaml is not usable: line 1 still says TODO"),
        (
            "- name: 案例\n  name: b\n",
            "file x_01.yaml .*repeated key .*, line 2, column 3: name: b",
        ),
        ("- name: a\n", "file x_01.yaml is not usable: 0: .kind. is a required"),
    ],
)
def test_a_refusal_names_the_file_and_stands_in_one_line(tmp_path, words, fault):
    file = tmp_path / "other.yaml"
    file.write_text(words, encoding="utf-8")
    with pytest.raises(BadPack, match=fault) as refused:
        cases._read(file, "x_01.yaml")
    assert "\n" not in str(refused.value)
