"""The work list, one piece of work, and the calendar: the same pages for both sides of the counter.

Each portal says who may see them and what its frame is; what stands on them is its own work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import queries, services, table
from roadworthy.domains.worklists.items import DUTIES, GIVEN_ELSEWHERE, Kind, WorkItem
from roadworthy.domains.worklists.queries import Whose
from roadworthy.domains.worklists.table import Part, Table
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, words, work, work_month
from roadworthy.portals.shared.access import Signed
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Tab

FIRST_PAGE = 6
WORDS = 40  # without a day, beside the calendar; what is more is on the work list
_SOON = timedelta(days=7)
_WHEN: Mapping[str, Callable[[date], Part]] = {
    "late": lambda _on: table.LATE,
    "soon": lambda on: table.due_between(on, on + _SOON),
    "undated": lambda _on: table.UNDATED,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose pages these are."""

    space: str  # of its addresses: "m"
    base: str  # its frame
    roles: tuple[Role, ...]


class WorkFilter(FilterForm):
    search = Search(label=_later("What or whose subject"))
    kind = forms.ChoiceField(label=_later("Kind"))
    when = forms.ChoiceField(label=_later("When"))
    role = forms.ChoiceField(label=_later("Role"))


class GiveForm(Form):
    to = forms.ChoiceField(label=_later("Give it to"))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any, *, people: Any, seen: int) -> None:
        super().__init__(data, initial={"seen": seen})
        choices = [("", _("Choose a person")), *((str(one.id), one.name) for one in people)]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]


def today() -> date:
    return legal_day(datetime.now(UTC))


def work_list(request: Signed, place: Place) -> HttpResponse:
    """List what is mine, my role's or the organisation's, the most urgent first."""
    who, on = request.acting, today()
    whose = Whose(request.GET["whose"]) if request.GET.get("whose") in set(Whose) else Whose.ROLE
    every = queries.work(who.organisation_id, who.kind, today=on)
    chosen = queries.part(who.actor, whose)
    counted = every.counts(*(queries.part(who.actor, one) for one in Whose), chosen & table.LATE)
    counts = {one: sum(row[at] for row in counted.values()) for at, one in enumerate(Whose)}
    there = {kind for kind, row in counted.items() if row[list(Whose).index(whose)]}
    found = listing(
        request,
        lambda **filters: _narrowed(every.only(chosen), on, counts[whose], **filters),
        nothing=_nothing(place, whose, counts),
        form=WorkFilter(request, _choices(place, there)),
    )
    context = {
        "base": place.base,
        "listing": found,
        "rows": work.rows(list(found.page), place.space, on, who),
        "tabs": _tabs(place, whose, counts),
        "whose": whose,
        "late": sum(row[-1] for row in counted.values()),
        "settings_url": reverse(f"{place.space}:work-settings"),
    }
    return render(request, "shared/agenda/list.html", context)


def first(request: Signed, place: Place, whose: Whose = Whose.ROLE) -> dict[str, Any]:
    """Return what the first page of the day says about somebody's work."""
    who, on = request.acting, today()
    every = queries.work(who.organisation_id, who.kind, today=on)
    pressing = queries.part(who.actor, whose) & table.PRESSING
    counted = every.counts(pressing, table.EVERYTHING)
    count = sum(row[0] for row in counted.values())
    shown = every.only(pressing)[:FIRST_PAGE] if count else []
    return {
        "rows": work.rows(shown, place.space, on, who),
        "count": count,
        "owed": sum(row[1] for kind, row in counted.items() if kind in DUTIES),
        "heading": _("Given to you") if whose == Whose.MINE else _("Your work today"),
        "href": f"{reverse(f'{place.space}:work')}?whose={whose}",
    }


def item_page(request: Signed, place: Place, kind: str, item_id: int) -> HttpResponse:
    """Show one piece of work with its article and who had it; hand it over or take it back."""
    who, on = request.acting, today()
    key = f"{kind}/{item_id}"
    item = queries.find(who.organisation_id, who.kind, key, today=on)
    people = queries.team(who.organisation_id, item.roles)
    form = GiveForm(None, people=people, seen=item.given)
    if request.method == "POST":
        form = GiveForm(request.POST, people=people, seen=item.given)
        done = _handed(request, item, form)
        if done is not None:
            messages.success(request, done)
            return HttpResponseRedirect(reverse(f"{place.space}:work-item", args=[kind, item_id]))
        item = queries.find(who.organisation_id, who.kind, key, today=on)
    has_it = item.person is not None and item.person.id == who.actor.user_id
    context = {
        "base": place.base,
        "row": work.row_for(item, place.space, on, who),
        "article": work.article(item),
        "roles": [words.ROLES[role] for role in item.roles],
        "history": queries.history(who.organisation_id, item),
        "form": form,
        "me": who.actor.user_id,
        "has_it": has_it,
        "may": (has_it or who.role in item.roles) and item.kind not in GIVEN_ELSEWHERE,
        "list_url": reverse(f"{place.space}:work"),
    }
    status = 422 if form.errors else 200
    return render(request, "shared/agenda/item.html", context, status=status)


def _handed(request: Signed, item: WorkItem, form: GiveForm) -> str | None:
    """Take the step that was asked for; return what to say, or None with the form's errors."""
    common: dict[str, Any] = {
        "item": item.key,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    taking_back = request.POST.get("act") == "take-back"
    if taking_back:
        form.fields["to"].required = False
    if not form.is_valid():
        return None
    seen = form.cleaned_data["seen"]
    try:
        if taking_back:
            services.take_back(**common, seen=seen)
            return _("It is open to everybody in the role again.")
        services.hand_over(**common, seen=seen, to_user_id=int(form.cleaned_data["to"]))
    except DomainError as error:
        errors.on_form(form, error, {"nobody-to-give-it-to": "to"})
        return None
    return _("Handed over.")


def calendar(request: Signed, place: Place) -> HttpResponse:
    """Show a month: what is due on which legal day, and which days are worked."""
    who, on = request.acting, today()
    month = work_month.chosen(request.GET.get("month", ""), on)
    whose = Whose.ALL if request.GET.get("whose") == Whose.ALL else Whose.ROLE
    mine = queries.part(who.actor, whose)
    every = queries.month(who.organisation_id, who.kind, today=on, days=month.span)
    days, undated = (
        every.only(mine & one) for one in (table.due_between(*month.span), table.AT_ONCE)
    )
    words = undated[:WORDS]
    context = {
        "base": place.base,
        "month": work_month.build(month, days.by_day(work_month.MOST), place.space, on, who),
        "words": work.rows(words, place.space, on, who),
        "word_count": undated.count() if len(words) == WORDS else len(words),
        "list_url": f"{reverse(f'{place.space}:work')}?whose={whose}&when=undated",
        "whose": whose,
        "tabs": _tabs(place, None, {}),
    }
    return render(request, "shared/agenda/calendar.html", context)


def _narrowed(
    found: Table,
    on: date,
    count: int,
    *,
    search: str = "",
    kind: str = "",
    when: str = "",
    role: str = "",
) -> Table:
    parts = [
        table.of_kinds([Kind(kind)]) if kind else None,
        table.of_role(role) if role else None,
        _WHEN[when](on) if when else None,
        table.saying(search, work.tasks_saying(search)) if search else None,
    ]
    used = [one for one in parts if one is not None]
    return reduce(Table.only, used, found) if used else found.counted(count)


def _choices(place: Place, there: set[Kind]) -> dict[str, list[tuple[str, Any]]]:
    return {
        "kind": [(str(key), text) for key, text in work.KINDS.items() if key in there],
        "when": [
            ("late", _("Late")),
            ("soon", _("Due within 7 days")),
            ("undated", _("Without a day")),
        ],
        "role": [(str(role), words.ROLES[role]) for role in place.roles],
    }


def _tabs(place: Place, whose: Whose | None, counts: dict[Whose, int]) -> list[Tab]:
    address = reverse(f"{place.space}:work")
    named = {Whose.MINE: _("Given to me"), Whose.ROLE: _("My role's"), Whose.ALL: _("All work")}
    return [
        *(
            Tab(text, f"{address}?whose={one}", whose == one, counts.get(one))
            for one, text in named.items()
        ),
        Tab(_("Calendar"), reverse(f"{place.space}:calendar"), whose is None),
    ]


def _nothing(place: Place, whose: Whose, counts: dict[Whose, int]) -> Empty:
    if counts[Whose.ALL] and whose != Whose.ALL:
        heading = (
            _("Nothing was given to you") if whose == Whose.MINE else _("Nothing waits for you")
        )
        href = f"{reverse(f'{place.space}:work')}?whose={Whose.ALL}"
        return Empty(
            heading, _("Others of your organisation have work."), (Button(_("All work"), href),)
        )
    return Empty(
        _("Nothing is to be done"),
        _("Work appears here by itself: duties, filings, reviews, signatures, findings."),
    )
