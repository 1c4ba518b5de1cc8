"""The forms of the catalogue: one entry, one step of its life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from roadworthy.domains.standards import entries, tree
from roadworthy.domains.standards.entries import Adopted, Entry, Link, Place
from roadworthy.domains.standards.states import Action, Grade, State
from roadworthy.kernel import standard_number
from roadworthy.portals.shared import standard_words as words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField, Form
from roadworthy.portals.shared.listing import FilterForm, Search

# Which field of the form an error is about.
ABOUT: Final[Mapping[str, str]] = {
    "not-a-standard-number": "number",
    "several-standard-numbers": "number",
    "standard-number-taken": "number",
    "standard-wrong-kind": "kind",
    "standard-without-place": "places",
    "no-such-place": "places",
    "standard-source-missing": "source",
    "supersession-cycle": "supersedes",
    "successor-before-predecessor": "in_force_on",
    "no-such-predecessor": "supersedes",
    "perhaps-another-standard": "supersedes",
}
GRADES: Final = {
    Grade.A: _("A: the official text was read"),
    Grade.B: _("B: a faithful copy, or several that agree"),
    Grade.C: _("C: a digest, or one secondary source"),
    Grade.D: _("D: general knowledge, not verified"),
}
_SAME: Final = ("title_zh", "title_en", "issuer", "comment_from", "comment_until")
_FIRST: Final = {
    State.PLANNED: words.STANDARD[State.PLANNED].text,
    State.DRAFTING: words.STANDARD[State.DRAFTING].text,
    State.COMMENT: words.STANDARD[State.COMMENT].text,
    State.APPROVED: words.STANDARD[State.APPROVED].text,
    State.PUBLISHED: words.STANDARD[State.PUBLISHED].text,
    State.IN_FORCE: words.STANDARD[State.IN_FORCE].text,
}


class StandardFilter(FilterForm):
    search = Search(label=_("Number, title in Chinese or English, or pinyin"), max_length=200)
    stands = forms.ChoiceField(label=_("State"))
    kind = forms.ChoiceField(label=_("Kind"))
    framework = forms.ChoiceField(label=_("Framework"))
    area = forms.ChoiceField(label=_("Area"))


class EntryForm(Form):
    """One entry. Numbers are one a line; places are chosen from the frameworks."""

    number = forms.CharField(
        label=_("Number"),
        max_length=standard_number.LONGEST,
        help_text=_("For example GB/T 44721-2024; of a draft without number: DRAFT short-name"),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        help_text=_("Only for a draft without number; otherwise it follows from the number."),
    )
    state = forms.ChoiceField(label=_("State"), choices=list(_FIRST.items()))
    title_zh = forms.CharField(label=_("Title in Chinese"), required=False, max_length=300)
    title_en = forms.CharField(label=_("Title in English"), required=False, max_length=300)
    issuer = forms.CharField(label=_("Issued by"), required=False, max_length=120)
    places = forms.MultipleChoiceField(
        label=_("Place in a framework"), widget=forms.SelectMultiple({"size": 8})
    )
    comment_from = DayField(label=_("Comments from"), required=False)
    comment_until = DayField(label=_("Comments until"), required=False)
    published_on = DayField(label=_("Published on"), required=False)
    in_force_on = DayField(label=_("In force from"), required=False)
    supersedes = forms.CharField(
        label=_("What it replaces"),
        required=False,
        help_text=_("Numbers, one a line"),
        widget=forms.Textarea({"rows": 3}),
    )
    adopts = forms.CharField(
        label=_("What it adopts"),
        required=False,
        help_text=_("Numbers of international standards, one a line"),
        widget=forms.Textarea({"rows": 2}),
    )
    source = forms.CharField(label=_("Source"), max_length=200)
    grade = forms.ChoiceField(label=_("Grade of evidence"), choices=list(GRADES.items()))
    note_zh = forms.CharField(
        label=_("Note in Chinese"), required=False, widget=forms.Textarea({"rows": 2})
    )
    note_en = forms.CharField(
        label=_("Note in English"), required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, entry: Entry | None = None, **kwargs: Any) -> None:
        self.entry = entry
        if entry is not None:
            kwargs["initial"] = _initial(entry)
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _now("follows from the number")), *words.KINDS.items()]  # type: ignore[attr-defined]
        self.fields["places"].choices = places()  # type: ignore[attr-defined]
        if entry is not None:
            for name in ("number", "kind", "state"):  # steps change the state, nothing the others
                del self.fields[name]

    def filled(self) -> Entry:
        """Return the entry that was typed.

        Raises:
            NotANumber, SeveralNumbers, WrongKind.
        """
        given = self.cleaned_data
        kept = self.entry
        number = kept.number if kept else standard_number.normal(given["number"])
        told = {"source": given["source"], "grade": given["grade"]}
        old_places = {one.path: one for one in kept.places} if kept else {}
        old_links = {one.number: one for one in kept.supersedes} if kept else {}
        old_adopted = {one.number: one for one in kept.adopts} if kept else {}
        plain = {name: given[name] for name in (*_SAME, "published_on", "in_force_on")}
        entry = kept or Entry(
            number=number,
            kind=entries.kind_of(number, given["kind"]),
            state=given["state"],
            raw=given["number"].strip(),
            **told,
        )
        return replace(
            entry,
            **plain,
            **told,
            places=tuple(old_places.get(one, Place(one, **told)) for one in given["places"]),
            supersedes=tuple(
                old_links.get(one, Link(one, **told)) for one in _numbers(given["supersedes"])
            ),
            adopts=tuple(
                old_adopted.get(one, Adopted(one, **told)) for one in _numbers(given["adopts"])
            ),
            note={
                key: value
                for key, value in (("zh-hans", given["note_zh"]), ("en", given["note_en"]))
                if value
            },
        )


def places() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every sub-area to choose from, framework by framework."""
    return [
        (framework, [(path, f"{code} {localised(title)}") for _title, path, code, title in rows])
        for framework, rows in groupby(tree.choices(), key=lambda row: str(localised(row[0])))
    ]


class StepForm(Form):
    """The days that a step in a life needs."""

    on = DayField(label=_("Day"), required=False)
    until = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            Action.INVITE: (words.FIELDS["comment_from"], words.FIELDS["comment_until"]),
            Action.APPROVE: (words.FIELDS["approved_on"], None),
            Action.PUBLISH: (words.FIELDS["published_on"], words.FIELDS["in_force_on"]),
            Action.WITHDRAW: (words.FIELDS["withdrawn_on"], None),
        }.get(action, (None, None))
        for name, label in zip(("on", "until"), labels, strict=True):
            if label is None:
                del self.fields[name]
            else:
                self.fields[name].label = str(label)
                self.fields[name].required = True


def _initial(entry: Entry) -> dict[str, Any]:
    return {
        **{name: getattr(entry, name) for name in (*_SAME, "published_on", "in_force_on")},
        "source": entry.source,
        "grade": entry.grade,
        "places": [one.path for one in entry.places],
        "supersedes": "\n".join(one.number for one in entry.supersedes),
        "adopts": "\n".join(one.number for one in entry.adopts),
        "note_zh": entry.note.get("zh-hans", ""),
        "note_en": entry.note.get("en", ""),
    }


def _numbers(text: str) -> list[str]:
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    found = [str(number) for line in lines for number in standard_number.expand(line)]
    return list(dict.fromkeys(found))
