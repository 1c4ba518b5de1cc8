"""The engine on rules made here, so that it is known to know no law."""

from datetime import date

import pytest

from roadworthy.kernel.calendar import PRC
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.intervals import Interval
from roadworthy.rules.answers import Due, DueKind, Gate, Outcome
from roadworthy.rules.cards import Rule
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE, IMMEDIATE, PROMPT
from roadworthy.rules.engine import evaluate
from roadworthy.rules.facts import parse_fact
from roadworthy.rules.instruments import Cited, Grade, Instrument, Provision
from roadworthy.rules.parameters import NotInForce, parse_parameter
from roadworthy.rules.reading import Ground
from roadworthy.rules.text import NOTHING, Text

DAY = date(2025, 6, 9)
WORDS = Text("词", "words")
ACT = Instrument(
    key="ACT", title=WORDS, issuer=WORDS, number=None, made_on=None, published_on=None,
    in_force_from=date(2020, 1, 1), repealed_on=None, grade=Grade.B, note=NOTHING,
    provisions={"一": Provision(Text("一", "1"), WORDS, ())},
)  # fmt: skip
SOURCE = Cited(ACT, ACT.provisions["一"])
LABEL = {"zh-hans": "事实", "en": "the fact"}
FACTS = {
    name: parse_fact(name, {"label": LABEL} | raw)
    for name, raw in {
        "filed": {"type": "bool"},
        "checked": {"type": "bool"},
        "ended_on": {"type": "date", "event": {"zh-hans": "结束", "en": "the end"}},
        "way": {"type": "choice", "choices": {"x": LABEL, "y": LABEL}, "default": "x"},
        "roll_last_day": {"type": "bool", "default": True},
        "today": {"type": "date"},
    }.items()
}
LEAD = {
    "label": LABEL,
    "unit": "working-day",
    "values": {
        "2022-01-01": {"value": 10, "source": {"instrument": "ACT", "provision": "一"}},
        "2025-06-01": {"value": 5, "source": {"instrument": "ACT", "provision": "一"}},
    },
}
PARAMETERS = {"lead": parse_parameter("lead", LEAD, {"ACT": ACT})}


def rule(check, **changes):
    card = {
        "id": "R-1", "title": WORDS, "source": SOURCE, "also": (),
        "applies": Interval(date(2022, 1, 1)), "grade": Grade.B, "binding": True,
        "gate": Gate.RELEASE, "verified_by": None, "duties": {"it": WORDS}, "basis_rule": None,
        "reasons": {"yes": Text("{filed}", "filed: {filed}"), "no": WORDS}, "check": check,
    }  # fmt: skip
    return Rule(**(card | changes))


def ground(as_of=DAY, labels=None, **facts):
    return Ground(as_of, facts, FACTS, PARAMETERS, labels or {}, PRC)


def ask(check, on=None, **changes):
    (finding,) = evaluate([rule(check, **changes)], on or ground())
    return finding


def test_what_a_rule_reads_is_in_its_finding():
    def check(ctx):
        ctx.parameter("lead")
        return ctx.met("yes") if ctx.fact("filed") else ctx.broken("no")

    finding = ask(check, ground(filed=True, checked=False))
    assert finding.outcome is Outcome.MET
    assert {read.definition.name: read.value for read in finding.facts} == {"filed": True}
    (value,) = finding.values
    assert (value.value, value.applies_from, value.source) == (5, date(2025, 6, 1), SOURCE)
    assert finding.why == {"zh-hans": "是", "en": "filed: yes"}
    assert finding.source.citation == Citation("ACT", "一")


@pytest.mark.parametrize(("as_of", "lead"), [("2025-05-31", 10), ("2025-06-01", 5)])
def test_a_value_is_the_one_of_the_day(as_of, lead):
    def check(ctx):
        return ctx.met("no") if ctx.parameter("lead") == lead else ctx.broken("no")

    assert ask(check, ground(date.fromisoformat(as_of))).outcome is Outcome.MET


def test_before_its_first_value_a_parameter_has_none():
    with pytest.raises(NotInForce, match=r"no value on 2021-12-31; its first .* 2022-01-01"):
        PARAMETERS["lead"].on(date(2021, 12, 31))


def test_a_missing_fact_names_itself_and_keeps_what_is_owed():
    def check(ctx):
        ctx.owe("it", BEFORE_RELEASE)
        return ctx.met("yes") if ctx.fact("filed") else ctx.broken("no")

    finding = ask(check)
    assert finding.outcome is Outcome.UNDETERMINED
    assert [fact.name for fact in finding.missing] == ["filed"]
    assert finding.facts == ()
    assert finding.why == {"zh-hans": "缺少事实：“事实”。", "en": "Missing fact: “the fact”."}
    assert [owed.key for owed in finding.obligations] == ["R-1"]


def test_a_rule_is_asked_from_its_first_day_to_the_day_before_its_end():
    asked = rule(lambda ctx: ctx.met("no"), applies=Interval(date(2025, 6, 9), date(2025, 6, 11)))
    days = [date(2025, 6, day) for day in (8, 9, 10, 11)]
    assert [len(evaluate([asked], ground(day))) for day in days] == [0, 1, 1, 0]


def test_a_reason_without_words_is_a_bug():
    with pytest.raises(KeyError, match="no words for the reason maybe"):
        ask(lambda ctx: ctx.met("maybe"))


def test_a_fact_without_a_definition_is_a_bug():
    with pytest.raises(KeyError):
        ask(lambda ctx: ctx.fact("nonsense"))


def test_one_true_fact_makes_the_missing_ones_moot():
    context = Context(ground(checked=True))
    assert context.any_of("filed", "checked")
    assert ask(
        lambda ctx: ctx.met("no") if ctx.any_of("filed", "checked") else ctx.broken("no"),
        ground(filed=False),
    ).missing == (FACTS["checked"],)
    assert not Context(ground(filed=False, checked=False)).any_of("filed", "checked")


def test_one_other_value_makes_the_missing_ones_moot():
    assert not Context(ground(checked=False)).all_are(True, "filed", "checked")
    assert Context(ground(checked=True, filed=True)).all_are(True, "filed", "checked")


def label(outcome_fact):
    return rule(lambda ctx: ctx.met("no") if ctx.fact(outcome_fact) else ctx.not_applicable("no"))


def test_labels_combine_like_facts_and_count_among_what_was_read():
    labels = {"one": label("filed"), "two": label("checked")}
    assert Context(ground(labels=labels, checked=True)).any_label("one", "two")
    assert not Context(ground(labels=labels, checked=False)).all_labels("one", "two")
    context = Context(ground(labels=labels, filed=True, checked=True))
    assert context.all_labels("one", "two")
    assert context.facts_read == {"filed": True, "checked": True}
    assert ask(
        lambda ctx: ctx.met("no") if ctx.any_label("one", "two") else ctx.broken("no"),
        ground(labels=labels, filed=False),
    ).missing == (FACTS["checked"],)


def test_a_label_that_is_not_in_force_does_not_hold():
    assert not Context(ground(labels={"one": None})).label("one")


def test_a_label_nobody_declared_is_a_bug():
    with pytest.raises(KeyError):
        Context(ground()).label("one")


def test_a_setting_is_read_by_its_default_and_written_down():
    context = Context(ground())
    assert context.fact("way") == "x"
    assert context.facts_read == {"way": "x"}
    assert Context(ground(way="y")).fact("way") == "y"


def test_only_events_can_have_not_happened():
    assert Context(ground()).event("ended_on") is None
    with pytest.raises(KeyError, match="not an event"):
        Context(ground()).event("filed")
    with pytest.raises(KeyError, match="not an event"):
        Context(ground()).once("filed")


def test_a_deadline_waits_for_its_event_and_then_has_a_day():
    waiting = Context(ground()).after("ended_on", "lead")
    assert (waiting.kind, waiting.date, waiting.working_days) == (DueKind.AFTER_EVENT, None, 5)
    assert waiting.basis.en == "within 5 working days of the end"
    running = Context(ground(ended_on=DAY)).after("ended_on", "lead")
    assert (running.kind, running.date) == (DueKind.DATE, date(2025, 6, 16))
    assert running.basis.en == "within 5 working days of the end on 9 Jun 2025"
    assert running.basis.zh_hans == "结束（2025年6月9日）后5个工作日内"


def test_what_is_owed_together_with_an_event_is_owed_on_its_day():
    waiting = Context(ground()).together("ended_on")
    assert (waiting.kind, waiting.date, waiting.event) == (DueKind.AFTER_EVENT, None, "ended_on")
    assert waiting.basis == Text("与结束同时", "together with the end")
    on_the_day = Context(ground(ended_on=DAY)).together("ended_on")
    assert (on_the_day.kind, on_the_day.date, on_the_day.working_days) == (DueKind.DATE, DAY, None)
    assert on_the_day.event == "ended_on"
    assert on_the_day.basis == Text(
        "与结束（2025年6月9日）同时", "together with the end on 9 Jun 2025"
    )


def test_a_deadline_in_words_has_no_number():
    for due in (IMMEDIATE, PROMPT):
        assert (due.date, due.working_days, due.months) == (None, None, None)
        assert "without a number" in due.basis.en
        with pytest.raises(ValueError, match="has no day"):
            _ = due.day


def test_a_provisional_day_marks_the_finding():
    def check(ctx):
        return ctx.in_time("it", due=ctx.after("ended_on", "lead"), done=None)

    reasons = dict.fromkeys(("in_time", "late", "overdue", "not_due", "not_yet"), WORDS)
    far = ask(check, ground(ended_on=date(2031, 6, 9)), reasons=reasons)
    assert far.provisional
    assert "2031" in far.obligations[0].due.basis.en
    assert not ask(check, ground(ended_on=DAY), reasons=reasons).provisional


def test_obligations_of_several_parts_and_of_a_series_have_keys_of_their_own():
    def check(ctx):
        ctx.owe("it", IMMEDIATE)
        ctx.owe("other", BEFORE_RELEASE, fulfilled=True, nth=2)
        return ctx.met("no")

    finding = ask(check, duties={"it": WORDS, "other": Text("第{nth}次", "number {nth}")})
    assert [owed.key for owed in finding.obligations] == ["R-1.it", "R-1.other/2"]
    assert finding.obligations[1].title.en == "number 2"


def test_dues_come_in_the_order_of_urgency():
    dues = [
        Due(DueKind.AFTER_EVENT, WORDS),
        Due(DueKind.BEFORE_RELEASE, WORDS),
        Due(DueKind.DATE, WORDS, date=date(2025, 7, 1)),
        Due(DueKind.DATE, WORDS, date=date(2025, 6, 1)),
        Due(DueKind.PROMPT, WORDS),
        Due(DueKind.IMMEDIATE, WORDS),
    ]
    assert sorted(dues, key=lambda due: due.order) == dues[::-1]


def test_what_is_owed_under_a_checked_rule_is_checked():
    def check(ctx):
        ctx.owe("it", BEFORE_RELEASE)
        return ctx.met("no")

    assert [owed.verified for owed in ask(check).obligations] == [False]
    assert [owed.verified for owed in ask(check, verified_by="Li Na").obligations] == [True]
