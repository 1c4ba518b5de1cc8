"""Deadlines in words: how a due date is explained in both languages, never without its basis."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from roadworthy.kernel.calendar import Reckoned
from roadworthy.rules import text
from roadworthy.rules.answers import Due, DueKind
from roadworthy.rules.text import Text

WORKING_DAY, MONTH, YEAR, DAY, HOUR = "working-day", "month", "year", "day", "hour"
_FIELDS = {WORKING_DAY: "working_days", MONTH: "months", YEAR: "years", DAY: "days", HOUR: "hours"}

IMMEDIATE = Due(
    DueKind.IMMEDIATE,
    Text("法律用语为“立即”，没有规定天数", "the law says “immediately”, without a number"),
)
PROMPT = Due(
    DueKind.PROMPT,
    Text("法律用语为“及时”，没有规定天数", "the law says “promptly”, without a number"),
)
CONTINUOUS = Due(DueKind.CONTINUOUS, Text("持续履行", "continuously"))
BEFORE_RELEASE = Due(DueKind.BEFORE_RELEASE, Text("发布升级之前", "before the update is released"))
BEFORE_EXECUTION = Due(
    DueKind.BEFORE_RELEASE, Text("在车辆上执行升级之前", "before the update runs on a vehicle")
)

_OWN = Text(
    "；企业自定时限{period}（非法律规定）",
    "; the enterprise's own limit is {period} (not the law's)",
)
_KEPT = Text("自{event}起保存至少{period}", "kept for at least {period} from {event}")
_KEPT_ON = Text(
    "自{event}（{day}）起保存至少{period}", "kept for at least {period} from {event} on {day}"
)
_BY = Text("最迟{day}", "by {day}")
_YEARLY = Text("每年{day}之前", "by {day} of each year")
_FOLLOWING = Text("{event}的{period}之前", "by {period}, counted from {event}")
_AFTER = Text("{event}后{period}内", "within {period} of {event}")
_AFTER_ON = Text("{event}（{day}）后{period}内", "within {period} of {event} on {day}")
_ONCE = Text("{event}后", "after {event}")
_TOGETHER = Text("与{event}同时", "together with {event}")
_TOGETHER_ON = Text("与{event}（{day}）同时", "together with {event} on {day}")
_LEAD = Text("发布前至少{period}", "at least {period} before release")
_LEAD_ON = Text(
    "计划发布日（{day}）前至少{period}", "at least {period} before the planned release on {day}"
)
_WINDOW = Text("发布前{period}之内", "within the {period} before release")
_WINDOW_ON = Text(
    "计划发布日（{day}）前{period}之内", "within the {period} before the planned release on {day}"
)
_MOVED = Text(
    "；原届满日{day}（{weekday}）为休息日，顺延", "; moved from {weekday} {day}, a rest day"
)
_PROVISIONAL = Text(
    "；{year}年放假安排未知，暂按周一至周五推算",
    "; provisional: the {year} holiday notice is not known, weekdays were counted",
)


def once(event: str, words: Text) -> Due:
    """Say that something is owed when an event happens; the law gives no period."""
    return Due(DueKind.AFTER_EVENT, _ONCE.fill({"event": words}), event=event)


def together(event: str, words: Text, happened: dt.date | None) -> Due:
    """Say that something is owed at the same time as an event: on its day, not after it."""
    if happened is None:
        return Due(DueKind.AFTER_EVENT, _TOGETHER.fill({"event": words}), event=event)
    basis = _TOGETHER_ON.fill({"event": words, "day": text.day(happened)})
    return Due(DueKind.DATE, basis, date=happened, event=event)


def before_step(zh_hans: str, en: str) -> Due:
    """Say that something is owed before a step; the words name the step."""
    return Due(DueKind.BEFORE_STEP, Text(zh_hans, en))


def with_own_limit(due: Due, hours: int | None) -> Due:
    """Add what the enterprise asks of itself; without that the due stays as the law has it."""
    if hours is None:
        return due
    period = {"period": text.quantity(hours, HOUR)}
    return replace(due, basis=due.basis + _OWN.fill(period), own_hours=hours)


def by(day: dt.date) -> Due:
    """Say that something is owed by a day that the provision itself names."""
    return Due(DueKind.DATE, _BY.fill({"day": text.day(day)}), date=day)


def yearly(day_of_year: str, day: dt.date) -> Due:
    """Say that something is owed by a day of each year."""
    return Due(DueKind.DATE, _YEARLY.fill({"day": text.day_of_year(day_of_year)}), date=day)


def following(event: str, words: Text, number: int, day: dt.date | None) -> Due:
    """Say that something is owed by a day of the month after an event."""
    basis = _FOLLOWING.fill({"event": words, "period": text.day_of_month(number)})
    kind = DueKind.AFTER_EVENT if day is None else DueKind.DATE
    return Due(kind, basis, date=day, event=event)


def kept(
    event: str, words: Text, happened: dt.date | None, number: int, until: dt.date | None
) -> Due:
    """Say how long records are kept; the day on which they may go is known after the event."""
    fields = {"event": words, "period": text.quantity(number, YEAR)}
    if happened is None:
        return Due(DueKind.KEEP_UNTIL, _KEPT.fill(fields), event=event, years=number)
    basis = _KEPT_ON.fill(fields | {"day": text.day(happened)})
    return Due(DueKind.KEEP_UNTIL, basis, event=event, years=number, date=until)


def within_hours(
    event: str, words: Text, happened: dt.datetime, number: int, last: dt.datetime
) -> Due:
    """Say until when something is owed that is counted in hours, by the clock."""
    fields = {"event": words, "period": text.quantity(number, HOUR), "day": text.instant(happened)}
    basis = _AFTER_ON.fill(fields)
    return _due(DueKind.DATE, basis, number, HOUR, event, date=last.date(), instant=last)


def waiting(event: str, words: Text, number: int, unit: str) -> Due:
    """Say what will be owed after an event that has not happened yet."""
    basis = _AFTER.fill({"event": words, "period": text.quantity(number, unit)})
    return _due(DueKind.AFTER_EVENT, basis, number, unit, event)


def running(
    event: str, words: Text, happened: dt.date, number: int, unit: str, last: Reckoned
) -> Due:
    """Say until when something is owed after an event that has happened."""
    period = text.quantity(number, unit)
    basis = _AFTER_ON.fill({"event": words, "period": period, "day": text.day(happened)})
    return _dated(basis, number, unit, event, last)


def ahead(number: int, event: str, *, window: bool) -> Due:
    """Say what is owed before a release that has no day yet."""
    basis = _WINDOW if window else _LEAD
    period = text.quantity(number, WORKING_DAY)
    return _due(DueKind.BEFORE_RELEASE, basis.fill({"period": period}), number, WORKING_DAY, event)


def ahead_on(
    number: int, event: str, release: dt.date, last: Reckoned, *, not_before: dt.date | None
) -> Due:
    """Say until when (and in a window, from when) something is owed before a planned release."""
    template = _LEAD_ON if not_before is None else _WINDOW_ON
    period = text.quantity(number, WORKING_DAY)
    basis = template.fill({"period": period, "day": text.day(release)})
    return _dated(basis, number, WORKING_DAY, event, last, not_before=not_before)


def _due(kind: DueKind, basis: Text, number: int, unit: str, event: str, **more: Any) -> Due:
    fields: dict[str, Any] = {_FIELDS[unit]: number, **more}
    return Due(kind, basis, event=event, **fields)


def _dated(
    basis: Text,
    number: int,
    unit: str,
    event: str,
    last: Reckoned,
    *,
    not_before: dt.date | None = None,
) -> Due:
    if last.moved_from:
        moved = {"day": text.day(last.moved_from), "weekday": text.weekday(last.moved_from)}
        basis += _MOVED.fill(moved)
    if last.provisional:
        basis += _PROVISIONAL.fill({"year": text.same(str(last.day.year))})
    return _due(
        DueKind.DATE,
        basis,
        number,
        unit,
        event,
        date=last.day,
        not_before=not_before,
        provisional=last.provisional,
        moved_from=last.moved_from,
    )
