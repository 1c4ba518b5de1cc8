"""What a homologation officer writes for each kind of filing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.filings.dossiers import ASSESSMENT, DETAILS
from roadworthy.domains.filings.enclosing import REASON
from roadworthy.domains.filings.states import Kind
from roadworthy.portals.shared.dossier import (
    ASSESSMENT_HINTS,
    ASSESSMENT_LABELS,
    DETAIL_LABELS,
    OTA_TYPES,
)
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form, WholeNumber, dress

_PARTS = 3
_HINTS = {
    "parameters": _later("One parameter a line: name | approved value | filed value"),
    "problems": _later("Write “none” if there were none"),
    REASON: _later("Both authorities read it; what is accepted stands until this is accepted"),
    "schedule": _later("When which vehicles are reached"),
}


class DetailsForm(Form):
    """The details of one kind; what is known of the release is taken from the release itself."""

    def __init__(
        self,
        data: Any,
        *,
        kind: Kind,
        types: Sequence[Any],
        known: Mapping[str, Any],
        amends: bool = False,
    ) -> None:
        super().__init__(data, initial=dict(known))
        self.kind = kind
        for name in DETAILS[kind]:
            if name == "assessment":
                for part in ASSESSMENT:
                    self.fields[f"assessment_{part}"] = self._part(part)
            elif name != "figures":  # those come from the campaigns, and nobody types them
                self.fields[name] = self._field(name, types)
        if amends:
            self.fields[REASON] = self._field(REASON, types)
        for one in self.fields.values():
            dress(one)

    @staticmethod
    def _part(part: str) -> forms.Field:
        label, hint = ASSESSMENT_LABELS[part], ASSESSMENT_HINTS.get(part, "")
        if part == "ota_type":
            return forms.ChoiceField(label=label, choices=[("", "—"), *OTA_TYPES.items()])
        return forms.CharField(
            label=label, help_text=hint, widget=forms.Textarea({"rows": 2, "class": "input"})
        )

    @property
    def typed(self) -> dict[str, Any]:
        """Return what was sent, field by field, as it was typed: a draft keeps it like this."""
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            if isinstance(field, forms.MultipleChoiceField):
                found[name] = list(self[name].value() or ())
            elif name in self.data:
                found[name] = str(self.data[name])
        return found

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
        """Return the details as a dossier holds them."""
        found = dict(self.cleaned_data)
        parts = {part: found.pop(f"assessment_{part}", "") for part in ASSESSMENT}
        if "assessment" in DETAILS[self.kind]:
            found["assessment"] = parts
        return found
