"""What a safety engineer writes about incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.incidents import fields, holding
from roadworthy.domains.incidents.fields import Form as Shape
from roadworthy.domains.incidents.investigating import WRITTEN
from roadworthy.domains.incidents.states import Action
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.portals.shared import incident_words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form, WholeNumber, dress

_MOST_HOURS = 8760  # of an own level; a slip of the finger, no rule
_LONG = frozenset({"narrative", "damage", "immediate_measures", "preliminary_cause", "failure"})
_YES, _NO = "yes", "no"
_YES_NO = [(_YES, _later("yes")), (_NO, _later("no"))]


class MomentField(forms.Field):
    """A moment in Asia/Shanghai, to the minute."""

    widget = forms.TextInput({"autocomplete": "off", "placeholder": "2026-08-31 09:14"})
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _later("This is empty. Fill it in."),
        "invalid": _later("This is no moment. Write day and time, for example 2026-08-31 09:14."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _later("Day and time, Asia/Shanghai"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime | None:
        text = str(value or "").strip().replace("T", " ")
        if not text:
            return None
        for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
            try:
                return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
            except ValueError:
                continue
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        return value


class StatedForm(Form):
    """Fields of the neutral record, as many as a page asks for; an empty one is not stated."""

    names: Sequence[str] = ()

    def __init__(self, data: Any, *, known: Mapping[str, Any] | None = None, **more: Any) -> None:
        told = known or {}
        initial = {name: _initial(name, told[name]) for name in self.names if name in told}
        super().__init__(data, initial={**initial, **more.pop("initial", {})}, **more)
        for name in self.names:
            self.fields[name] = _field(name)
            dress(self.fields[name])

    @property
    def stated(self) -> dict[str, Any]:
        """Return what is said now, and None for what was said before and is empty now."""
        found: dict[str, Any] = {}
        for name in self.names:
            value = _said(name, self.cleaned_data.get(name))
            if value is not None or name in self.initial:
                found[name] = value
        return found


class EnterForm(StatedForm):
    """A new incident: what it is about, what happened, what is known by now."""

    names = (
        *("incident_kinds", "occurred_at", "cdas_state", "is_new_energy"),
        *("casualties_or_major_impact", "injured", "killed", "province", "city"),
        *("road", "weather", "light", "recorders_holding"),
    )

    trigger = forms.ChoiceField(
        label=_later("How it came to notice"),
        choices=[(str(key), text) for key, text in incident_words.TRIGGERS.items()],
    )
    vin = forms.CharField(
        required=False,
        max_length=17,
        min_length=17,
        label="VIN",
        help_text=_later("17 characters; without it, choose the vehicle type"),
    )
    type_code = forms.ChoiceField(required=False, label=_later("Vehicle type"))
    function_code = forms.ChoiceField(required=False, label=_later("Function"))
    learned_at = MomentField(
        label=_later("When you learned of it"),
        help_text=_later("Day and time, Asia/Shanghai. The law's clocks run from here."),
    )
    words = forms.CharField(
        label=_later("What happened"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 6}),
    )

    def __init__(
        self, data: Any, *, types: Sequence[Any], functions: Sequence[Any], **more: Any
    ) -> None:
        super().__init__(data, **more)
        self.fields["type_code"].choices = [  # type: ignore[attr-defined]
            ("", _later("The one of the vehicle")),
            *((one.code, f"{one.code} · {localised(one.name)}") for one in types),
        ]
        self.fields["function_code"].choices = [  # type: ignore[attr-defined]
            ("", _later("None in particular")),
            *((one.code, f"{one.type.code} · {localised(one.name)}") for one in functions),
        ]


class SayForm(StatedForm):
    """Everything that the record holds."""

    names = tuple(fields.FIELDS)
    learned_at = MomentField(label=_later("When you learned of it"))
    reason = forms.CharField(
        required=False,
        label=_later("Reason"),
        help_text=_later("Needed where you say something else than before"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )


class QualifyForm(StatedForm):
    """What it is before the law."""

    names = (
        *("incident_kinds", "is_new_energy", "casualties_or_major_impact", "cdas_state"),
        *("occurred_at", "recorders_holding"),
    )
    learned_at = MomentField(label=_later("When you learned of it"))


class ReasonForm(Form):
    reason = forms.CharField(
        label=_later("Reason"), max_length=fields.LONGEST, widget=forms.Textarea({"rows": 4})
    )


class MergeForm(ReasonForm):
    into = forms.CharField(
        label=_later("Number of the other incident"),
        max_length=24,
        widget=forms.TextInput({"placeholder": "IN-2026-00001"}),
    )
    field_order = ("into", "reason")


class SureForm(Form):
    """Nothing to fill in."""


FORMS: Mapping[Action, type[Form]] = {
    Action.QUALIFY: QualifyForm,
    Action.SET_ASIDE: ReasonForm,
    Action.TAKE_BACK: ReasonForm,
    Action.CONCLUDE: SureForm,
    Action.CLOSE: SureForm,
    Action.REOPEN: ReasonForm,
    Action.MERGE: MergeForm,
    Action.SEPARATE: ReasonForm,
}


class DefectForm(Form):
    """Why a defect may be behind it, in both languages: SAMR may read it."""

    title_zh = forms.CharField(label=_later("Title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_later("Title in English"), max_length=200)
    reason_zh = forms.CharField(
        label=_later("Reason in Chinese"), widget=forms.Textarea({"rows": 3})
    )
    reason_en = forms.CharField(
        label=_later("Reason in English"), widget=forms.Textarea({"rows": 3})
    )


class SendForm(Form):
    """Send a report; another version needs its reason."""

    reason = forms.CharField(
        label=_later("What is new in this version"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, data: Any, *, is_first: bool) -> None:
        super().__init__(data)
        if is_first:
            del self.fields["reason"]


class AnswerForm(Form):
    text = forms.CharField(
        label=_later("Answer"), max_length=fields.LONGEST, widget=forms.Textarea({"rows": 5})
    )


class CorrectForm(Form):
    """Another version of what somebody told."""

    words = forms.CharField(
        label=_later("What they say"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 6}),
    )
    learned_at = MomentField(label=_later("When you learned of it"))
    reason = forms.CharField(
        label=_later("Why it is corrected"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )


class LineForm(Form):
    """A line of the investigation."""

    sort = forms.ChoiceField(
        label=_later("Kind of line"),
        choices=[(str(one), incident_words.SORTS[one]) for one in WRITTEN],
    )
    happened_at = MomentField(
        required=False, label=_later("When it happened"), help_text=_later("For the timeline")
    )
    text = forms.CharField(
        label=_later("Words"), max_length=fields.LONGEST, widget=forms.Textarea({"rows": 4})
    )
    file = forms.FileField(required=False, label=_later("File"))


class HoldForm(Form):
    """What is held, from when to when, and why."""

    from_at = MomentField(label=_later("From"))
    until_at = MomentField(label=_later("Until"))
    reason = forms.CharField(
        label=_later("Reason"), max_length=fields.LONGEST, widget=forms.Textarea({"rows": 3})
    )


class ExhibitForm(Form):
    """A file, or where a recording lies and what its digest is."""

    recorder = forms.ChoiceField(label=_later("Recorder"))
    file = forms.FileField(
        required=False, label=_later("File"), help_text=_later("Kept by its digest")
    )
    reference = forms.CharField(
        required=False,
        label=_later("Where it lies, if not here"),
        help_text=_later("For recordings too large to upload, such as video"),
        max_length=1000,
    )
    sha256 = forms.CharField(required=False, label="SHA-256", max_length=72)
    words = forms.CharField(
        required=False,
        label=_later("How it was got"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        words = dict(incident_words.recorders())
        self.fields["recorder"].choices = [(one, words[one]) for one in holding.RECORDERS]  # type: ignore[attr-defined]


class LevelsForm(Form):
    """The manufacturer's own numbers. Empty: not set."""

    prompt_hours = WholeNumber(
        lowest=0,
        highest=_MOST_HOURS,
        required=False,
        label=_later("“Promptly” means for us within"),
        unit=_later("hours"),
    )
    immediate_hours = WholeNumber(
        lowest=0,
        highest=_MOST_HOURS,
        required=False,
        label=_later("“Immediately” means for us within"),
        unit=_later("hours"),
    )
    similar_threshold = WholeNumber(
        lowest=1,
        highest=1_000_000,
        required=False,
        label=_later("A defect analysis is opened from"),
        unit=_later("similar incidents"),
    )
    clock_start = forms.ChoiceField(
        label=_later("The hours for new-energy accidents run from"),
        choices=[
            ("learned", _later("when you learned of it")),
            ("occurred", _later("when it happened (the stricter reading)")),
        ],
    )


def _field(name: str) -> forms.Field:
    kept = fields.FIELDS[name]
    given: dict[str, Any] = {"required": False, "label": incident_words.label(name)}
    if kept.form in {Shape.BOOL, Shape.CHOICE}:
        words = incident_words.choices(name) if kept.choices else _YES_NO
        return forms.ChoiceField(choices=[("", _later("not known")), *words], **given)
    if kept.form == Shape.CHOICES:
        words = incident_words.choices(name)
        return forms.MultipleChoiceField(
            choices=words, widget=forms.CheckboxSelectMultiple, **given
        )
    if kept.form == Shape.COUNT:
        return WholeNumber(lowest=0, highest=100_000, **given)
    if kept.form == Shape.NUMBER:
        widget = forms.TextInput({"inputmode": "decimal"})
        return forms.FloatField(min_value=-1000, max_value=1000, widget=widget, **given)
    if kept.form == Shape.INSTANT:
        return MomentField(**given)
    if name in _LONG:
        given["widget"] = forms.Textarea({"rows": 3})
    return forms.CharField(max_length=fields.LONGEST if name in _LONG else 200, **given)


def _initial(name: str, value: Any) -> Any:
    form = fields.FIELDS[name].form
    if form == Shape.BOOL:
        return _YES if value else _NO
    if form == Shape.INSTANT:
        return datetime.fromisoformat(value)
    return value


def _said(name: str, value: Any) -> Any:
    if value in (None, "", []):
        return None
    if fields.FIELDS[name].form == Shape.BOOL:
        return value == _YES
    return value
