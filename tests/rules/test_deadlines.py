"""Each kind of deadline as a rule counts it out and as it is told, on rules made here."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from roadworthy.kernel.calendar import PRC, SHANGHAI
from roadworthy.rules import deadlines
from roadworthy.rules.answers import DueKind, Outcome
from roadworthy.rules.context import Context
from roadworthy.rules.facts import parse_fact
from roadworthy.rules.parameters import parse_parameter
from roadworthy.rules.reading import Ground
from tests.rules.test_rule_engine import ACT

NAME = {"zh-hans": "某事", "en": "something"}
END = {"zh-hans": "结束", "en": "the end"}
FACTS = {
    name: parse_fact(name, {"label": NAME} | raw)
    for name, raw in {
        "ended_on": {"type": "date", "event": END},
        "ended_at": {"type": "instant", "event": END},
        "filed": {"type": "bool"},
        "way": {"type": "choice", "choices": {"x": NAME}},
        "roll_last_day": {"type": "bool", "default": True},
        "own_hours_immediate": {"type": "int"},
        "own_hours_prompt": {"type": "int"},
        "today": {"type": "date"},
        "now": {"type": "instant"},
    }.items()
}
UNITS = {
    "working_days": ("working-day", 5),
    "months": ("month", 6),
    "years": ("year", 3),
    "days": ("day", 10),
    "hours": ("hour", 12),
    "last_day": ("date", "2026-12-31"),
    "each_year": ("day-of-year", "12-15"),
    "next_month": ("day-of-following-month", 15),
}
PARAMETERS = {
    name: parse_parameter(
        name,
        {
            "label": NAME,
            "unit": unit,
            "values": {
                "2020-01-01": {
                    "value": value,
                    "source": {"instrument": "ACT", "provision": "一"},
                }
            },
        },
        {"ACT": ACT},
    )
    for name, (unit, value) in UNITS.items()
}
DAY = date(2025, 6, 9)
AT = datetime(2025, 6, 9, 22, 30, tzinfo=SHANGHAI)


def context(as_of=DAY, **facts):
    return Context(Ground(as_of, facts, FACTS, PARAMETERS, {}, PRC))


def told(due):
    """Return what a due date says, without what it does not."""
    empty = {None, False}
    return {name: value for name, value in vars(due).items() if value not in empty}


def words(due):
    return due.basis.zh_hans, due.basis.en


def test_working_days_run_from_the_day_after_the_event():
    due = context(ended_on=DAY).after("ended_on", "working_days")
    assert words(due) == (
        "结束（2025年6月9日）后5个工作日内",
        "within 5 working days of the end on 9 Jun 2025",
    )
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": date(2025, 6, 16), "working_days": 5, "event": "ended_on",
    }  # fmt: skip


def test_before_the_event_only_its_words_are_known():
    due = context().after("ended_on", "working_days")
    assert words(due) == ("结束后5个工作日内", "within 5 working days of the end")
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.AFTER_EVENT, "working_days": 5, "event": "ended_on",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parameter", "day", "kept", "en"),
    [
        ("months", date(2025, 12, 9), {"months": 6}, "6 months"),
        ("years", date(2028, 6, 9), {"years": 3}, "3 years"),
        ("days", date(2025, 6, 19), {"days": 10}, "10 calendar days"),
    ],
)
def test_months_years_and_calendar_days_count_by_the_date(parameter, day, kept, en):
    due = context(ended_on=DAY).after("ended_on", parameter)
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": day, "event": "ended_on", **kept,
    }  # fmt: skip
    assert due.basis.en == f"within {en} of the end on 9 Jun 2025"
    waits = context().after("ended_on", parameter)
    assert told(replace(waits, basis=None)) == {
        "kind": DueKind.AFTER_EVENT, "event": "ended_on", **kept,
    }  # fmt: skip


def test_hours_run_by_the_clock_into_the_next_day():
    due = context(ended_at=AT).after("ended_at", "hours")
    assert words(due) == (
        "结束（2025年6月9日22:30）后12小时内",
        "within 12 hours of the end on 9 Jun 2025, 22:30 (CST)",
    )
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": date(2025, 6, 10), "hours": 12, "event": "ended_at",
        "instant": datetime(2025, 6, 10, 10, 30, tzinfo=SHANGHAI),
    }  # fmt: skip
    waits = context().after("ended_at", "hours")
    assert told(replace(waits, basis=None)) == {
        "kind": DueKind.AFTER_EVENT, "hours": 12, "event": "ended_at",
    }  # fmt: skip


def test_days_run_from_the_day_of_an_instant():
    assert context(ended_at=AT).after("ended_at", "working_days").date == date(2025, 6, 16)


def test_the_nth_of_a_series_is_due_after_n_periods():
    due = context(ended_on=DAY).after("ended_on", "months", times=2)
    assert (due.date, due.months) == (date(2026, 6, 9), 12)


def test_a_last_day_of_rest_moves_a_month_and_says_from_where():
    event = date(2024, 12, 1)  # six months later is the Dragon Boat holiday
    due = context(ended_on=event).after("ended_on", "months")
    assert (due.date, due.moved_from) == (date(2025, 6, 3), date(2025, 6, 1))
    assert words(due) == (
        "结束（2024年12月1日）后6个月内；原届满日2025年6月1日（星期日）为休息日，顺延",
        "within 6 months of the end on 1 Dec 2024; moved from Sunday 1 Jun 2025, a rest day",
    )
    still = context(ended_on=event, roll_last_day=False).after("ended_on", "months")
    assert (still.date, still.moved_from) == (date(2025, 6, 1), None)
    years = context(ended_on=date(2022, 6, 1)).after("ended_on", "years")
    assert (years.date, years.moved_from) == (date(2025, 6, 1), None)


def test_a_day_of_an_unknown_year_is_provisional_and_says_which_year():
    asked = context(ended_on=date(2031, 6, 9))
    due = asked.after("ended_on", "working_days")
    assert (due.provisional, asked.provisional) == (True, True)
    assert words(due) == (
        "结束（2031年6月9日）后5个工作日内；2031年放假安排未知，暂按周一至周五推算",
        (
            "within 5 working days of the end on 9 Jun 2031; "
            "provisional: the 2031 holiday notice is not known, weekdays were counted"
        ),
    )


def test_records_are_kept_until_a_day_that_the_event_fixes():
    due = context(ended_on=DAY).kept_after("ended_on", "years")
    assert words(due) == (
        "自结束（2025年6月9日）起保存至少3年",
        "kept for at least 3 years from the end on 9 Jun 2025",
    )
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.KEEP_UNTIL, "date": date(2028, 6, 9), "years": 3, "event": "ended_on",
    }  # fmt: skip
    waits = context().kept_after("ended_on", "years")
    assert words(waits) == ("自结束起保存至少3年", "kept for at least 3 years from the end")
    assert told(replace(waits, basis=None)) == {
        "kind": DueKind.KEEP_UNTIL, "years": 3, "event": "ended_on",
    }  # fmt: skip


def test_a_day_that_the_provision_names():
    due = context().by("last_day")
    assert words(due) == ("最迟2026年12月31日", "by 31 Dec 2026")
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": date(2026, 12, 31),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("since", "day"),
    [
        (date(2025, 12, 14), date(2025, 12, 15)),
        (date(2025, 12, 15), date(2025, 12, 15)),
        (date(2025, 12, 16), date(2026, 12, 15)),
    ],
)
def test_a_day_of_each_year_is_the_next_one(since, day):
    due = context().yearly("each_year", since)
    assert words(due) == ("每年12月15日之前", "by 15 Dec of each year")
    assert told(replace(due, basis=None)) == {"kind": DueKind.DATE, "date": day}


@pytest.mark.parametrize(
    ("event", "day"),
    [
        (date(2025, 6, 9), date(2025, 7, 15)),
        (date(2025, 11, 30), date(2025, 12, 15)),
        (date(2025, 12, 1), date(2026, 1, 15)),
    ],
)
def test_a_day_of_the_month_after_the_event(event, day):
    due = context(ended_on=event).in_following_month("ended_on", "next_month")
    assert words(due) == (
        "结束的次月15日之前",
        "by day 15 of the following month, counted from the end",
    )
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": day, "event": "ended_on",
    }  # fmt: skip
    waits = context().in_following_month("ended_on", "next_month")
    assert words(waits) == words(due)
    assert told(replace(waits, basis=None)) == {
        "kind": DueKind.AFTER_EVENT, "event": "ended_on",
    }  # fmt: skip


def test_a_lead_time_ends_before_the_release():
    due = context(ended_on=date(2025, 6, 16)).before("ended_on", "working_days")
    assert words(due) == (
        "计划发布日（2025年6月16日）前至少5个工作日",
        "at least 5 working days before the planned release on 16 Jun 2025",
    )
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": date(2025, 6, 9), "working_days": 5, "event": "ended_on",
    }  # fmt: skip
    waits = context().before("ended_on", "working_days")
    assert words(waits) == ("发布前至少5个工作日", "at least 5 working days before release")
    assert told(replace(waits, basis=None)) == {
        "kind": DueKind.BEFORE_RELEASE, "working_days": 5, "event": "ended_on",
    }  # fmt: skip


def test_a_window_opens_and_closes_before_the_release():
    due = context(ended_on=date(2025, 6, 16)).window("ended_on", "working_days")
    assert words(due) == (
        "计划发布日（2025年6月16日）前5个工作日之内",
        "within the 5 working days before the planned release on 16 Jun 2025",
    )
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": date(2025, 6, 13), "not_before": date(2025, 6, 9),
        "working_days": 5, "event": "ended_on",
    }  # fmt: skip
    waits = context().window("ended_on", "working_days")
    assert words(waits) == ("发布前5个工作日之内", "within the 5 working days before release")
    assert told(replace(waits, basis=None)) == {
        "kind": DueKind.BEFORE_RELEASE, "working_days": 5, "event": "ended_on",
    }  # fmt: skip


@pytest.mark.parametrize("way", ["before", "window"])
def test_a_lead_time_in_an_unknown_year_makes_the_finding_provisional(way):
    asked = context(ended_on=date(2031, 6, 16))
    assert getattr(asked, way)("ended_on", "working_days").provisional
    assert asked.provisional


def test_what_follows_an_event_without_a_period():
    once = context().once("ended_on")
    assert words(once) == ("结束后", "after the end")
    assert told(replace(once, basis=None)) == {
        "kind": DueKind.AFTER_EVENT, "event": "ended_on",
    }  # fmt: skip
    waits = context().together("ended_on")
    assert words(waits) == ("与结束同时", "together with the end")
    assert told(replace(waits, basis=None)) == told(replace(once, basis=None))
    due = context(ended_on=DAY).together("ended_on")
    assert words(due) == ("与结束（2025年6月9日）同时", "together with the end on 9 Jun 2025")
    assert told(replace(due, basis=None)) == {
        "kind": DueKind.DATE, "date": DAY, "event": "ended_on",
    }  # fmt: skip


def test_before_a_step_says_which():
    due = deadlines.before_step("上市前", "before the sale")
    assert (due.kind, words(due)) == (DueKind.BEFORE_STEP, ("上市前", "before the sale"))


def test_the_enterprises_own_limit_stands_beside_the_laws_word():
    asked = context(own_hours_immediate=1, own_hours_prompt=48)
    assert words(asked.at_once()) == (
        "法律用语为“立即”，没有规定天数；企业自定时限1小时（非法律规定）",
        (
            "the law says “immediately”, without a number; "
            "the enterprise's own limit is 1 hour (not the law's)"
        ),
    )
    assert (asked.at_once().own_hours, asked.promptly().own_hours) == (1, 48)
    assert asked.promptly().basis.en.endswith("own limit is 48 hours (not the law's)")
    assert context().promptly() == deadlines.PROMPT
    assert context().at_once() == deadlines.IMMEDIATE
    assert deadlines.with_own_limit(deadlines.PROMPT, None) is deadlines.PROMPT


@pytest.mark.parametrize(
    ("done", "today", "outcome", "reason"),
    [
        (date(2025, 6, 16), DAY, Outcome.MET, "in_time"),
        (date(2025, 6, 17), DAY, Outcome.BROKEN, "late"),
        (None, date(2025, 6, 16), Outcome.NOT_APPLICABLE, "not_due"),
        (None, date(2025, 6, 17), Outcome.BROKEN, "overdue"),
    ],
)
def test_in_time_is_up_to_the_last_day(done, today, outcome, reason):
    asked = context(ended_on=DAY, today=today)
    due = asked.after("ended_on", "working_days")
    answer = asked.in_time("it", due=due, done=done)
    assert (answer.outcome, answer.reason, answer.fields) == (
        outcome, reason, {"last": date(2025, 6, 16)},
    )  # fmt: skip
    (duty,) = asked.duties
    assert (duty.part, duty.due, duty.fulfilled, duty.nth) == ("it", due, done is not None, None)


@pytest.mark.parametrize(
    ("done", "now", "outcome", "reason"),
    [
        (datetime(2025, 6, 10, 10, 30, tzinfo=SHANGHAI), AT, Outcome.MET, "in_time"),
        (datetime(2025, 6, 10, 10, 31, tzinfo=SHANGHAI), AT, Outcome.BROKEN, "late"),
        (None, datetime(2025, 6, 10, 10, 30, tzinfo=SHANGHAI), Outcome.NOT_APPLICABLE, "not_due"),
        (None, datetime(2025, 6, 10, 10, 31, tzinfo=SHANGHAI), Outcome.BROKEN, "overdue"),
    ],
)
def test_in_time_is_up_to_the_last_minute(done, now, outcome, reason):
    asked = context(ended_at=AT, now=now)
    answer = asked.in_time("it", due=asked.after("ended_at", "hours"), done=done)
    assert (answer.outcome, answer.reason) == (outcome, reason)
    assert answer.fields == {"last": datetime(2025, 6, 10, 10, 30, tzinfo=SHANGHAI)}


def test_without_an_hour_the_day_is_over_only_when_it_is():
    due = context(ended_at=AT).after("ended_at", "hours")
    assert not context(today=date(2025, 6, 10)).is_past(due)
    assert context(today=date(2025, 6, 11)).is_past(due)


def test_what_is_not_due_yet_is_owed_all_the_same():
    asked = context()
    answer = asked.in_time("it", due=asked.after("ended_on", "working_days"), done=None)
    assert (answer.outcome, answer.reason) == (Outcome.NOT_APPLICABLE, "not_yet")
    assert asked.duties[0].fulfilled is False


def test_an_hour_cannot_be_kept_by_a_day():
    due = context(ended_at=AT).after("ended_at", "hours")
    with pytest.raises(TypeError, match="2025-06-10 has no time of day"):
        due.is_kept_by(date(2025, 6, 10))
    with pytest.raises(ValueError, match="continuous has no day"):
        deadlines.CONTINUOUS.is_kept_by(DAY)


@pytest.mark.parametrize("name", ["filed", "way"])
def test_what_does_not_happen_is_no_event(name):
    for ask in (context().event, context().event_words):
        with pytest.raises(KeyError, match=f"{name} is not an event"):
            ask(name)
