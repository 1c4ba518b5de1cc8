"""Two packs made here, so small that every word of what was read can be compared."""

import importlib
import sys
from datetime import date

import pytest

from roadworthy.kernel.canonical import digest, sha256_hex
from roadworthy.kernel.intervals import Interval
from roadworthy.rules import packs
from roadworthy.rules.answers import Gate
from roadworthy.rules.cards import ScaleClass
from roadworthy.rules.contradictions import Contradiction
from roadworthy.rules.facts import FactType
from roadworthy.rules.instruments import Term, _term
from roadworthy.rules.packs import Folder
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import NOTHING, Text
from roadworthy.rules.wording import Claim, Weight

FILES = {
    "__init__.py": "",
    "pack.yaml": """\
id: one
title: {zh-hans: 甲, en: One}
status: in force
verified_by: null
verified_on: null
instruments:
  GB/T 1:
    title: {zh-hans: 某法, en: Some Act}
    issuer: {zh-hans: 某部, en: A ministry}
    number: 第1号
    made_on: 2020-01-01
    published_on: 2020-01-02
    in_force_from: 2020-01-03
    repealed_on: 2040-01-04
    grade: B
    note: {zh-hans: 注, en: note}
""",
    "texts/gbt1.md": """\
# 某法

## 一（二） | Article 1 (2)

terms: 备案 = filing; 变更 = change

zh-hans: 应当
  备案。

en: It is
  filed.

## 三 | Article 3

zh-hans: 不得。

en: It is not.
""",
    "facts.yaml": """\
filed: {type: bool, label: {zh-hans: 已备案, en: filed}}
ended_on: {type: date, label: {zh-hans: 结束日, en: end}, event: {zh-hans: 结束, en: the end}}
level: {type: int, label: {zh-hans: 级, en: level}, minimum: 0, maximum: 5}
way: {type: choice, label: {zh-hans: 式, en: way}, default: x,
  choices: {x: {zh-hans: 甲, en: ex}, y: {zh-hans: 乙, en: why}}}
""",
    "parameters/period.yaml": """\
label: {zh-hans: 期限, en: Period}
unit: working-day
values:
  2020-01-03: {value: 5, source: {instrument: GB/T 1, provision: 三}}
  2021-01-01: {value: 1, grade: C, source: {instrument: GB/T 1, provision: 一(二)}}
""",
    "parameters/_draft.yaml": "TODO",
    "labels/big.yaml": """\
id: big
title: {zh-hans: 大, en: Big}
citation: {instrument: GB/T 1, provision: 三}
basis_rule: ONE-01
applies: {from: 2020-01-03}
grade: B
binding: true
reasons:
  yes: {zh-hans: 是, en: it is}
""",
    "labels/big.py": "def check(ctx):\n    return ctx.met('yes')\n",
    "rules/one_01.yaml": """\
id: ONE-01
title: {zh-hans: 须备案, en: It must be filed}
citation: {instrument: GB/T 1, provision: 一(二)}
also:
  - {instrument: GB/T 1, provision: 三}
applies: {from: 2020-01-03, until: 2030-01-01}
grade: C
binding: false
gate: filing
topics: [update]
reasons:
  yes: {zh-hans: "{filed}", en: "filed: {filed}"}
duties:
  it: {zh-hans: 备案, en: File it}
""",
    "rules/one_01.py": "def check(ctx):\n    return ctx.met('yes')\n",
    "rules/_helper.py": "",
    "scales.yaml": """\
sizes:
  title: {zh-hans: 大小, en: Sizes}
  citation: {instrument: GB/T 1, provision: 三}
  applies: {from: 2020-01-03}
  grade: C
  classes:
    - {code: L, title: {zh-hans: 大, en: large}, any_of: [big]}
    - {code: S, title: {zh-hans: 小, en: small}, any_of: []}
""",
    "signatures.yaml": """\
- party: miit
  purpose: receipt
  title: {zh-hans: 签, en: signs}
  labels: [big]
  applies: {from: 2020-01-03}
  citation: {instrument: GB/T 1, provision: 三}
  grade: C
""",
    "contradictions.yaml": """\
- facts: {filed: [true], level: [0, 1]}
  words: {zh-hans: 不可能。, en: It cannot be.}
""",
    "wording.yaml": """\
denials: {zh-hans: [不], en: [not]}
phrases:
  autonomy:
    claims: autonomy
    up_to_level: 2
    weight: warning
    grade: D
    source: {instrument: GB/T 1, provision: 三}
    zh-hans: [自动]
    en: [self driving, self]
    why: {zh-hans: 因, en: why}
    instead: {zh-hans: 替, en: instead}
limits:
  up_to_level: 3
  grade: C
  source: {instrument: GB/T 1, provision: 一(二)}
  why: {zh-hans: 缺, en: lacks}
  driver:
    label: {zh-hans: 驾驶员, en: driver}
    zh-hans: [驾驶员]
    en: [driver]
""",
}
OTHER = {
    "__init__.py": "",
    "pack.yaml": """\
id: two
title: {zh-hans: 乙, en: Two}
status: draft
jurisdiction: US
verified_by: Li Na
verified_on: 2026-11-20
instruments:
  D2:
    title: {zh-hans: 草案, en: Draft}
    issuer: {zh-hans: 某部, en: A ministry}
    published_on: 2025-01-01
    draft: true
    grade: A
""",
    "texts/d2.md": "## 一 | 1\n\nzh-hans: 词\n\nen: words\n",
    "helper.py": "LIMIT = 1\n",
    "rules/two_01.yaml": """\
id: TWO-01
title: {zh-hans: 关注, en: Watched}
citation: {instrument: D2, provision: 一}
applies: {from: 2025-01-01}
grade: A
binding: false
topics: [update, recall]
reasons:
  yes: {zh-hans: 是, en: it is}
""",
    "rules/two_01.py": "def check(ctx):\n    return ctx.met('yes')\n",
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write both packs with some files changed (None: left out) and load them."""
    monkeypatch.syspath_prepend(tmp_path)

    def load(one=(), two=()):
        for name in [each for each in sys.modules if each.split(".")[0] == "small"]:
            del sys.modules[name]
        for pack, files in (("one", FILES | dict(one)), ("two", OTHER | dict(two))):
            for path, words in files.items():
                file = tmp_path / "small" / pack / path
                file.parent.mkdir(parents=True, exist_ok=True)
                if words is not None:
                    file.write_text(words, encoding="utf-8")
        (tmp_path / "small/__init__.py").write_text("")
        importlib.invalidate_caches()
        return packs.load(["small.one", "small.two"])

    yield load
    for name in [each for each in sys.modules if each.split(".")[0] == "small"]:
        del sys.modules[name]


def test_an_instrument_and_its_provisions(write):
    law = write()
    assert list(law.register) == ["GB/T 1", "D2"]
    act = law.register["GB/T 1"]
    assert (act.key, act.title, act.issuer, act.number, act.grade, act.note) == (
        "GB/T 1", Text("某法", "Some Act"), Text("某部", "A ministry"), "第1号", "B",
        Text("注", "note"),
    )  # fmt: skip
    assert (act.made_on, act.published_on, act.in_force_from, act.repealed_on) == (
        date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 3), date(2040, 1, 4),
    )  # fmt: skip
    assert list(act.provisions) == ["一（二）", "三"]
    first, second = act.provisions.values()
    assert first.name == Text("一（二）", "Article 1 (2)")
    assert first.words == Text("应当备案。", "It is filed.")
    assert first.terms == (Term("备案", "filing"), Term("变更", "change"))
    assert (second.words, second.terms) == (Text("不得。", "It is not."), ())
    draft = law.register["D2"]
    assert (draft.number, draft.made_on, draft.in_force_from, draft.repealed_on, draft.note) == (
        None, None, None, None, NOTHING,
    )  # fmt: skip


def test_a_citation_as_json_is_what_a_reader_looks_up(write):
    (rule,) = write().rules["ONE-01"]
    assert rule.source.to_json() == {
        "instrument": "GB/T 1",
        "title": {"zh-hans": "某法", "en": "Some Act"},
        "issuer": {"zh-hans": "某部", "en": "A ministry"},
        "number": "第1号",
        "provision": {"zh-hans": "一（二）", "en": "Article 1 (2)"},
        "text": {"zh-hans": "应当备案。", "en": "It is filed."},
        "terms": [
            {"official": "备案", "english": "filing"},
            {"official": "变更", "english": "change"},
        ],
        "made_on": "2020-01-01",
        "published_on": "2020-01-02",
        "in_force_from": "2020-01-03",
        "repealed_on": "2040-01-04",
        "grade": "B",
        "note": {"zh-hans": "注", "en": "note"},
    }
    assert rule.source.named() == {
        "instrument": "GB/T 1",
        "title": {"zh-hans": "某法", "en": "Some Act"},
        "provision": {"zh-hans": "一（二）", "en": "Article 1 (2)"},
    }
    assert write().register["D2"].note.en == ""
    (watched,) = write().rules["TWO-01"]
    assert (watched.source.to_json()["note"], watched.source.to_json()["made_on"]) == (None, None)


def test_facts_with_their_form(write):
    facts = write().facts
    assert list(facts) == ["filed", "ended_on", "level", "way"]
    filed, ended_on, level, way = facts.values()
    assert (filed.name, filed.type, filed.label) == (
        "filed",
        FactType.BOOL,
        Text("已备案", "filed"),
    )
    assert (filed.choices, filed.minimum, filed.maximum, filed.event, filed.default) == (
        {}, None, None, None, None,
    )  # fmt: skip
    assert ended_on.event == Text("结束", "the end")
    assert (level.minimum, level.maximum) == (0, 5)
    assert (way.choices, way.default) == (
        {"x": Text("甲", "ex"), "y": Text("乙", "why")}, "x",
    )  # fmt: skip


def test_a_parameter_with_its_values(write):
    (parameter,) = write().parameters.values()
    first, second = parameter.values
    assert first.to_json() == {
        "name": "period",
        "label": {"zh-hans": "期限", "en": "Period"},
        "value": 5,
        "unit": "working-day",
        "shown": {"zh-hans": "5个工作日", "en": "5 working days"},
        "applies_from": "2020-01-03",
        "source": {
            "instrument": "GB/T 1",
            "title": {"zh-hans": "某法", "en": "Some Act"},
            "provision": {"zh-hans": "三", "en": "Article 3"},
        },
        "grade": "B",
    }
    assert (second.grade, second.shown.en, second.source.provision.name.en) == (
        "C", "1 working day", "Article 1 (2)",
    )  # fmt: skip
    assert parameter.on(date(2020, 12, 31)) is first
    assert parameter.on(date(2021, 1, 1)) is second


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("date", "2026-12-31", Text("2026年12月31日", "31 Dec 2026")),
        ("day-of-year", '"12-15"', Text("12月15日", "15 Dec")),
        ("day-of-following-month", 15, Text("次月15日", "day 15 of the following month")),
        ("times", "{low: 3, high: 5}", Text("3倍以上5倍以下", "3 times to 5 times")),
        ("list", "[a, b], words: {zh-hans: 甲, en: one}", Text("甲", "one")),
        ("list", "[a, b]", Text("a、b", "a, b")),
    ],
)
def test_a_value_reads_by_its_unit(write, unit, value, shown):
    words = FILES["parameters/period.yaml"].replace("working-day", unit)
    words = words.replace("{value: 5", f"{{value: {value}").partition("  2021")[0]
    (parameter,) = write({"parameters/period.yaml": words}).parameters.values()
    assert parameter.values[0].shown == shown


def test_a_rule_is_its_card_with_its_check(write):
    law = write()
    (rule,) = law.rules["ONE-01"]
    one, two = law.register["GB/T 1"].provisions.values()
    assert (rule.id, rule.title, rule.source.provision) == (
        "ONE-01", Text("须备案", "It must be filed"), one,
    )  # fmt: skip
    assert [cited.provision for cited in rule.also] == [two]
    assert rule.applies == Interval(date(2020, 1, 3), date(2030, 1, 1))
    assert (rule.grade, rule.binding, rule.gate, rule.verified_by) == ("C", False, "filing", None)
    assert rule.reasons == {"yes": Text("{filed}", "filed: {filed}")}
    assert rule.duties == {"it": Text("备案", "File it")}
    assert (rule.basis_rule, rule.topics, rule.jurisdiction) == (None, ("update",), "CN")
    assert rule.check.__module__ == "small.one.rules.one_01"
    (other,) = law.rules["TWO-01"]
    assert (other.also, other.gate, other.duties) == ((), Gate.NONE, {})
    assert (other.verified_by, other.jurisdiction) == ("Li Na", "US")
    assert (other.applies, other.topics) == (Interval(date(2025, 1, 1)), ("update", "recall"))


def test_a_card_may_name_who_checked_it_alone(write):
    card = FILES["rules/one_01.yaml"] + "verified_by: Wang Fang\n"
    (rule,) = write({"rules/one_01.yaml": card}).rules["ONE-01"]
    assert rule.verified_by == "Wang Fang"


def test_labels_scales_signers_and_contradictions(write):
    law = write()
    (label,) = law.labels["big"]
    assert (label.basis_rule, label.topics, label.check.__module__) == (
        "ONE-01", (), "small.one.labels.big",
    )  # fmt: skip
    scale = law.scales["sizes"]
    assert (scale.name, scale.title, scale.grade, scale.source.provision.name.en) == (
        "sizes", Text("大小", "Sizes"), "C", "Article 3",
    )  # fmt: skip
    assert scale.applies == Interval(date(2020, 1, 3))
    assert scale.classes == (
        ScaleClass("L", Text("大", "large"), frozenset({"big"})),
        ScaleClass("S", Text("小", "small"), frozenset()),
    )
    (signer,) = law.signers
    assert (signer.labels, signer.applies) == (frozenset({"big"}), Interval(date(2020, 1, 3)))
    assert signer.to_json() == {
        "party": "miit",
        "purpose": "receipt",
        "title": {"zh-hans": "签", "en": "signs"},
        "citation": signer.source.to_json(),
        "grade": "C",
    }
    assert signer.source.provision.name.zh_hans == "三"
    (row,) = law.contradictions
    assert (row.facts, row.words) == (
        {"filed": (True,), "level": (0, 1)}, Text("不可能。", "It cannot be."),
    )  # fmt: skip


def test_a_lexicon_of_claims(write):
    lexicon = write().wording["one"]
    (phrase,) = lexicon.phrases
    assert (phrase.name, phrase.claims, phrase.up_to_level, phrase.weight, phrase.grade) == (
        "autonomy", Claim.AUTONOMY, 2, Weight.WARNING, "D",
    )  # fmt: skip
    assert (phrase.why, phrase.instead) == (Text("因", "why"), Text("替", "instead"))
    assert phrase.source.provision.name.zh_hans == "三"
    assert phrase.pattern.search("a self  driving car").group() == "self  driving"
    assert not phrase.pattern.search("itself")
    assert not phrase.pattern.search("self2")
    assert phrase.pattern.search("自 - 动")
    (limit,) = lexicon.limits
    assert (limit.name, limit.label) == ("driver", Text("驾驶员", "driver"))
    assert limit.pattern.search("the driver is")
    assert (lexicon.limits_up_to_level, lexicon.limits_grade, lexicon.limits_why) == (
        3, "C", Text("缺", "lacks"),
    )  # fmt: skip
    assert lexicon.limits_source.provision.name.zh_hans == "一（二）"
    assert lexicon.denials.search("it is not so")
    assert list(write().wording) == ["one"]


def test_a_pack_says_what_it_is(write):
    law = write()
    one, two = law.packs
    assert (one.id, one.title, one.status, one.jurisdiction, one.verified) == (
        "one", Text("甲", "One"), "in force", "CN", False,
    )  # fmt: skip
    assert (one.verified_by, one.verified_on) == (None, None)
    assert (two.id, two.status, two.jurisdiction, two.verified) == ("two", "draft", "US", True)
    assert (two.verified_by, two.verified_on) == ("Li Na", "2026-11-20")
    assert [act.key for act in one.instruments] == ["GB/T 1"]
    assert [rule.id for rule in one.rules] == ["ONE-01"]
    assert [rule.id for rule in two.rules] == ["TWO-01"]


def test_the_digest_is_that_of_what_the_files_say(write):
    law = write()
    two = law.packs[1]
    folder = Folder("small.two")
    as_data = {
        name: digest(folder.yaml(name, kind))
        for name, kind in (("pack.yaml", "pack"), ("rules/two_01.yaml", "card"))
    }
    names = ("texts/d2.md", "helper.py", "rules/two_01.py", "__init__.py")
    as_text = {name: sha256_hex(OTHER[name].encode()) for name in names if name != "__init__.py"}
    assert two.digest == digest(as_data | as_text)
    assert law.digest == digest({pack.id: pack.digest for pack in law.packs})


CHANGES = (("words", "Words"), ("Two", "Twice"), ("= 1", "= 2"), ("Watched", "W"), ("ctx", "c"))


@pytest.mark.parametrize("file", sorted(OTHER.keys() - {"__init__.py"}))
def test_every_file_that_can_change_an_answer_changes_the_digest(write, file):
    before = write().digest
    for old, new in (
        ("words", "Words"),
        ("Two", "Twice"),
        ("= 1", "= 2"),
        ("Watched", "W"),
        ("ctx", "c"),
    ):
        if old in OTHER[file]:
            assert write(two={file: OTHER[file].replace(old, new)}).digest != before
            return
    pytest.fail(f"nothing changed in {file}")


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


def test_what_may_be_missing_may_be_put_into_words_of_the_card(write):
    words = 'reasons:\n  missing: {zh-hans: "缺{missing}", en: "lacks {missing}"}\n'
    card = FILES["rules/one_01.yaml"].replace("reasons:\n", words)
    (rule,) = write({"rules/one_01.yaml": card}).rules["ONE-01"]
    assert rule.reasons["missing"].en == "lacks {missing}"


def test_a_pack_needs_no_more_than_its_row(write):
    bare = {path: words for path, words in OTHER.items() if path in {"__init__.py", "pack.yaml"}}
    law = write(two=bare | {"pack.yaml": OTHER["pack.yaml"]})
    assert law.packs[1].jurisdiction == "US"


def test_cards_of_one_id_stand_in_the_order_of_time(write):
    card = OTHER["rules/two_01.yaml"]
    later = card.replace("from: 2025-01-01", "from: 2026-01-01")
    first = card.replace("from: 2025-01-01", "from: 2025-01-01, until: 2026-01-01")
    check = OTHER["rules/two_01.py"]
    law = write(
        two={
            "rules/two_00.yaml": later, "rules/two_00.py": check, "rules/two_01.yaml": first,
        }
    )  # fmt: skip
    assert [rule.applies.since.year for rule in law.rules["TWO-01"]] == [2025, 2026]
    assert [rule.applies.since.year for rule in law.packs[1].rules] == [2026, 2025]


def test_line_ends_of_another_platform_are_the_same_text(write, tmp_path):
    before = write().digest
    for path in (tmp_path / "small").rglob("*.*"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert packs.load(["small.one", "small.two"]).digest == before


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


def test_a_pack_is_called_by_the_last_part_of_its_package(write):
    write()
    folder = Folder("small.one")
    folder.package = "far.away.one"
    assert folder.name("facts.yaml") == "one/facts.yaml"


def test_what_python_quotes_is_told_without_quotes(write):
    write()

    def make():
        raise KeyError("Xx of it")

    with pytest.raises(BadPack) as refused:
        packs._made(Folder("small.one"), "facts.yaml", make)
    assert str(refused.value) == LINE.format("one/facts.yaml", "Xx of it")


def test_a_term_may_hold_an_equals_sign():
    assert _term("甲 = a = b") == Term("甲", "a = b")
