"""Lists with addresses: filter, sort and page live in the query string; an empty list says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.query import ModelIterable
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.portals.shared import formats
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.shapes import Button, Text

PER_PAGE = 20
FAR = 200  # rows from the beginning


class FilterForm(Form):
    """What a list may be narrowed by; every field optional, a value it does not know is dropped."""

    def __init__(
        self, request: HttpRequest, choices: Mapping[str, Sequence[tuple[Any, Any]]] | None = None
    ) -> None:
        super().__init__(request.GET, auto_id="f-%s")
        for name, pairs in (choices or {}).items():
            every = [] if any(not key for key, _text in pairs) else [("", _("All"))]
            self.fields[name].choices = [*every, *pairs]  # type: ignore[attr-defined]
        for one in self.fields.values():
            one.required = False
        self.is_valid()

    @property
    def used(self) -> dict[str, Any]:
        """Return the filters in use."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def pill(self, name: str, value: Any) -> str:
        """Say a filter in use: "Type: Demo S1"."""
        shown = dict(getattr(self.fields[name], "choices", ())).get(str(value))
        if shown is None:
            shown = formats.day(value) if hasattr(value, "isoformat") else f"“{value}”"
        return _("{label}: {value}").format(label=self.fields[name].label, value=shown)


class Search(forms.CharField):
    """Free text; takes what room is left."""

    grow = True
    widget = forms.TextInput({"type": "search"})


@dataclass(frozen=True, slots=True)
class Pill:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Empty:
    """Why there is nothing here, and the way out."""

    heading: Text
    text: Text = ""
    ways: Sequence[Button] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list with everything around it."""

    page: Page[Any]
    form: FilterForm | None
    sort: str
    pills: Sequence[Pill] = ()
    clear: str = ""
    empty: Empty | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def search(self) -> str:
        """Return what is searched for, if anything."""
        return str(self.form.used.get("search", "")) if self.form else ""


def listing(
    request: HttpRequest,
    find: Callable[..., Any],
    *,
    nothing: Empty,
    form: FilterForm | None = None,
    sort: str = "",
    per_page: int = PER_PAGE,
    at_once: bool = False,
) -> Listing:
    """Ask for the rows with the filters in use and cut out the page that is wanted.

    ``at_once`` is for a search that costs much and of which there are some ten thousand hits at
    the most: it is asked once, for the page and for their number.
    """
    used = form.used if form else {}
    sorted_by = request.GET.get("sort") or sort
    asked = partial(find, sort=sorted_by) if sort else find
    pages = _Pages(asked(**used), per_page)
    if at_once and used.get("search"):
        pages.take_keys()
    page = pages.get_page(request.GET.get("page"))
    empty = None
    if not page.paginator.count:
        empty = _filtered_empty(request, form, asked, used) if form and used else nothing
    return Listing(
        page=page,
        form=form,
        sort=sorted_by,
        pills=[Pill(form.pill(n, v), _without(request, n)) for n, v in used.items()]
        if form
        else (),
        clear=_without(request, *used),
        empty=empty,
    )


class _Pages(Paginator[Any]):
    """Pages whose far ones cost little more than the first.

    To skip rows the database has to make them. Far from the beginning it makes their keys alone,
    and the rest of the rows of the one page that is wanted. What is found at once is not asked for
    again: all its keys are taken, and counted here.
    """

    object_list: Any
    keys: Sequence[Any] | None = None

    def take_keys(self) -> None:
        """Take the keys of all rows, in their order."""
        if _is_of_rows(self.object_list):
            self.keys = list(self.object_list.values_list("pk", flat=True))
            self.__dict__["count"] = len(self.keys)

    def _get_page(self, object_list: Any, number: int, paginator: Any) -> Page[Any]:
        start = (number - 1) * self.per_page
        if self.keys is not None:
            object_list = self.object_list.filter(pk__in=self.keys[start : start + self.per_page])
        elif start >= FAR and _is_of_rows(self.object_list):
            keys = list(object_list.values_list("pk", flat=True))
            object_list = self.object_list.filter(pk__in=keys)
        return Page(object_list, number, paginator)


def _is_of_rows(found: Any) -> bool:
    """Say whether these are rows of one table, each once, that can be asked for by their keys."""
    return (
        isinstance(found, QuerySet)
        and issubclass(found._iterable_class, ModelIterable)  # noqa: SLF001
        and not found.query.distinct
        and found.query.group_by is None
        and not found.query.is_sliced
    )


def _filtered_empty(
    request: HttpRequest, form: FilterForm, find: Callable[..., Any], used: Mapping[str, Any]
) -> Empty:
    best, most = "", 0
    for name in used:
        without = find(**{k: v for k, v in used.items() if k != name})
        count = Paginator(without, 1).count  # of a queryset, the database counts
        if count > most:
            best, most = name, count
    heading = ngettext(
        "Nothing matches this filter", "Nothing matches these {n} filters", len(used)
    ).format(n=len(used))
    clear = Button(_("Clear all filters"), _without(request, *used), look="quiet")
    if not best:
        return Empty(heading, _("No single filter is the reason."), (clear,))
    text = ngettext(
        "Without “{filter}” there is {n}.", "Without “{filter}” there are {n}.", most
    ).format(filter=form.pill(best, used[best]), n=formats.number(most))
    drop = Button(_("Remove that filter"), _without(request, best))
    return Empty(heading, text, (drop, clear) if len(used) > 1 else (drop,))


def _without(request: HttpRequest, *names: str) -> str:
    query = request.GET.copy()
    for name in (*names, "page"):
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else request.path
