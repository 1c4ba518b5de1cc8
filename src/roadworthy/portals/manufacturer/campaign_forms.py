"""What a compliance officer writes to plan a campaign, and what is asked before the grave steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act
from roadworthy.domains.notices.services import FIELDS
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form, WholeNumber

ROWS = 5
PROPOSED = ((10, 90, 20), (30, 90, 10), (60, 90, 10))
NOTICE_LABELS = {
    "purpose": _later("Why there is an update"),
    "content": _later("What changes (a line for each)"),
    "duration": _later("How long it takes"),
    "impact": _later("What it means for driving meanwhile"),
    "precautions": _later("What to take care of"),
    "unavailable_functions": _later("What cannot be used meanwhile (a line for each)"),
    "risks": _later("What can go wrong"),
    "instructions": _later("What to do before (a line for each)"),
}


class PlanForm(Form):
    name_zh = forms.CharField(max_length=80, label=_later("Name in Chinese"))
    name_en = forms.CharField(max_length=80, label=_later("Name in English"))
    rate = WholeNumber(
        lowest=1,
        highest=100_000,
        unit=_later("vehicles/min"),
        required=False,
        label=_later("Rate cap"),
        help_text=_later("Empty: no cap"),
    )
    hours = WholeNumber(
        lowest=1,
        highest=8760,
        unit=_later("h"),
        label=_later("Proof within"),
        help_text=_later("After so long without word a vehicle counts as failed"),
        initial=72,
    )
    types = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_later("Vehicle types"),
        help_text=_later("None chosen: every type of the release"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, types: Sequence[Any], title: dict[str, str]) -> None:
        super().__init__(
            data, initial={"name_zh": title.get("zh-hans", ""), "name_en": title.get("en", "")}
        )
        self.fields["types"].choices = [(t.pk, f"{localised(t.name)} · {t.code}") for t in types]  # type: ignore[attr-defined]
        for number in range(1, ROWS + 1):
            proposed = PROPOSED[number - 1] if number <= len(PROPOSED) else ("", "", "")
            for part, value in zip(("share", "success", "error"), proposed, strict=True):
                field = WholeNumber(lowest=1, highest=100, unit="%", required=False, initial=value)
                field.label = self._label(number, part)
                field.widget.attrs.update({"class": "input", "aria-label": field.label})
                self.fields[f"g{number}_{part}"] = field

    @staticmethod
    def _label(number: int, part: str) -> str:
        names = {
            "share": _("Group {n}: share of the vehicles"),
            "success": _("Group {n}: proven before the next opens"),
            "error": _("Group {n}: failures that pause"),
        }
        return names[part].format(n=number)

    def rows(self) -> list[tuple[int, list[Any]]]:
        """Return the fields of each group, for the table of the page."""
        parts = ("share", "success", "error")
        return [(n, [self[f"g{n}_{part}"] for part in parts]) for n in range(1, ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        """Check that the shares add up and no group is half filled in."""
        values = super().clean() or {}
        if any(name.startswith("g") for name in self.errors):
            return values
        shares = 0
        for number in range(1, ROWS + 1):
            parts = [values.get(f"g{number}_{part}") for part in ("share", "success", "error")]
            if any(part is not None for part in parts) and None in parts:
                self.add_error(
                    f"g{number}_share", _("Fill in all three figures of this group, or none.")
                )
            shares += parts[0] or 0
        if shares != 100:
            message = _("The shares add up to {sum}%. They have to add up to 100%.").format(
                sum=shares
            )
            self.add_error(None, message)
        return values

    @property
    def groups(self) -> list[GroupPlan]:
        values = self.cleaned_data
        return [
            GroupPlan(values[f"g{n}_share"], values[f"g{n}_success"], values[f"g{n}_error"])
            for n in range(1, ROWS + 1)
            if values.get(f"g{n}_share")
        ]


class NoticeForm(Form):
    """Everything that an owner must be told, in both languages."""

    def __init__(self, data: Any, *, content: dict[str, dict[str, str]]) -> None:
        super().__init__(data)
        for code, short in (("zh-hans", "zh"), ("en", "en")):
            for name in FIELDS:
                self.fields[f"{short}_{name}"] = forms.CharField(
                    label=NOTICE_LABELS[name],
                    initial=content.get(code, {}).get(name, ""),
                    widget=forms.Textarea({"rows": 3, "class": "input"}),
                    error_messages={"required": _("Owners must be told this. Fill it in.")},
                )

    def _in(self, short: str) -> list[Any]:
        return [self[f"{short}_{name}"] for name in FIELDS]

    @property
    def chinese(self) -> list[Any]:
        return self._in("zh")

    @property
    def english(self) -> list[Any]:
        return self._in("en")

    @property
    def content(self) -> dict[str, dict[str, str]]:
        values = self.cleaned_data
        return {
            code: {name: values[f"{short}_{name}"] for name in FIELDS}
            for code, short in (("zh-hans", "zh"), ("en", "en"))
        }


class GraveForm(Form):
    """Asked before a step that cannot be taken back: why, and the campaign's number typed out."""

    reason = forms.CharField(
        label=_later("Reason"),
        help_text=_later("Goes into the log; both authorities see it."),
        widget=forms.Textarea({"rows": 3}),
    )
    confirm = forms.CharField(widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, prefix: str, number: str, reason: bool) -> None:
        super().__init__(data, prefix=prefix)
        self.number = number
        self.fields["confirm"].label = _("Type {number} to confirm").format(number=number)
        if not reason:
            del self.fields["reason"]

    def clean_confirm(self) -> str:
        """Compare what was typed with the number."""
        typed: str = self.cleaned_data["confirm"].strip()
        if typed != self.number:
            raise forms.ValidationError(
                _("“{typed}” is not {number}. Type the number exactly.").format(
                    typed=typed, number=self.number
                )
            )
        return typed


GRAVE = frozenset({Act.STOP, Act.CANCEL, Act.COMPLETE})


def grave_form(act: Act, number: str, data: Any = None) -> GraveForm:
    """Return what a grave step asks for; a stop needs its reason."""
    return GraveForm(data, prefix=str(act), number=number, reason=act == Act.STOP)
