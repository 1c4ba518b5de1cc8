"""The marketing text check, on texts such as people write."""

import re
from dataclasses import replace
from datetime import date
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.law import wording
from roadworthy.law.rulebook import Outcome, rulebook
from roadworthy.rules import strict_yaml
from roadworthy.rules.wording import Claim, Hit, Kind, Weight, _longest, _pattern

DAY = date(2026, 8, 18)
LEXICON = rulebook().law.wording[wording.PACK]
LISTED = resources.files("roadworthy.law.cn_n45") / "wording.yaml"
WORDS = [
    (name, word)
    for name, row in strict_yaml.load(LISTED.read_text("utf-8"))["phrases"].items()
    for word in (*row["zh-hans"], *row["en"])
]
COMPLETE = "驾驶员须随时接管。仅在高速公路可用。"


def asked(words, *, level=2, kind=Kind.NAME, as_of=DAY):
    return wording.check_text(rulebook(), words, kind=kind, level=level, as_of=as_of)


def faults(words, **how):
    return [hit.phrase.name for hit in asked(words, **how).checked.hits if hit.counts]


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        ("全新自动驾驶系统", "autonomy"),
        ("自 动 驾 驶", "autonomy"),
        ("自·动·驾·驶 Pro", "autonomy"),
        ("ＳＥＬＦ－ＤＲＩＶＩＮＧ", "autonomy"),
        ("The car drives itself on the motorway", "autonomy"),
        ("真正解放双手", "hands_off"),
        ("Hands-free driving for everyone", "hands_off"),
        ("路上可以看电影", "eyes_off"),
        ("全程零接管", "no_takeover"),
        ("driverless parking", "driverless"),
        ("任何路况都能开", "everywhere"),
    ],
)
def test_a_claim_is_found_however_it_is_written(words, phrase):
    assert phrase in faults(words)
    assert asked(words).finding.outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    "words",
    [
        "本系统不是自动驾驶",
        "本功能并非无人驾驶系统",
        "This is not a self-driving system",
        "The system does not make this an autonomous vehicle",
        "请勿脱手驾驶",
        "Never drive hands-free",
        "自动驾驶不可用",
    ],
)
def test_a_claim_that_its_own_clause_denies_is_no_claim(words):
    answer = asked(words)
    assert answer.checked.hits
    assert all(hit.denied for hit in answer.checked.hits)
    assert answer.finding.outcome is Outcome.MET


@pytest.mark.parametrize(
    "words",
    [
        "不仅是辅助，更是自动驾驶",
        "It is not only assistance but self-driving",
        "自动驾驶，请勿错过",
        "Self-driving. Do not miss it.",
    ],
)
def test_a_denial_of_something_else_excuses_nothing(words):
    assert faults(words) == ["autonomy"]


@pytest.mark.parametrize("words", ["高阶智驾", "Autopilot", "L2.9级", "点到点领航"])
def test_words_that_no_law_names_are_warnings_and_decide_nothing(words):
    answer = asked(words)
    assert {hit.phrase.weight for hit in answer.checked.hits} == {Weight.WARNING}
    assert {hit.phrase.grade for hit in answer.checked.hits} == {"D"}
    assert answer.finding.outcome is Outcome.MET


@pytest.mark.parametrize(("level", "found"), [(2, ["autonomy"]), (3, []), (5, [])])
def test_what_is_automated_driving_may_be_called_so(level, found):
    assert faults("自动驾驶", level=level) == found


def test_a_driver_is_needed_up_to_level_3():
    assert faults("无人驾驶", level=3) == ["driverless"]
    assert faults("无人驾驶", level=4) == []


def test_a_description_says_who_drives_and_under_what_conditions():
    lacking = asked("车道居中与自适应巡航", kind=Kind.DESCRIPTION)
    assert [limit.name for limit in lacking.checked.absent] == ["driver", "conditions"]
    assert lacking.finding.reason == "no_limits"
    assert asked(COMPLETE, kind=Kind.DESCRIPTION).finding.outcome is Outcome.MET
    half = asked("The driver supervises at all times.", kind=Kind.DESCRIPTION)
    assert [limit.name for limit in half.checked.absent] == ["conditions"]


def test_the_words_of_a_claim_are_no_limit():
    answer = asked("A driverless car.", kind=Kind.DESCRIPTION)
    assert [limit.name for limit in answer.checked.absent] == ["driver", "conditions"]


@pytest.mark.parametrize("kind", [Kind.NAME, Kind.INTERFACE])
def test_a_name_and_a_label_need_not_state_limits(kind):
    assert asked("车道居中", kind=kind).checked.absent == ()


def test_a_hit_points_at_its_words_in_the_text_as_it_was_given():
    words = "新款ＳＥＬＦ driving，请注意"
    (hit,) = asked(words).checked.hits
    assert words[hit.start : hit.end] == hit.found == "ＳＥＬＦ driving"


def test_every_hit_says_why_what_instead_and_on_what_ground():
    told = asked("自动驾驶，解放双手", kind=Kind.DESCRIPTION).to_json()
    assert [hit["claims"] for hit in told["hits"]] == [Claim.AUTONOMY, Claim.CAPABILITY]
    for one in (*told["hits"], *told["absent"]):
        assert one["why"]["zh-hans"]
        assert one["why"]["en"]
        assert one["citation"]["provision"]
    assert told["evaluation"]["findings"][0]["rule_id"] == "N45-13"


def test_before_the_notice_claims_are_found_and_no_rule_speaks():
    answer = asked("自动驾驶", as_of=date(2025, 2, 27))
    assert answer.checked.hits
    assert answer.finding is None


@pytest.mark.parametrize(
    ("words", "level", "fault"),
    [
        (" \n", 2, wording.NoText),
        ("字" * 20_001, 2, wording.TextTooLong),
        ("字", 6, wording.NoSuchLevel),
        ("字", -1, wording.NoSuchLevel),
    ],
)
def test_what_cannot_be_checked_is_refused(words, level, fault):
    with pytest.raises(fault):
        asked(words, level=level)


@given(st.text(min_size=1).filter(str.strip), st.integers(0, 5), st.sampled_from(Kind))
def test_any_text_is_answered_and_its_hits_lie_in_it(words, level, kind):
    for hit in asked(words, level=level, kind=kind).checked.hits:
        assert 0 <= hit.start < hit.end <= len(words)
        assert words[hit.start : hit.end] == hit.found


@given(st.text(), st.text())
def test_a_claim_stays_a_claim_whatever_stands_in_other_sentences(before, after):
    assert "autonomy" in faults(f"{before}\n自动驾驶\n{after}")


@pytest.mark.parametrize(("name", "word"), WORDS, ids=[f"{n}: {w}" for n, w in WORDS])
def test_every_listed_word_is_found_by_its_own_phrase(name, word):
    (phrase,) = [one for one in LEXICON.phrases if one.name == name]
    told = asked(f"X {word} X", level=phrase.up_to_level).checked
    assert name in {hit.phrase.name for hit in told.hits}


def test_an_answer_as_json_says_what_stands_where_and_what_is_not_said():
    answer = asked("新款自动驾驶", kind=Kind.DESCRIPTION)
    (hit,) = answer.checked.hits
    lexicon = rulebook().law.wording[wording.PACK]
    phrase = hit.phrase
    told = answer.to_json()
    assert told.pop("evaluation") == answer.evaluation.to_json()
    assert told == {
        "kind": "description",
        "level": 2,
        "hits": [
            {
                "phrase": "autonomy",
                "start": 2,
                "end": 6,
                "found": "自动驾驶",
                "claims": "autonomy",
                "weight": "fault",
                "denied": False,
                "why": phrase.why.to_json(),
                "instead": phrase.instead.to_json(),
                "citation": phrase.source.to_json(),
                "grade": "C",
            }
        ],
        "absent": [
            {
                "limit": limit.name,
                "label": limit.label.to_json(),
                "why": lexicon.limits_why.to_json(),
                "citation": lexicon.limits_source.to_json(),
                "grade": "C",
            }
            for limit in lexicon.limits
        ],
    }
    assert [limit.name for limit in lexicon.limits] == ["driver", "conditions"]


def test_the_longest_text_is_still_checked():
    assert asked("字" * 20_000).finding.outcome is Outcome.MET
    with pytest.raises(wording.TextTooLong) as refused:
        asked("字" * 20_001)
    assert str(refused.value) == (
        "The text has 20001 characters; at most 20000 are checked at once."
    )


def test_a_level_that_does_not_exist_is_named():
    with pytest.raises(wording.NoSuchLevel, match="Level 6 does not exist"):
        asked("字", level=6)


def test_of_two_readings_of_the_same_words_the_longer_one_is_told():
    (hit,) = [hit for hit in asked("fully autonomous driving").checked.hits if hit.counts][:1]
    assert (hit.start, hit.found) == (0, "fully autonomous")
    hits = asked("自动驾驶，自动驾驶").checked.hits
    assert [(hit.start, hit.end) for hit in hits] == [(0, 4), (5, 9)]


def test_only_a_claim_of_its_kind_becomes_its_fact():
    both = {"text_states_autonomy", "text_claims_absent_capability"}

    def claimed(words):
        facts = wording.facts_of(asked(words).checked, 2)
        return {name for name in both if facts[name]}

    assert claimed("自动驾驶") == {"text_states_autonomy"}
    assert claimed("解放双手") == {"text_claims_absent_capability"}
    assert claimed("车道居中") == set()


def made(start, end, name="one"):
    (phrase, *_) = rulebook().law.wording[wording.PACK].phrases
    return Hit(replace(phrase, name=name), start, end, "", denied=False)


def test_hits_of_one_phrase_that_lie_in_each_other_are_one():
    inner, outer, later, other = made(0, 1), made(0, 4), made(4, 6), made(1, 3, "two")
    assert list(_longest([inner, later, other, outer])) == [outer, other, later]
    assert list(_longest([outer, outer])) == [outer]


def test_a_hit_of_one_letter_at_the_very_beginning_is_a_hit():
    assert list(_longest([made(0, 1)])) == [made(0, 1)]


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("supervis*", "supervision", True),
        ("supervis*", "supervis", True),
        ("supervis*", "unsupervised", False),
        ("driverless car", "driverless  cars", True),
        ("driverless car", "driverless cargo", False),
        ("hands off", "hands offered", False),
    ],
)
def test_an_english_word_ends_where_it_ends_and_a_stem_takes_any_ending(word, text, found):
    assert (re.fullmatch(_pattern(word), text) is not None) is found
    assert (re.search(_pattern(word), f"so {text}, then") is not None) is found
