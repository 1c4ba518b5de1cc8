"""The questionnaire as a form whose state is the address.

* A blank says that nobody stated the fact; it is never taken for "no".
* What cannot be read stays in its field, with what is wrong and what to write instead.
* The address holds what was answered and nothing else, so that it can be sent to somebody.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.law.rulebook import rulebook
from roadworthy.portals.public import law_questions
from roadworthy.portals.public.law_questions import Group, Question
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, Form, dress
from roadworthy.portals.shared.shapes import Text
from roadworthy.rules.facts import EARLIEST, LATEST, FactDefinition, FactType, WrongFact, plain

AS_OF = "as_of"
NONE_OF_THESE = "none-of-these"
UNKNOWN = _later("I do not know")
_LONGEST = 200  # characters of one answer
_TOO_MANY = 200  # parts of an address: more than there are questions
_NOT_FACTS = frozenset({AS_OF, "today", "now"})
_BOOLS = {"yes": True, "no": False}
_FEW = 10  # as many whole numbers are offered to choose from
LEVELS: Mapping[str, Text] = {
    "0": _later("0: warns, or helps for a moment"),
    "1": _later("1: steers, or keeps speed"),
    "2": _later("2: steers and keeps speed; the driver watches"),
    "3": _later("3: drives itself at times; the driver takes over when asked"),
    "4": _later("4: drives itself within limits; nobody has to take over"),
    "5": _later("5: drives itself everywhere"),
}


class AskForm(Form):
    """One field for each question; ``facts`` is what was stated, each in its own type."""

    def __init__(self, query: QueryDict, *, today: date) -> None:
        super().__init__(_with_day(query, today), auto_id="q-%s")
        self.today = today
        known = rulebook().facts
        asked = {q.fact for group in law_questions.groups() for q in group.questions}
        given = [name for name in query if name not in asked | _NOT_FACTS]
        self.unknown = [name for name in given if name not in known][:_FEW]
        self.more = [name for name in given if name in known]
        self.fields[AS_OF] = _AsOf(
            label=_("On which day?"),
            help_text=_("The law of that day answers. Year-month-day."),
        )
        for question in self.questions():
            definition = known[question.fact]
            self.fields[question.fact] = _field(question, definition)
        for field in self.fields.values():
            dress(field)

    def questions(self) -> Iterator[Question]:
        for group in self.all_groups():
            yield from group.questions

    def all_groups(self) -> tuple[Group, ...]:
        groups = law_questions.groups()
        return (*groups, law_questions.further(self.more)) if self.more else groups

    @property
    def groups(self) -> list[tuple[Group, list[forms.BoundField], int, bool]]:
        """Return each group, its fields, how many are answered, and whether it lies open."""
        rows = []
        for group in self.all_groups():
            fields = [self[question.fact] for question in group.questions]
            answered = sum(any(_values(self.data, field.name)) for field in fields)
            wrong = any(field.errors for field in fields)
            rows.append((group, fields, answered, group.open or bool(answered) or wrong))
        return rows

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in self.unknown:
            near = difflib.get_close_matches(name, rulebook().facts, n=1, cutoff=0.0)
            self.add_error(
                None,
                _("The rulebook knows no fact {name}. Did you mean {suggestion}?").format(
                    name=name[:60], suggestion=near[0]
                ),
            )
        self._refuse_contradictions()
        return values

    def _refuse_contradictions(self) -> None:
        stated = self.facts
        for contradiction in rulebook().law.contradictions:
            if contradiction.holds(stated):
                words = localised(contradiction.words)
                for name in contradiction.facts:
                    others = [n for n in contradiction.facts if n != name]
                    self.add_error(name, self._against(others, words))

    def _against(self, others: list[str], words: str) -> str:
        known = rulebook().facts
        named = _(", ").join(localised(known[name].label) for name in others)
        return _("This contradicts “{others}”. {words}").format(others=named, words=words)

    @property
    def as_of(self) -> date:
        day: date = self.cleaned_data[AS_OF]
        return day

    @property
    def facts(self) -> dict[str, Any]:
        """Return what was stated and could be read."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != AS_OF and value is not None
        }

    @property
    def address(self) -> str:
        """Return the query that asks the same again, without blanks."""
        return address(self.facts, self.as_of)


def address(facts: Mapping[str, Any], as_of: date) -> str:
    """Write facts and day as a query."""
    pairs: list[tuple[str, str]] = [(AS_OF, as_of.isoformat())]
    for name, value in facts.items():
        pairs.extend((name, one) for one in _written(rulebook().facts[name], value))
    return urlencode(pairs)


def _written(definition: FactDefinition, value: Any) -> list[str]:
    if definition.type is FactType.BOOL:
        return ["yes" if value else "no"]
    if definition.type is FactType.CHOICES:
        return list(value) or [NONE_OF_THESE]
    if definition.type is FactType.DATES:
        return [",".join(plain(value))]
    return [str(plain(value))]


def is_written_so(query: QueryDict, wanted: str) -> bool:
    """Say whether an address has neither blanks nor doubles; the order does not matter."""
    return dict(query.lists()) == dict(QueryDict(wanted).lists())


def _with_day(query: QueryDict, today: date) -> QueryDict:
    """Return the query with a day; the order of its parts and their number are not trusted."""
    data = QueryDict(mutable=True)
    for name in list(query)[:_TOO_MANY]:
        values = [one.replace("\0", "").strip()[:_LONGEST] for one in query.getlist(name)]
        data.setlist(name, values[:_TOO_MANY])
    if not any(data.getlist(AS_OF)):
        data[AS_OF] = today.isoformat()
    return data


def _values(data: Any, name: str) -> list[str]:
    values: list[str] = data.getlist(name)
    return values


def _a_day() -> str:
    return _("Write a day from {low} to {high}, year-month-day: 2026-08-31.").format(
        low=EARLIEST.isoformat(), high=LATEST.isoformat()
    )


class _AsOf(DayField):
    """A day that the rulebook answers for."""

    def clean(self, value: Any) -> date:
        day: date = super().clean(value)
        if not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_a_day())
        return day


class FactField(forms.CharField):
    """A fact typed as text: days, numbers, instants. The rulebook itself reads it."""

    def __init__(self, definition: FactDefinition, **kwargs: Any) -> None:
        self.definition = definition
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.definition.read(self._raw(text))
        except (WrongFact, ValueError):
            message = _("“%(value)s” cannot be read. %(wanted)s")
            params = {"value": text, "wanted": self._wanted()}
            raise forms.ValidationError(message, params=params, code="invalid") from None

    def _raw(self, text: str) -> Any:
        if self.definition.type is FactType.INT:
            return int(text) if text.isascii() else text
        if self.definition.type is FactType.DATES:
            return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
        return text

    def _wanted(self) -> str:
        if self.definition.type is FactType.INT:
            low, high = self.definition.minimum, self.definition.maximum
            if low is None:
                return _("Enter a whole number.")
            return _("Enter a whole number from {low} to {high}.").format(low=low, high=high)
        if self.definition.type is FactType.DATES:
            return _("Write days as 2026-08-31, with commas between them.")
        if self.definition.type is FactType.INSTANT:
            return _("Write day, time and offset: 2026-08-31T03:00+08:00.")
        return _a_day()


class _Answered(Choice):
    """One of a few, or nothing; what is not among them is named in the error."""

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        return self.meant(chosen) if chosen else None

    def meant(self, chosen: str) -> Any:
        return chosen


class _YesNo(_Answered):
    def meant(self, chosen: str) -> bool:
        return _BOOLS[chosen]


class _Number(_Answered):
    def meant(self, chosen: str) -> int:
        return int(chosen)


class _Some(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        chosen = super().clean([one for one in value or [] if one])
        if not chosen:
            return None
        if NONE_OF_THESE in chosen and len(chosen) > 1:
            raise forms.ValidationError(_("Either some of these, or none of these."))
        return () if chosen == [NONE_OF_THESE] else tuple(chosen)


def _field(question: Question, definition: FactDefinition) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.text or localised(definition.label),
        "help_text": question.help,
        "required": False,
    }
    blank = ("", UNKNOWN if definition.default is None else _("Leave it to the rulebook"))
    words = [(key, localised(text)) for key, text in definition.choices.items()]
    if definition.type is FactType.BOOL:
        return _YesNo(choices=[("yes", _("Yes")), ("no", _("No")), blank], **common)
    if definition.type is FactType.CHOICE:
        return _Answered(choices=[blank, *words], widget=forms.Select, **common)
    if definition.type is FactType.CHOICES:
        return _Some(choices=[*words, (NONE_OF_THESE, _("None of these"))], **common)
    numbers = _few_numbers(definition)
    if numbers:
        return _Number(choices=[blank, *numbers], widget=forms.Select, **common)
    field = FactField(definition, **common)
    if definition.type in {FactType.DATE, FactType.DATES, FactType.INT}:
        field.widget.attrs["inputmode"] = "text" if definition.type is FactType.DATES else "numeric"
        field.widget.attrs["autocomplete"] = "off"
        if definition.type is not FactType.INT:
            field.widget.attrs["placeholder"] = "2026-08-31"
    return field


def _few_numbers(definition: FactDefinition) -> list[tuple[str, Text]]:
    low, high = definition.minimum, definition.maximum
    if definition.type is not FactType.INT or low is None or high is None or high - low > _FEW:
        return []
    levels = definition.name == "function_level" or definition.name.endswith("automation_level")
    return [(str(n), LEVELS[str(n)] if levels else str(n)) for n in range(low, high + 1)]
