"""The reasoning behind a finding, as a tree."""

import json
from dataclasses import replace
from datetime import date

import pytest

from roadworthy.law.rulebook import rulebook
from roadworthy.rules.text import Text
from roadworthy.rules.tree import Branch, Kind, drawn, explained, tree

FACTS = {"completed_on": "2025-06-09", "miit_filing": "submitted", "samr_filing": "none"}


@pytest.fixture(scope="module")
def findings():
    answer = rulebook().evaluate(FACTS, as_of=date(2025, 6, 17))
    return {f["rule_id"]: f for f in json.loads(json.dumps(answer.to_json()))["findings"]}


def test_a_rule_rests_on_its_provision_its_facts_and_its_values(findings):
    found = tree(findings["OTA22-10"])
    assert found.kind is Kind.RULE
    assert found.id == "OTA22-10"
    kinds = [child.kind for child in found.children]
    assert kinds == sorted(kinds, key=list(Kind).index)
    assert kinds[0] is Kind.BASIS
    assert kinds[-1] is Kind.OUTCOME
    (fact,) = [child for child in found.children if child.id == "completed_on"]
    assert fact.words.en.endswith(": 9 Jun 2025")


def test_a_value_carries_its_source_and_the_evidence_for_it(findings):
    (value,) = [c for c in tree(findings["OTA22-10"]).children if c.kind is Kind.VALUE]
    assert "5 working days (since 2022-04-15)" in value.words.en
    (source,) = value.children
    assert source.id == "OTA22"
    assert "证据等级" in source.words.zh_hans


def test_a_missing_fact_is_a_branch_of_its_own(findings):
    kinds = [child.kind for child in tree(findings["OTA22-08"]).children]
    assert Kind.MISSING in kinds


def test_a_basis_names_its_provision_and_the_evidence_for_it(findings):
    basis = tree(findings["OTA22-10"]).children[0]
    assert basis.id == "OTA22"
    assert basis.words.en.endswith(" (evidence grade B)")
    value = next(c for c in tree(findings["OTA22-10"]).children if c.kind is Kind.VALUE)
    assert value.children[0].words.en.endswith(" (evidence grade B)")


def test_it_can_be_drawn():
    leaf, same = Branch(Kind.SOURCE, "c", Text("丙", "c")), Text("x", "x")
    inner = Branch(Kind.VALUE, "b", Text("乙", "b"), (leaf, replace(leaf, words=same)))
    last = Branch(Kind.OUTCOME, "d", Text("丁", "d"), (leaf,))
    whole = Branch(Kind.RULE, "a", Text("甲", "a"), (inner, last))
    assert list(drawn(whole, "en")) == [
        "a", "├─ b", "│  ├─ c", "│  └─ x", "└─ d", "   └─ c",
    ]  # fmt: skip
    assert list(drawn(whole, "zh-hans"))[1] == "├─ 乙"


def test_the_explanation_as_json_has_all_three_forms(findings):
    told = explained(findings["OTA22-10"])
    assert set(told) == {"rule_id", "short", "long", "tree"}
    assert told["tree"]["children"][-1]["kind"] == "outcome"


def test_the_tree_word_for_word(findings):
    assert list(drawn(tree(findings["OTA22-08"]), "en")) == [
        "OTA22-08 The notice to users states purpose, content, duration, impact and precautions",
        (
            "├─ Basis: Notice on the filing of online software upgrades of motor vehicles, "
            "Notice to users (evidence grade B)"
        ),
        "├─ Missing fact: What the notice to users states",
        (
            "├─ Value: What users must be told before the upgrade: "
            "purpose, content, duration, impact, precautions (since 2022-04-15)"
        ),
        (
            "│  └─ Source: Notice on the filing of online software upgrades of motor vehicles, "
            "Notice to users (evidence grade B)"
        ),
        "└─ Outcome: Undetermined. Missing fact: “What the notice to users states”.",
    ]
    assert list(drawn(tree(findings["OTA22-08"]), "zh-hans")) == [
        "OTA22-08 升级前告知用户目的、内容、时长、影响和注意事项",
        "├─ 依据：关于开展汽车软件在线升级备案的通知 告知（证据等级B）",
        "├─ 缺少的事实：用户告知所含内容",
        (
            "├─ 数值：升级前须告知用户的内容："
            "升级目的、升级内容、升级时长、升级影响、注意事项（自2022-04-15起）"
        ),
        "│  └─ 来源：关于开展汽车软件在线升级备案的通知 告知（证据等级B）",
        "└─ 结论：待定。缺少事实：“用户告知所含内容”。",
    ]


def test_what_a_last_branch_rests_on_is_drawn_below_nothing():
    leaves = tuple(Branch(Kind.SOURCE, name, Text("丙", name)) for name in "cd")
    last = Branch(Kind.VALUE, "b", Text("乙", "b"), leaves)
    root = Branch(Kind.RULE, "a", Text("甲", "a"), (last,))
    assert list(drawn(root, "en")) == ["a", "└─ b", "   ├─ c", "   └─ d"]


def test_a_branch_as_json_names_what_it_is_about(findings):
    told = tree(findings["OTA22-10"]).to_json()
    assert (told["kind"], told["id"]) == ("rule", "OTA22-10")
    assert [(child["kind"], child["id"]) for child in told["children"]] == [
        ("basis", "OTA22"), ("fact", "completed_on"), ("fact", "implementation_report_filed_on"),
        ("fact", "today"), ("value", "implementation_report_period"), ("outcome", "overdue"),
    ]  # fmt: skip
    value = told["children"][4]
    assert value["children"] == [
        {
            "kind": "source",
            "id": "OTA22",
            "words": {
                "zh-hans": "来源：关于开展汽车软件在线升级备案的通知 实施情况（证据等级B）",
                "en": "Source: Notice on the filing of online software upgrades of motor vehicles, "
                "Implementation reports (evidence grade B)",
            },
            "children": [],
        }
    ]
    missing = tree(findings["OTA22-08"]).to_json()["children"][1]
    assert (missing["kind"], missing["id"]) == ("missing", "notice_fields")
