"""What data compliance writes about duties: breaches, risk assessments, the yearly report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.processing.breaches import KINDS
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.portals.manufacturer.data_forms import MANY, YesNo, text_field
from roadworthy.portals.shared.data_words import PURPOSES
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField, Form, WholeNumber

BREACHES = {"vulnerability": _("Vulnerability"), "leak": _("Leak, change or loss of data")}
CONCLUSIONS = {
    "acceptable": _("Acceptable"),
    "with-measures": _("Acceptable with these measures"),
    "not-acceptable": _("Not acceptable"),
}


class MomentField(forms.CharField):
    """A time of day by the clock of Shanghai."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text", _("Year-month-day and hour, Asia/Shanghai: 2026-08-31 14:05")
        )
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        raw = super().clean(value).strip()
        if not raw:
            return None
        for shape in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"):
            try:
                return datetime.strptime(raw, shape).replace(tzinfo=SHANGHAI)
            except ValueError:
                continue
        raise forms.ValidationError(
            _("“%(value)s” is not a time. Write it like 2026-08-31 14:05."), params={"value": raw}
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        return value


class BreachForm(Form):
    kind = forms.ChoiceField(label=_("What it is"), choices=[(k, BREACHES[k]) for k in KINDS])
    title = forms.CharField(max_length=200, label=_("In one line"))
    words = text_field(_("What is known"), 5, help_text=_("Without personal data"))
    found_at = MomentField(label=_("When it was found"))
    endangers_public = YesNo(label=_("It endangers national security or the public interest"))
    leaked = YesNo(label=_("Personal information leaked, was changed or lost, or may have been"))
    persons = WholeNumber(
        lowest=0, highest=MANY, required=False, label=_("Persons concerned"), unit=_("persons")
    )


class NoteForm(Form):
    """What is known or done since."""

    endangers_public = YesNo(label=_("It endangers national security or the public interest"))
    leaked = YesNo(label=_("Personal information leaked, was changed or lost, or may have been"))
    reported_at = MomentField(required=False, label=_("Reported to the authority"))
    reported_to = forms.CharField(required=False, max_length=120, label=_("To which authority"))
    remedied_at = MomentField(required=False, label=pgettext_lazy("breach", "Remedied"))
    persons_told_at = MomentField(required=False, label=_("Persons told"))
    harm_prevented = YesNo(
        label=_("The measures prevent the harm, and no authority ordered to tell the persons")
    )


class RiskForm(Form):
    subject_zh = text_field(_("What was assessed, in Chinese"))
    subject_en = text_field(_("What was assessed, in English"))
    flow_ids = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_("Data flows that were assessed"),
        help_text=_("None chosen: the processing as a whole"),
        widget=forms.CheckboxSelectMultiple,
    )
    risks_zh = text_field(_("Risks, in Chinese"), 4)
    risks_en = text_field(_("Risks, in English"), 4)
    measures_zh = text_field(_("Measures, in Chinese"), 4)
    measures_en = text_field(_("Measures, in English"), 4)
    conclusion = forms.ChoiceField(label=_("Conclusion"), choices=list(CONCLUSIONS.items()))
    assessed_on = DayField(label=_("Assessed on"))
    reported_on = DayField(required=False, label=_("Reported on"))
    reported_to = forms.CharField(required=False, max_length=120, label=_("To which authority"))

    def __init__(self, data: Any, *, flows: Iterable[Any]) -> None:
        super().__init__(data)
        chosen = [
            (one.pk, f"{one.number} · {localised(one.item.name)} · {PURPOSES[one.purpose]}")
            for one in flows
        ]
        self.fields["flow_ids"].choices = chosen  # type: ignore[attr-defined]
        if not chosen:
            self.fields["flow_ids"].widget = forms.MultipleHiddenInput()


class FiledForm(Form):
    on = DayField(label=_("Day on which it was handed in"))
    receipt = forms.CharField(required=False, max_length=120, label=_("Number of the receipt"))
