"""The register of the rulebook as a page: what it covers, how well, and what nobody has checked.

All figures are counted from the packs and the register, so the page cannot say more than is there.
Nothing here changes while the process runs: it is put together once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.law import coverage as coverages
from roadworthy.law.coverage import Act, Coverage, Covered
from roadworthy.law.register.rows import AREAS
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import presenting, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.rules.text import NOTHING, Text

OUTSIDE = "outside"  # the area of a rule that the register does not ask for
_ALL = 1000  # rows on one page: addresses lead to single rows, so all of them are there


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the register, or one rule outside it."""

    id: str
    area: str
    title: Text
    asks: Text | None  # the register's own words: when, and what
    instrument: str
    provision: str
    provision_words: Text | None
    cases: int
    grade: str
    binding: bool
    intervals: Sequence[Any]
    verified_by: str | None
    has_rule: bool

    @property
    def since(self) -> date | None:
        return self.intervals[-1].since if self.intervals else None

    @property
    def until(self) -> date | None:
        return self.intervals[-1].until if self.intervals else None

    def applies_on(self, day: date) -> bool:
        return any(day in interval for interval in self.intervals)

    def says(self, typed: str) -> bool:
        """Say whether all the words that were typed stand in it, in either language."""
        texts = (self.title, self.asks or NOTHING, self.provision_words or NOTHING)
        whole = " ".join((self.id, self.instrument, *(t for one in texts for t in one.values())))
        return all(word in whole.lower() for word in typed.lower().split())


class RegisterFilter(FilterForm):
    search = Search(label=_later("Search"), max_length=100)
    area = forms.ChoiceField(label=_later("Area"))
    instrument = forms.ChoiceField(label=_later("Legal text"))
    grade = forms.ChoiceField(label=_later("Grade"))
    on = DayField(label=_later("In force on"), help_text="")

    def __init__(self, request: HttpRequest) -> None:
        lines = _lines()
        held = {line.area for line in lines}
        areas = [(key, localised(text)) for key, text in AREAS.items() if key in held]
        if OUTSIDE in held:
            areas.append((OUTSIDE, _("Outside the tables")))
        keys = sorted({line.instrument for line in lines})
        super().__init__(
            request,
            {
                "area": areas,
                "instrument": [(key, key) for key in keys],
                "grade": [(key, f"{key}: {text}") for key, text in words.GRADES.items()],
            },
        )


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the page shows."""
    found = _coverage()
    nothing = Empty(_("The rulebook is empty"))
    return {
        "version": rulebook().version,
        "digest": rulebook().digest,
        "grades": tuple(words.GRADES.items()),
        "counts": _counts(found),
        "listing": listing(
            request, _find, nothing=nothing, form=RegisterFilter(request), per_page=_ALL
        ),
        "acts": [_act(act) for act in found.acts],
        "uncovered": found.uncovered,
        "to_verify": found.to_verify,
    }


def _find(
    *, search: str = "", area: str = "", instrument: str = "", grade: str = "", on: Any = None
) -> list[Line]:
    return [
        line
        for line in _lines()
        if (not area or line.area == area)
        and (not instrument or line.instrument == instrument)
        and (not grade or line.grade == grade)
        and (not on or line.applies_on(on))
        and line.says(search)
    ]


def _counts(found: Coverage) -> dict[str, Any]:
    lines = _lines()
    with_rule = [line for line in lines if line.has_rule]
    grades = Counter(str(act.instrument.grade) for act in found.acts)
    return {
        "rows": len(found.rows),
        "with_rule": len(found.rows) - len(found.without_rule),
        "rules": len(with_rule),
        "outside": len(found.outside),
        "cases": sum(line.cases for line in lines),
        "acts": len(found.acts),
        "binding": sum(line.binding for line in with_rule),
        "verified": sum(bool(line.verified_by) for line in with_rule),
        "grades": [(key, grades[key]) for key in words.GRADES if grades[key]],
    }


def _act(act: Act) -> dict[str, Any]:
    one = act.instrument
    rules = {name for article in act.articles for name in (*article.rules, *article.also)}
    return {
        "act": one,
        "name": presenting.instrument(one.title, one.number),
        "jurisdiction": act.jurisdiction,
        "verified_by": act.verified_by,
        "verified_on": act.verified_on,
        "rules": len(rules),
        "articles": act.articles,
    }


@cache
def _coverage() -> Coverage:
    return coverages.coverage(rulebook())


@cache
def _lines() -> tuple[Line, ...]:
    found = _coverage()
    return tuple(_line(one) for one in (*found.rows, *found.outside))


def _line(one: Covered) -> Line:
    rule, row = one.rule, one.row
    source = row.sources[0] if row else None
    return Line(
        id=one.id,
        area=row.area if row else OUTSIDE,
        title=one.title,
        asks=Text(*_asked(row.condition, row.duty)) if row else None,
        instrument=rule.source.instrument.key if rule else source.instrument if source else "",
        provision=rule.source.provision.name.zh_hans
        if rule
        else source.provision
        if source
        else "",
        provision_words=rule.source.provision.name if rule else None,
        cases=sum(one.cases.values()),
        grade=str(rule.grade if rule else row.grade if row else ""),
        binding=rule.binding if rule else bool(row and row.may_bind),
        intervals=tuple(version.applies for version in one.versions),
        verified_by=rule.verified_by if rule else None,
        has_rule=rule is not None,
    )


def _asked(condition: Mapping[str, str], duty: Mapping[str, str]) -> Iterator[str]:
    yield f"{condition['zh-hans']}：{duty['zh-hans']}"
    yield f"{condition['en']}: {duty['en']}"
