"""What somebody enters at the matrix: filters, evidence, a fact that the approval does not say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.compliance.states import EvidenceKind
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.manufacturer import matrix_page
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, Form, Upload, dress
from roadworthy.portals.shared.listing import FilterForm, Search
from roadworthy.rules.facts import FactDefinition, FactType

YES, NO = "yes", "no"


class TypeFilter(FilterForm):
    search = Search(label=_later("Name or code"))


class MatrixFilter(FilterForm):
    search = Search(label=_later("Clause or words"))
    on = DayField(label=_later("As of"))
    state = forms.ChoiceField(label=_later("State"))
    standard = forms.ChoiceField(label=_later("Standard"))

    def __init__(self, request: Any, standards: Iterable[str]) -> None:
        states = [(str(key), chip.text) for key, chip in matrix_page.STATES.items()]
        super().__init__(request, {"state": states, "standard": [(one, one) for one in standards]})


class EvidenceForm(Form):
    """Something that shows that a clause is met."""

    kind = forms.ChoiceField(label=_later("Kind of evidence"))
    report_id = forms.TypedChoiceField(
        label=_later("Test report"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_later("Only reports that were signed and handed over, to this standard"),
    )
    file = forms.FileField(
        label=_later("Document"),
        required=False,
        widget=Upload,
        help_text=_later("For an attestation or another document"),
    )
    title = forms.CharField(label=_later("Title of the evidence"), max_length=200, required=False)
    valid_from = DayField(
        label=_later("Shows it from"),
        required=False,
        help_text=_later("Left empty: the day of the test, or today"),
    )
    valid_until = DayField(
        label=_later("Last day"), required=False, help_text=_later("Left empty: no end is stated")
    )
    note = forms.CharField(
        label=_later("Note"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, kinds: Sequence[str], reports: Iterable[Any]
    ) -> None:
        super().__init__(data, files)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (one, matrix_page.KINDS[EvidenceKind(one)]) for one in kinds
        ]
        self.fields["report_id"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *((one.pk, f"{one.number} · {one.standard} · {one.title}") for one in reports),
        ]


class ReasonForm(Form):
    reason = forms.CharField(
        label=_later("Why"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class FactForm(Form):
    """A fact by the form that the rulebook gives it."""

    source = forms.CharField(
        label=_later("Where it was read"),
        max_length=200,
        help_text=_later("A document, a page, a person: it stands beside every answer"),
    )

    def __init__(self, data: Any = None, *, fact: str) -> None:
        super().__init__(data)
        self.fact = rulebook().facts[fact]
        self.fields["value"] = dressed(_field(self.fact))
        self.order_fields(["value", "source"])

    @property
    def value(self) -> Any:
        """Return what was entered, as the rulebook takes it."""
        given = self.cleaned_data["value"]
        if self.fact.type is FactType.BOOL:
            return given == YES
        return given.isoformat() if self.fact.type is FactType.DATE else given


def dressed(field: forms.Field) -> forms.Field:
    """Give a field that a form adds by itself the style's class and words."""
    dress(field)
    return field


def _field(fact: FactDefinition) -> forms.Field:
    label = localised(fact.label.to_json())
    words = {key: localised(text.to_json()) for key, text in fact.choices.items()}
    found: forms.Field
    if fact.type is FactType.BOOL:
        pairs = [(YES, _later("Yes")), (NO, _later("No"))]
        found = Choice(label=label, choices=pairs)
    elif fact.type is FactType.CHOICE:
        found = forms.ChoiceField(label=label, choices=list(words.items()))
    elif fact.type is FactType.CHOICES:
        found = forms.MultipleChoiceField(
            label=label, choices=list(words.items()), widget=forms.CheckboxSelectMultiple
        )
    elif fact.type is FactType.DATE:
        found = DayField(label=label)
    elif fact.type is FactType.INT:
        found = forms.IntegerField(label=label, min_value=fact.minimum, max_value=fact.maximum)
    else:
        found = forms.CharField(label=label, max_length=200)
    return found
