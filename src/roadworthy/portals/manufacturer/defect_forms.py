"""What people write about defects, orders to stop and sites."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.recalls.records import LONGEST
from roadworthy.domains.recalls.services import Analysis
from roadworthy.domains.recalls.states import Origin, Outcome
from roadworthy.domains.recalls.stopping import SiteRow
from roadworthy.portals.shared import recall_words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, FileForm, Form, Upload

_LINES = 5


def words(label: Any, *, rows: int = _LINES, **more: Any) -> forms.CharField:
    """Return a field for a longer text."""
    more.setdefault("widget", forms.Textarea({"rows": rows}))
    return forms.CharField(label=label, max_length=LONGEST, **more)


class OpenForm(Form):
    """A possible defect: what, of which types, and why somebody thinks so."""

    origin = forms.ChoiceField(
        label=_later("What it comes from"),
        choices=[(str(key), text) for key, text in recall_words.ORIGINS.items()],
    )
    link = forms.CharField(
        required=False,
        max_length=60,
        label=_later("Its number"),
        help_text=_later("Of the complaint, the incident, the foreign recall, SAMR's letter"),
    )
    title_zh = forms.CharField(label=_later("Title in Chinese"), max_length=120)
    title_en = forms.CharField(label=_later("Title in English"), max_length=120)
    types = forms.TypedMultipleChoiceField(
        coerce=int, label=_later("Vehicle types"), widget=forms.CheckboxSelectMultiple
    )
    ecus = forms.MultipleChoiceField(
        required=False,
        label=_later("ECUs whose software it may lie in"),
        help_text=_later("None: any of them. Releases that change them are held up."),
        widget=forms.CheckboxSelectMultiple,
    )
    reason_zh = words(_later("Why, in Chinese"), rows=3)
    reason_en = words(_later("Why, in English"), rows=3)

    def __init__(self, data: Any, *, types: Sequence[Any], ecus: Sequence[str]) -> None:
        super().__init__(data)
        self.fields["types"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.code} · {localised(one.name)}") for one in types
        ]
        self.fields["ecus"].choices = [(one, one) for one in ecus]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what ``open_defect`` takes."""
        given = self.cleaned_data
        return {
            "origin": Origin(given["origin"]),
            "title": {"zh-hans": given["title_zh"], "en": given["title_en"]},
            "reason": {"zh-hans": given["reason_zh"], "en": given["reason_en"]},
            "type_ids": given["types"],
            "ecus": given["ecus"],
            "links": {given["origin"]: given["link"].strip()} if given["link"].strip() else {},
        }


class AnalysisForm(Form):
    """What the analysis concludes; without a defect the law lists what it has to say."""

    outcome = Choice(
        label=_later("Conclusion"),
        choices=[(str(key), text) for key, text in recall_words.OUTCOMES.items()],
        hints={
            Outcome.DEFECT: _later("Once a second person confirms it, everything stops at once."),
            Outcome.NO_DEFECT: _later(
                "The report then states process, method, risk assessment and conclusion."
            ),
        },
    )
    process = words(_later("Process of the analysis"), required=False)
    method = words(_later("Method"), required=False)
    risk_assessment = words(_later("Risk assessment"), required=False)
    conclusion = words(_later("Conclusion and its reasons"))

    def analysis(self) -> Analysis:
        given = self.cleaned_data
        return Analysis(**given | {"outcome": Outcome(given["outcome"])})


class ReasonForm(Form):
    reason = words(_later("Reason"), rows=3)


class ReportedForm(Form):
    on = DayField(label=_later("Day on which the result was reported"))


class ShownForm(FileForm):
    """What shows that an order came, was carried out, or may be lifted."""

    words = words(_later("What it shows"), rows=2, required=False)
    file = forms.FileField(label=_later("Document"), required=False, widget=Upload)

    def __init__(self, *given: Any, is_needed: bool) -> None:
        """``is_needed``: words alone do not show that an order was carried out."""
        super().__init__(*given)
        self.fields["file"].required = is_needed


class SitesForm(Form):
    """Plants, dealers and importers, one a line."""

    rows = words(
        _later("Plants, dealers and importers"),
        rows=8,
        help_text=_later("One a line: plant, dealer or importer; code; name; contact"),
    )

    def clean_rows(self) -> list[SiteRow]:
        """Read the lines; commas, semicolons or tabs separate the columns.

        Raises:
            ValidationError: a line has too few columns.
        """
        text = self.cleaned_data["rows"]
        sign = max(",;\t", key=text.count)
        found = []
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=sign), start=1):
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) < 3:
                raise forms.ValidationError(
                    _later("Line %(line)s: kind, code and name belong there."),
                    params={"line": number},
                )
            contact = cells[3] if len(cells) > 3 else ""
            found.append(SiteRow(_KINDS.get(cells[0], cells[0]), cells[1], cells[2], contact))
        return found


_KINDS: Mapping[str, str] = {"工厂": "plant", "经销商": "dealer", "进口商": "importer"}


class VinForm(Form):
    vin = forms.CharField(
        label="VIN", max_length=17, min_length=17, help_text=_later("17 characters")
    )
