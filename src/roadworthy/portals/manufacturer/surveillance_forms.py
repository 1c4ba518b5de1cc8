"""What is asked for when incidents are counted, and the manufacturer's own levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.surveillance.alarms import Levels
from roadworthy.portals.shared.forms import DayField, Form, WholeNumber
from roadworthy.portals.shared.listing import FilterForm

_LONGEST_SPAN = 3_650  # days; a slip of the finger, no rule


class CountsFilter(FilterForm):
    function = forms.ChoiceField(label=_later("Function"))
    software = forms.ChoiceField(label=_later("Software version"))
    reporter = forms.ChoiceField(label=_later("Reported by"))
    since = DayField(label=_later("From month"), help_text="")
    until = DayField(label=_later("To month"), help_text="")
    register = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, choices: Mapping[str, Sequence[str]]) -> None:
        pairs = {name: [(one, one) for one in values if one] for name, values in choices.items()}
        super().__init__(request, pairs)

    @property
    def used(self) -> dict[str, Any]:
        """Return the filters in use; the register is chosen, not filtered."""
        return {name: value for name, value in super().used.items() if name != "register"}


class LevelForm(Form):
    """At least one of the two must be set."""

    fewest = WholeNumber(
        lowest=1,
        highest=1_000_000,
        required=False,
        label=_later("Similar incidents from which an analysis is opened"),
        unit=_later("incidents"),
    )
    window_days = WholeNumber(
        lowest=1,
        highest=_LONGEST_SPAN,
        label=_later("Counted back over"),
        unit=_later("days"),
    )
    false_alarm = forms.DecimalField(
        required=False,
        min_value=Decimal("0.000001"),
        max_value=Decimal("0.5"),
        decimal_places=6,
        label=_later("Rate of false alarms of the comparison with other versions"),
        help_text=_later(
            "How often chance alone may raise an alarm, over all looks together, for example 0.01. "
            "It needs vehicle days."
        ),
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    applies_from = DayField(label=_later("Applies from"))
    reason = forms.CharField(
        label=_later("Why these numbers"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    @property
    def levels(self) -> Levels:
        """Return what was set."""
        return Levels(**self.cleaned_data)


class ExposureForm(Form):
    function = forms.CharField(label=_later("Function"), max_length=200)
    software = forms.CharField(
        required=False,
        label=_later("Software version"),
        max_length=200,
        help_text=_later("Empty: whatever the version"),
    )
    month = DayField(label=_later("A day of the month"))
    vehicle_days = WholeNumber(
        lowest=0, highest=10**12, label=_later("Vehicle days"), unit=_later("vehicle days")
    )
