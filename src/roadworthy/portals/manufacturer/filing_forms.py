"""What a homologation officer writes for each kind of filing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.filings.dossiers import DETAILS
from roadworthy.domains.filings.states import Kind
from roadworthy.portals.shared.dossier import DETAIL_LABELS
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form, WholeNumber

_PARTS = 3
_HINTS = {
    "parameters": _later("One parameter a line: name | approved value | filed value"),
    "assessment": _later("What was examined, by whom, with which result"),
    "schedule": _later("When which vehicles are reached"),
}


class DetailsForm(Form):
    """The details of one kind; what is known of the release is taken from the release itself."""

    def __init__(
        self, data: Any, *, kind: Kind, types: Sequence[Any], known: Mapping[str, Any]
    ) -> None:
        super().__init__(data, initial=dict(known))
        for name in DETAILS[kind]:
            self.fields[name] = self._field(name, types)

    @staticmethod
    def _field(name: str, types: Sequence[Any]) -> forms.Field:
        label = DETAIL_LABELS[name]
        if name == "types":
            return forms.MultipleChoiceField(
                label=label,
                choices=[(one.code, f"{localised(one.name)} · {one.code}") for one in types],
                widget=forms.CheckboxSelectMultiple,
            )
        if name == "vehicle_count":
            return WholeNumber(label=label, lowest=1, highest=100_000_000, unit=_later("vehicles"))
        short = name in {"permit_number", "responsible_person"}
        widget = (
            forms.TextInput({"class": "input"})
            if short
            else forms.Textarea({"rows": 3, "class": "input"})
        )
        return forms.CharField(label=label, widget=widget, help_text=_HINTS.get(name, ""))

    def clean_parameters(self) -> list[dict[str, str]]:
        """Read the lines of the table."""
        rows = []
        for line in self.cleaned_data["parameters"].splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != _PARTS or not parts[0]:
                raise forms.ValidationError(
                    _(
                        "“{line}” has not three parts. Write: name | approved value | filed value."
                    ).format(line=line)
                )
            rows.append({"name": parts[0], "approved": parts[1], "filed": parts[2]})
        return rows

    @property
    def details(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
