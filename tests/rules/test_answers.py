"""Due dates in their order and as JSON."""

from datetime import date

from roadworthy.rules import deadlines
from tests.rules.test_deadlines import AT, context


def test_due_dates_are_ordered_by_kind_then_day_then_clock():
    hours = context(ended_at=AT).after("ended_at", "hours")
    day = deadlines.by(date(2025, 6, 10))
    later = deadlines.by(date(2025, 6, 11))
    waits = context().once("ended_on")
    mixed = [waits, later, day, hours, deadlines.PROMPT, deadlines.IMMEDIATE]
    assert sorted(mixed, key=lambda due: due.order) == mixed[::-1]
    assert hours.order == (2, date(2025, 6, 10), "10:30")
    assert day.order == (2, date(2025, 6, 10), "24:00")
    assert waits.order == (5, date.max, "24:00")


def test_a_due_date_as_json():
    due = context(ended_on=date(2025, 6, 16)).window("ended_on", "working_days")
    assert due.to_json() == {
        "kind": "date", "date": "2025-06-13", "not_before": "2025-06-09", "provisional": False,
        "moved_from": None, "working_days": 5, "months": None, "instant": None, "hours": None,
        "days": None, "years": None, "own_hours": None, "event": "ended_on",
        "shown": {"zh-hans": "2025年6月13日", "en": "13 Jun 2025"},
        "basis": due.basis.to_json(),
    }  # fmt: skip
    hours = context(ended_at=AT).after("ended_at", "hours").to_json()
    assert (hours["date"], hours["instant"], hours["hours"]) == (
        "2025-06-10", "2025-06-10T10:30:00+08:00", 12,
    )  # fmt: skip
    assert hours["shown"] == {"zh-hans": "2025年6月10日10:30", "en": "10 Jun 2025, 10:30 (CST)"}
    moved = context(ended_on=date(2024, 12, 1)).after("ended_on", "months").to_json()
    assert (moved["moved_from"], moved["months"]) == ("2025-06-01", 6)
    own = context(own_hours_prompt=48).promptly().to_json()
    assert (own["own_hours"], own["shown"]["en"]) == (48, "Promptly")
