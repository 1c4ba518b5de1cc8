"""What is declared of a flow, what is said at its steps, and who is exported over it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roadworthy.domains.processing.declaring import Declared
from roadworthy.domains.processing.states import (
    Anonymised,
    Ground,
    Path,
    Place,
    Purpose,
    Storage,
)
from roadworthy.portals.manufacturer.data_forms import (
    MANY,
    Listed,
    YesNo,
    one_of,
    pair_of,
    text_field,
)
from roadworthy.portals.shared import data_words as terms
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form, WholeNumber


class FlowForm(Form):
    """What is declared of a flow."""

    item = forms.ChoiceField(label=_("Data item"))
    type_ids = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_("Vehicle types"),
        help_text=_("None chosen: all types that produce it"),
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = one_of(terms.PURPOSES, label=_("Purpose"))
    purpose_zh = text_field(_("The purpose in words, in Chinese"), required=False)
    purpose_en = text_field(_("The purpose in words, in English"), required=False)
    necessity_zh = text_field(_("Why less would not do, in Chinese"), required=False)
    necessity_en = text_field(_("Why less would not do, in English"), required=False)
    ground = one_of(terms.GROUNDS, label=_("Legal ground"))
    starts_in = one_of(
        {k: v for k, v in terms.PLACES.items() if k != Place.THIRD_PARTY}, label=_("From where")
    )
    processed_in = one_of(terms.PLACES, label=_("Where it is processed"))
    can_run_in_car = YesNo(label=_("The function can do with processing in the vehicle"))
    recipient_id = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("Recipient")
    )
    stored = one_of(terms.STORED, label=_("Where it is stored"))
    retention_days = WholeNumber(lowest=1, highest=36500, label=_("Deleted after"), unit=_("days"))
    precision_metres = WholeNumber(
        lowest=1,
        highest=1_000_000,
        required=False,
        label=_("A position leaves rounded to"),
        unit=_("metres"),
    )
    on_by_default = forms.BooleanField(
        required=False, label=_("Collection is on when a drive starts")
    )
    anonymised = one_of(
        {"": _("Not stated yet"), **terms.ANONYMISED},
        required=False,
        label=_("How exterior images are anonymised before they leave"),
    )
    outside_consented = forms.BooleanField(
        required=False, label=_("The persons outside the vehicle consented")
    )
    biometrics_necessary = YesNo(label=_("Collecting biometric features is truly necessary"))
    opened_from = Listed(
        required=False,
        label=_("Can be opened from these countries"),
        help_text=_("Two letters each (ISO 3166-1). Remote access from abroad is an export."),
    )
    managed_as_export = YesNo(label=_("Remote access is managed as an export"))
    persons = WholeNumber(
        lowest=0,
        highest=MANY,
        required=False,
        label=_("Persons whose information goes, in a year"),
        unit=_("persons"),
    )
    population = forms.CharField(
        required=False,
        max_length=80,
        label=_("Which persons these are"),
        help_text=_("Flows with the same words count the same persons once"),
    )
    path = one_of(terms.PATHS, label=_("Way of export"))
    path_number = forms.CharField(
        required=False, max_length=64, label=_("Number of the contract or certificate")
    )
    assessment_id = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("Security assessment")
    )
    exempt = YesNo(label=_("One of the guide's exemptions applies"))
    exemption = forms.CharField(required=False, max_length=200, label=_("Which exemption"))

    def __init__(
        self,
        data: Any,
        *,
        items: Iterable[Any],
        types: Iterable[Any],
        recipients: Iterable[Any],
        assessments: Iterable[Any],
        said: Declared | None = None,
        item: str = "",
    ) -> None:
        super().__init__(data, initial=_said(said) if said else {"item": item, "exempt": None})
        self._choose("item", ((i.item.code, f"{localised(i.name)} · {i.item.code}") for i in items))
        self._choose("type_ids", ((t.pk, localised(t.name)) for t in types))
        nobody = ("", _("Nobody: it stays in the vehicle"))
        named = ((r.pk, f"{localised(r.name)} · {terms.country(r.country)}") for r in recipients)
        self._choose("recipient_id", (nobody, *named))
        none = ("", terms.PATHS[Path.NONE])
        self._choose("assessment_id", (none, *((a.pk, a.number) for a in assessments)))

    def _choose(self, name: str, pairs: Iterable[tuple[Any, Any]]) -> None:
        self.fields[name].choices = list(pairs)  # type: ignore[attr-defined]

    @property
    def declared(self) -> Declared:
        """Return what was written."""
        v = self.cleaned_data
        return Declared(
            item=v["item"],
            purpose=Purpose(v["purpose"]),
            purpose_words=pair_of(v, "purpose"),
            necessity=pair_of(v, "necessity"),
            ground=Ground(v["ground"]),
            starts_in=Place(v["starts_in"]),
            processed_in=Place(v["processed_in"]),
            stored=Storage(v["stored"]),
            retention_days=v["retention_days"],
            recipient_id=v["recipient_id"],
            can_run_in_car=v["can_run_in_car"],
            opened_from=v["opened_from"],
            managed_as_export=v["managed_as_export"],
            precision_metres=v["precision_metres"],
            on_by_default=v["on_by_default"],
            anonymised=Anonymised(v["anonymised"]) if v["anonymised"] else None,
            outside_consented=v["outside_consented"],
            biometrics_necessary=v["biometrics_necessary"],
            persons=v["persons"],
            population=v["population"],
            path=Path(v["path"]),
            path_number=v["path_number"],
            assessment_id=v["assessment_id"],
            exempt=v["exempt"],
            exemption=v["exemption"],
            type_ids=v["type_ids"],
        )


def _said(said: Declared) -> dict[str, Any]:
    plain = {name: getattr(said, name) for name in Declared.__dataclass_fields__}
    return {
        **plain,
        "purpose_zh": said.purpose_words["zh-hans"],
        "purpose_en": said.purpose_words["en"],
        "necessity_zh": said.necessity["zh-hans"],
        "necessity_en": said.necessity["en"],
        "anonymised": said.anonymised or "",
    }


class RemarkForm(Form):
    remark = text_field(_("Reason"), 3)


class ApproveForm(Form):
    remark = text_field(_("Remark"), 2, required=False)


class ExportForm(Form):
    number = forms.ChoiceField(label=_("Flow"))
    persons = text_field(
        _("Persons, one a line"),
        6,
        max_length=2_000_000,
        help_text=_(
            "Your own identifiers, the same all over your group. Only a salted digest is kept."
        ),
    )
    reference = forms.CharField(
        required=False,
        max_length=80,
        label=_("Your reference"),
        help_text=_("Asked again with the same reference, nothing is counted twice"),
    )

    def __init__(self, data: Any, *, flows: Iterable[Any]) -> None:
        super().__init__(data)
        self.fields["number"].choices = [  # type: ignore[attr-defined]
            (one.number, f"{one.number} · {localised(one.item.name)}") for one in flows
        ]
