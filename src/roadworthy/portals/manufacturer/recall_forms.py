"""What recall management writes: the plan, its days, and why it does not do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.recalls.planning import TEXTS, Content
from roadworthy.domains.recalls.records import LONGEST
from roadworthy.portals.manufacturer.defect_forms import words
from roadworthy.portals.shared import recall_words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, Form

_LANGUAGES = {"zh": "zh-hans", "en": "en"}
_YES_NO = (("", _later("Not noted")), ("yes", _later("Yes")), ("no", _later("No")))


class PlanForm(Form):
    """A plan: which vehicles, what is wrong, what removes it, from when."""

    scope = forms.CharField(
        max_length=LONGEST,
        label=_later("Vehicles in scope"),
        help_text=_later(
            "One clause a line: all; type CODE; vin FIRST .. LAST with * for any place; built "
            "2024-01-01 .. 2024-06-30; ecu NAME = VERSION; joined by and, or, not. A line that "
            "begins with “except” takes vehicles out."
        ),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "autocapitalize": "off"}),
    )
    remedy = Choice(
        label=_later("How it is remedied"),
        choices=list(recall_words.REMEDIES.items()),
    )
    releases = forms.MultipleChoiceField(
        required=False,
        label=_later("Releases that remove the defect"),
        widget=forms.CheckboxSelectMultiple,
    )
    defect_zh = words(_later("Defect, in Chinese"), rows=3)
    defect_en = words(_later("Defect, in English"), rows=3)
    consequence_zh = words(_later("Possible consequence, in Chinese"), rows=2)
    consequence_en = words(_later("Possible consequence, in English"), rows=2)
    remedy_zh = words(_later("Remedy, in Chinese"), rows=2)
    remedy_en = words(_later("Remedy, in English"), rows=2)
    emergency_advice_zh = words(_later("Advice to owners until then, in Chinese"), rows=2)
    emergency_advice_en = words(_later("Advice to owners until then, in English"), rows=2)
    starts_on = DayField(label=_later("Planned start"))
    ends_on = DayField(label=_later("Planned end"), required=False)
    hotline = forms.CharField(label=_later("Hotline"), max_length=40)

    def __init__(self, data: Any, *, releases: Sequence[Any], plan: Any = None) -> None:
        super().__init__(data, initial=_written(plan) if plan else None)
        self.fields["releases"].choices = [  # type: ignore[attr-defined]
            (one.number, f"{one.number} · {localised(one.title)}") for one in releases
        ]

    def content(self) -> Content:
        """Return what ``planning`` takes."""
        given = self.cleaned_data
        return Content(
            scope=given["scope"],
            texts={
                name: {key: given[f"{name}_{short}"] for short, key in _LANGUAGES.items()}
                for name in TEXTS
            },
            remedy=given["remedy"],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            hotline=given["hotline"],
            release_numbers=tuple(given["releases"]),
        )


class NotesForm(Form):
    """Days on which something was done; an empty one stays as it is."""

    dealers_told_on = DayField(label=_later("Dealers told of the plan"), required=False)
    dealers_stopped = forms.ChoiceField(
        label=_later("Dealers have stopped selling"), choices=_YES_NO, required=False
    )
    published_on = DayField(label=_later("Recall published"), required=False)
    owners_told_on = DayField(label=_later("All owners told"), required=False)
    stage_report_on = DayField(label=_later("Stage report filed"), required=False)

    def values(self) -> dict[str, Any]:
        """Return what ``running.note`` takes."""
        given = dict(self.cleaned_data)
        stopped = given.pop("dealers_stopped")
        return {**given, "dealers_stopped": {"yes": True, "no": False}.get(stopped)}


class DayForm(Form):
    on = DayField(label=_later("Day"))


class CompleteForm(DayForm):
    word = words(
        _later("How vehicles that are not remedied are followed up"), rows=3, required=False
    )


class AgainForm(Form):
    failure = Choice(
        label=_later("What is wrong with it"), choices=list(recall_words.FAILURES.items())
    )
    reason = words(_later("Reason"), rows=3)


class AmendForm(Form):
    reason = words(_later("Why the plan changes"), rows=3, help_text=_later("SAMR reads it."))


def _written(plan: Any) -> dict[str, Any]:
    texts = {
        f"{name}_{short}": plan.texts.get(name, {}).get(key, "")
        for name in TEXTS
        for short, key in _LANGUAGES.items()
    }
    return {
        **texts,
        "scope": plan.scope.get("text", ""),
        "remedy": plan.remedy,
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "hotline": plan.hotline,
        "releases": [one.release.number for one in plan.releases.all()],
    }
