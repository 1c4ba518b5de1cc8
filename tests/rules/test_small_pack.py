"""What is read from two small packs, word for word."""

from datetime import date

import pytest

from roadworthy.kernel.canonical import digest, sha256_hex
from roadworthy.kernel.intervals import Interval
from roadworthy.rules import packs
from roadworthy.rules.answers import Gate
from roadworthy.rules.cards import ScaleClass
from roadworthy.rules.facts import FactType
from roadworthy.rules.instruments import Term, _term
from roadworthy.rules.packs import Folder
from roadworthy.rules.text import NOTHING, Text
from roadworthy.rules.wording import Claim, Weight
from tests.rules.small_packs import FILES, OTHER


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


def test_a_pack_is_called_by_the_last_part_of_its_package(write):
    write()
    folder = Folder("small.one")
    folder.package = "far.away.one"
    assert folder.name("facts.yaml") == "one/facts.yaml"


def test_a_term_may_hold_an_equals_sign():
    assert _term("甲 = a = b") == Term("甲", "a = b")
