"""A person's work as iCalendar (RFC 5545): dated work as all-day events, words of the law as tasks.

* A day is a legal day and has no time of day, so no time zone can move it.
* An item keeps its UID as long as it lives; its stamps say when it last changed, so the same work
  gives the same bytes.
* "Immediately" and "promptly" are tasks without a due date: none is made up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
from django.utils.translation import gettext as _

from roadworthy.domains.worklists.feeds import Agenda
from roadworthy.domains.worklists.items import Urgency, WorkItem
from roadworthy.portals.shared import work
from roadworthy.portals.shared.formats import localised

MEDIA_TYPE = "text/calendar; charset=utf-8"
_REFRESH = timedelta(hours=4)
_ONE_DAY = timedelta(days=1)
_HIGH, _MEDIUM, _LOW = 1, 5, 9  # RFC 5545 3.8.1.9
_PRIORITY = {Urgency.LATE: _HIGH, Urgency.IMMEDIATE: _HIGH, Urgency.PROMPT: _MEDIUM}


def written(agenda: Agenda, *, today: date, site: str) -> bytes:
    """Return the calendar of an agenda in the active language; ``site`` begins its links."""
    name = _("Roadworthy · {organisation}").format(organisation=localised(agenda.organisation))
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Roadworthy//Work list//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for item in agenda.items:
        if item.day is not None:
            calendar.add_component(_event(item, agenda, today, site))
        elif item.urgency(today) in {Urgency.IMMEDIATE, Urgency.PROMPT}:
            calendar.add_component(_task(item, agenda, today, site))
    return bytes(calendar.to_ical())


def _event(
    item: WorkItem, agenda: Agenda, today: date, site: str
) -> icalendar.Event | icalendar.Todo:
    assert item.day is not None
    event = icalendar.Event()
    event.add("dtstart", item.day)
    event.add("dtend", item.day + _ONE_DAY)
    event.add("transp", "TRANSPARENT")
    _describe(event, item, agenda, today, site)
    return event


def _task(item: WorkItem, agenda: Agenda, today: date, site: str) -> icalendar.Todo:
    task = icalendar.Todo()
    task.add("status", "NEEDS-ACTION")
    _describe(task, item, agenda, today, site)
    return task


def _describe(
    component: icalendar.Event | icalendar.Todo,
    item: WorkItem,
    agenda: Agenda,
    today: date,
    site: str,
) -> None:
    row = work.row(item, work.SPACES[agenda.party], today)
    changed: datetime = item.changed_at.astimezone(UTC).replace(microsecond=0)
    late = _("Late: ") if item.is_late(today) else ""
    component.add("uid", f"{item.kind}-{item.id}@{agenda.slug}.roadworthy")
    component.add("dtstamp", changed)
    component.add("last-modified", changed)
    component.add("summary", f"{late}{row.what} ({item.subject})" if item.subject else row.what)
    component.add("description", _description(item, row))
    component.add("categories", [str(row.kind)])
    component.add("priority", _PRIORITY.get(item.urgency(today), _LOW))
    component.add("class", "CONFIDENTIAL")
    if row.page:
        component.add("url", f"{site}{row.page}")


def _description(item: WorkItem, row: work.Row) -> str:
    article = work.article(item)
    lines = [
        f"{row.when} {row.basis}".strip(),
        " ".join(part for part in (row.rule_id, row.place) if part),
        str(article.text) if article else "",
        localised(item.why),
        _("Provisional: the holiday notice of that year is not known.")
        if item.is_provisional
        else "",
        _("Given to {name}").format(name=row.person) if row.person else "",
        _("Law is paraphrased; the official Chinese text prevails."),
    ]
    return "\n".join(line for line in lines if line)
