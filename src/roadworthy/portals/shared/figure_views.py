"""The nation's figures, the same pages in three portals: all, one, its picture, its data.

What a reader sees follows from ``Scope``, which the portal gives: the public, an authority, a
manufacturer. A figure stands with its definition, its data and the query that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from roadworthy import stores
from roadworthy.domains.insight import answers, figures, register
from roadworthy.domains.insight.answers import PUBLIC, Answer, Scope
from roadworthy.domains.insight.register import Indicator, Official
from roadworthy.domains.insight.tasks import FOLDER
from roadworthy.domains.organisations import queries as organisations
from roadworthy.portals.shared import (
    figure_charts,
    figure_data,
    figure_report,
    figure_words,
    formats,
)
from roadworthy.portals.shared.access import for_everybody, for_roles
from roadworthy.portals.shared.shapes import Crumb

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_SHOWN = 2  # of the published figures, in the table of all


@dataclass(frozen=True, slots=True)
class Place:
    """One portal: its name in addresses, its frame, and what a reader of it may see."""

    space: str
    base: str
    scope: Callable[[Any], Scope]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table beside a picture."""

    period: str
    part: str
    value: str
    change: str = ""
    hidden: bool = False


def urls(space: str, base: str, roles: Sequence[Any] = ()) -> list[URLPattern]:
    """Return the pages for one portal; without roles, for everybody."""
    place = Place(space, base, _own if roles else lambda _request: PUBLIC)
    guard: Any = for_roles(*roles) if roles else for_everybody
    pages = (
        ("figures/", _all, "figures"),
        ("figures/report-<int:year>.pdf", _report, "figures-report"),
        ("figures/<slug:key>/", _one, "figure"),
        ("figures/<slug:key>/picture.svg", _picture, "figure-picture"),
        ("figures/<slug:key>/data.<str:form>", _data, "figure-data"),
    )
    return [
        path(address, guard(require_safe(never_cache(page(place)))), name=name)
        for address, page, name in pages
    ]


def _own(request: Any) -> Scope:
    return answers.of_organisation(request.acting.kind, request.acting.slug)


def _ask(place: Place, request: HttpRequest, key: str) -> Answer:
    by = request.GET.get("by", "")
    return answers.ask(place.scope(request), key, folder=stores.home() / FOLDER, by=by)


def _all(place: Place) -> Any:
    def figures_page(request: HttpRequest) -> HttpResponse:
        """Show every indicator: what is counted here, what was published."""
        published = figures.official()
        scope, folder = place.scope(request), stores.home() / FOLDER
        cards = [
            _card(place, answers.ask(scope, one.key, folder=folder), published)
            for one in register.indicators()
        ]
        until = next((one["answer"].until for one in cards if one["answer"].until), None)
        groups = [
            (name, [card for card in cards if card["indicator"].group == key])
            for key, name in figure_words.GROUPS.items()
        ]
        context = {
            "base": place.base,
            "groups": [(name, found) for name, found in groups if found],
            "reach": formats.sentences(
                _reach(until), _left_out() if scope == PUBLIC else "", _elsewhere(scope)
            ),
            "reports": [
                (year, reverse(f"{place.space}:figures-report", args=[year]))
                for year in _years(cards)
            ],
        }
        return render(request, "shared/figures.html", context)

    return figures_page


def _elsewhere(scope: Scope) -> str:
    """Say what the whole does not hold: vehicles that are counted at another deployment."""
    if scope.manufacturer or not organisations.has_makers_elsewhere():
        return ""
    return _(
        "Vehicles, incidents and recalls of manufacturers with a deployment of their own are "
        "counted there."
    )


def _reach(until: date | None) -> str:
    if until is None:
        return _("Nothing is counted here yet: the facts are written once a day.")
    return _("The facts reach to {day}.").format(day=formats.day(until))


def _left_out() -> str:
    return _(
        "Where fewer vehicles or cases are behind a figure than can be shown without speaking of "
        "single ones, it is left out."
    )


def _years(cards: Sequence[Any]) -> list[int]:
    counted = {year for card in cards for year in card["answer"].years}
    told = {one.until.year for card in cards for one in card["published"]}
    return sorted(counted | told, reverse=True)


def _card(place: Place, answer: Answer, published: Sequence[Official]) -> dict[str, Any]:
    one = answer.indicator
    told = [row for row in published if row.indicator == one.key]
    newest = next((cell for cell in reversed(answer.cells) if cell.of is None), None)
    return {
        "indicator": one,
        "answer": answer,
        "published": told,
        "href": reverse(f"{place.space}:figure", args=[one.key]),
        "picture": _drawn(place, answer, told),
        "sentence": _sentence(answer, told),
        "counted": _line(one, answer, newest) if newest else None,
        "told": [
            Line(
                figure_words.period(row),
                "",
                figure_words.published(row, one),
                figure_words.change(row.change),
            )
            for row in told[-_SHOWN:]
        ],
        "sources": list({row.source["en"]: row for row in told[-_SHOWN:]}.values()),
    }


def _one(place: Place) -> Any:
    def figure_page(request: HttpRequest, key: str) -> HttpResponse:
        """Show one indicator with its definition, picture, table, data and query."""
        answer = _ask(place, request, key)
        one, told = answer.indicator, figures.official(key)
        context = {
            "base": place.base,
            "crumbs": [
                Crumb(_("Figures"), reverse(f"{place.space}:figures")),
                Crumb(formats.localised(one.title)),
            ],
            "indicator": one,
            "reach": formats.sentences(_reach(answer.until), _elsewhere(place.scope(request)))
            if one.measure
            else "",
            "answer": answer,
            **_tables(answer, told),
            "splits": _splits(place, place.scope(request), answer),
            "picture": _drawn(place, answer, told),
            "sentence": _sentence(answer, told),
            "downloads": [
                (
                    "Parquet" if form == "parquet" else form.upper(),
                    _with(_address(place, "figure-data", key, form), answer),
                )
                for form in figure_data.TYPES
            ],
            "enter": _address(place, "figure-enter", key) if place.space == "a" else "",
        }
        return render(request, "shared/figure.html", context)

    return figure_page


def _tables(answer: Answer, told: Sequence[Official]) -> dict[str, Any]:
    one = answer.indicator
    names = figure_words.parts(answer.by, {c.of for c in answer.cells if c.of is not None})
    return {
        "by": figure_words.SPLITS[answer.by] if answer.by else "",
        "lines": [_line(one, answer, c, names) for c in answer.cells if c.of is None],
        "parts": [_line(one, answer, c, names) for c in answer.cells if c.of is not None],
        "some_hidden": any(c.hidden for c in answer.cells),
        "published": [
            (
                row,
                figure_words.period(row),
                figure_words.published(row, one),
                figure_words.change(row.change),
            )
            for row in told
        ],
    }


def _splits(place: Place, scope: Scope, answer: Answer) -> list[tuple[Any, str, bool]]:
    here = _address(place, "figure", answer.indicator.key)
    return [
        ("", here, not answer.by),
        *(
            (figure_words.SPLITS[name], f"{here}?by={name}", name == answer.by)
            for name in answers.splits(answer.indicator, scope)
        ),
    ]


def _drawn(place: Place, answer: Answer, told: Sequence[Official]) -> str:
    if not told and not any(one.value is not None for one in answer.cells):
        return ""
    return _with(reverse(f"{place.space}:figure-picture", args=[answer.indicator.key]), answer)


def _address(place: Place, name: str, *args: Any) -> str:
    return reverse(f"{place.space}:{name}", args=args)


def _with(address: str, answer: Answer) -> str:
    return f"{address}?by={answer.by}" if answer.by else address


def _line(one: Indicator, answer: Answer, cell: Any, names: Any = None) -> Line:
    return Line(
        str(cell.year),
        (names or {}).get(cell.of, ""),
        figure_words.value(one, cell.value),
        "" if cell.of is not None else figure_words.change(answer.change(cell.year)),
        cell.hidden,
    )


def _sentence(answer: Answer, told: Sequence[Official]) -> str:
    one = answer.indicator
    newest = next((c for c in reversed(answer.cells) if c.of is None and not c.hidden), None)
    said = []
    if newest:
        said.append(
            _("counted here, {year}: {value}").format(
                year=newest.year, value=figure_words.value(one, newest.value)
            )
        )
    if told:
        said.append(
            _("published, {period}: {value}").format(
                period=figure_words.period(told[-1]),
                value=figure_words.published(told[-1], one),
            )
        )
    title = formats.localised(one.title)
    return _("{title}; {figures}").format(title=title, figures="; ".join(said)) if said else title


def _picture(place: Place) -> Any:
    def figure_picture(request: HttpRequest, key: str) -> HttpResponse:
        """Draw one indicator."""
        answer = _ask(place, request, key)
        one = answer.indicator
        names = figure_words.parts(answer.by, {c.of for c in answer.cells if c.of is not None})
        counted = figure_charts.rows_of(answer.cells, names, split=bool(answer.by))
        published = tuple(
            (figure_words.period(row), "", float(row.value)) for row in figures.official(key)
        )
        if not counted and not published:
            raise Http404
        drawn = figure_charts.svg(
            counted,
            published,
            (_("Counted on this platform"), _("As published")),
            formats.localised(one.unit),
            by_myriads=formats.is_chinese(),
        )
        return HttpResponse(drawn, content_type="image/svg+xml")

    return figure_picture


def _data(place: Place) -> Any:
    def figure_file(request: HttpRequest, key: str, form: str) -> HttpResponse:
        """Give one indicator as a file."""
        if form not in figure_data.TYPES:
            raise Http404
        told = figure_data.rows(_ask(place, request, key), figures.official(key))
        return HttpResponse(
            figure_data.written(told, form),
            content_type=figure_data.TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="{key}.{form}"'},
        )

    return figure_file


def _report(place: Place) -> Any:
    def figures_report(request: HttpRequest, year: int) -> HttpResponse:
        """Give the annual report as PDF, in the reader's language."""
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise Http404
        folder = stores.home() / FOLDER
        found = [
            answers.ask(place.scope(request), one.key, folder=folder)
            for one in register.indicators()
        ]
        language = "zh-hans" if formats.is_chinese() else "en"
        content = figure_report.annual(year, found, figures.official())
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="figures-{year}-{language}.pdf"'
            },
        )

    return figures_report
