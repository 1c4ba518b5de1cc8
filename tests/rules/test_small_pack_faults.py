"""What is wrong with a small pack is told to the letter."""

import pytest

from roadworthy.rules import packs
from roadworthy.rules.contradictions import Contradiction
from roadworthy.rules.packs import Folder
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import NOTHING
from tests.rules.small_packs import FILES, OTHER

LINE = "The regulation pack file {} is not usable: {}."


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "fault"),
    [
        ("pack.yaml", "id: one", "id: one # TODO", "one/pack.yaml", "line 1 still says TODO"),
        ("rules/one_01.py", "return", "# TODO\n    return", "one/rules/one_01.py",
         "line 2 still says TODO"),
        ("facts.yaml", "filed: {", "level: {", "one/facts.yaml",
         ('repeated key \'level\' in "<unicode string>", line 3, column 1: '
         "level: {type: int, label: {zh-ha ... ^")),
        ("pack.yaml", "id: one\n", "", "one/pack.yaml",
         "the whole file: 'id' is a required property"),
        ("rules/one_01.yaml", "grade: C", "grade: X", "one/rules/one_01.yaml",
         "grade: 'X' is not one of ['A', 'B', 'C', 'D']"),
        ("signatures.yaml", "grade: C", "grade: X", "one/signatures.yaml",
         "0/grade: 'X' is not one of ['A', 'B', 'C', 'D']"),
        ("rules/one_01.yaml", "一(二)", "九", "one/rules/one_01.yaml",
         "GB/T 1: no words for 九 in its texts/ file"),
        ("labels/big.yaml", "GB/T 1", "GB/T 2", "one/labels/big.yaml",
         "no instrument GB/T 2 in the register"),
        ("scales.yaml", "三", "九", "one/scales.yaml",
         "GB/T 1: no words for 九 in its texts/ file"),
        ("signatures.yaml", "三", "九", "one/signatures.yaml",
         "GB/T 1: no words for 九 in its texts/ file"),
        ("wording.yaml", "三", "九", "one/wording.yaml",
         "GB/T 1: no words for 九 in its texts/ file"),
        ("parameters/period.yaml", "三", "九", "one/parameters/period.yaml",
         "GB/T 1: no words for 九 in its texts/ file"),
        ("parameters/period.yaml", "2021-01-01", "2020-01-02", "one/parameters/period.yaml",
         "period: values must be in ascending order of date"),
        ("texts/gbt1.md", "三 | Article 3", "三", "one/texts/gbt1.md",
         "section '三' needs 'name | name' and both languages"),
        ("texts/gbt1.md", "en: It is not.", "", "one/texts/gbt1.md",
         "section '三 | Article 3' needs 'name | name' and both languages"),
        ("facts.yaml", "default: x", "default: z", "way",
         "The fact way cannot be z: it must be one of x, y."),
        ("contradictions.yaml", "filed: [true]", "file: [true]", "contradictions",
         "there is no fact file"),
        ("contradictions.yaml", "filed: [true]", "filed: [1]", "contradictions",
         "The fact filed cannot be 1: it must be true or false."),
        ("parameters/period.yaml", "2020-01-03", "2020-01-02", "period",
         "it applies from 2020-01-02, but GB/T 1 is in force from 2020-01-03"),
        ("parameters/period.yaml", "grade: C", "grade: A", "period",
         "it claims evidence of grade A, but GB/T 1 has B"),
        ("rules/one_01.yaml", "from: 2020-01-03", "from: 2020-01-02", "ONE-01",
         "it applies from 2020-01-02, but GB/T 1 is in force from 2020-01-03"),
        ("rules/one_01.yaml", "topics: [update]\n", "", "ONE-01",
         "it names no topic, so nobody would ask it"),
        ("rules/one_01.yaml", 'zh-hans: "{filed}"', "zh-hans: 是", "ONE-01",
         "the languages of yes do not tell the same facts"),
        ("rules/one_01.yaml", "reasons:\n",
         'reasons:\n  missing: {zh-hans: "{missing}{filed}", en: "{missing}{filed}"}\n', "ONE-01",
         "what is missing cannot be put into other words than {missing}"),
        ("labels/big.yaml", "basis_rule: ONE-01", "basis_rule: ONE-02", "big",
         "there is no rule ONE-02"),
        ("labels/big.yaml", "grade: B", "grade: A", "big",
         "it claims evidence of grade A, but GB/T 1 has B"),
        ("scales.yaml", "from: 2020-01-03", "from: 2020-01-02", "sizes",
         "it applies from 2020-01-02, but GB/T 1 is in force from 2020-01-03"),
        ("scales.yaml", "grade: C", "grade: A", "sizes",
         "it claims evidence of grade A, but GB/T 1 has B"),
        ("scales.yaml", "any_of: [big]", "any_of: [huge]", "sizes", "there is no label huge"),
        ("signatures.yaml", "labels: [big]", "labels: [huge]", "miit.receipt",
         "there is no label huge"),
        ("signatures.yaml", "from: 2020-01-03", "from: 2020-01-02", "miit.receipt",
         "it applies from 2020-01-02, but GB/T 1 is in force from 2020-01-03"),
        ("signatures.yaml", "grade: C", "grade: A", "miit.receipt",
         "it claims evidence of grade A, but GB/T 1 has B"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_file_or_its_name(write, file, old, new, at, fault):
    assert old in FILES[file]
    with pytest.raises(BadPack) as refused:
        write({file: FILES[file].replace(old, new, 1)})
    assert str(refused.value) == LINE.format(at, fault)


EARLIER = OTHER["rules/two_01.yaml"].replace("2025-", "2024-")


@pytest.mark.parametrize(
    ("one", "two", "at", "fault"),
    [
        ({"texts/gbt1.md": None}, {}, "one/texts/gbt1.md", "it is not there"),
        ({"rules/one_01.py": None}, {}, "one/rules/one_01.py", "it is not there"),
        ({"rules/one_02.py": ""}, {}, "one/rules/one_02.py", "it has no card"),
        ({}, {"facts.yaml": FILES["facts.yaml"]}, "filed", "two packs declare this fact"),
        ({}, {"parameters/period.yaml": FILES["parameters/period.yaml"]}, "period",
         "two packs declare this parameter"),
        ({}, {"scales.yaml": FILES["scales.yaml"]}, "sizes", "two packs declare this scale"),
        ({}, {"pack.yaml": FILES["pack.yaml"], "texts/gbt1.md": FILES["texts/gbt1.md"]}, "GB/T 1",
         "two packs declare this instrument"),
        ({}, {"rules/two_02.yaml": OTHER["rules/two_01.yaml"], "rules/two_02.py": ""}, "", ""),
        ({}, {"rules/two_01.yaml": OTHER["rules/two_01.yaml"].replace("false", "true")}, "TWO-01",
         "it binds, but D2 is a draft"),
        ({}, {"rules/two_01.yaml": EARLIER}, "TWO-01",
         "it applies from 2024-01-01, but D2 is published on 2025-01-01"),
        ({}, {"pack.yaml": OTHER["pack.yaml"].replace("2026-11-20", "null")},
         "two/pack.yaml", "verified_on: None is not of type 'string'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told(write, one, two, at, fault):
    if not fault:
        two["rules/two_02.py"] = OTHER["rules/two_01.py"]
        at, fault = "TWO-01", "two cards of it apply on the same day"
    with pytest.raises(BadPack) as refused:
        write(one, two)
    assert str(refused.value) == LINE.format(at, fault)


def test_words_for_what_is_missing_are_looked_at_in_both_languages(write):
    card = FILES["rules/one_01.yaml"]
    for zh, en in (("缺{missing}{filed}", "{missing}"), ("缺{missing}", "{missing}{filed}")):
        words = f'reasons:\n  missing: {{zh-hans: "{zh}", en: "{en}"}}\n'
        with pytest.raises(BadPack, match="cannot be put into other words"):
            write({"rules/one_01.yaml": card.replace("reasons:\n", words)})


def test_each_fault_of_a_contradiction_is_told(write):
    law = write()
    facts = {"gone": (1,), "level": (9, 2, 8)}
    row = Contradiction(facts, NOTHING)
    refusal = "The fact level cannot be {}: it must be a whole number from 0 to 5."
    assert list(row.faults(law.facts)) == [
        ("contradictions", "there is no fact gone"),
        ("contradictions", refusal.format(9)),
        ("contradictions", refusal.format(8)),
    ]


def test_what_python_quotes_is_told_without_quotes(write):
    write()

    def make():
        raise KeyError("Xx of it")

    with pytest.raises(BadPack) as refused:
        packs._made(Folder("small.one"), "facts.yaml", make)
    assert str(refused.value) == LINE.format("one/facts.yaml", "Xx of it")
