"""What after-sales service writes about complaints."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.aftersales.intake import CHANNELS
from roadworthy.domains.aftersales.policy import Levels
from roadworthy.domains.aftersales.records import LONGEST
from roadworthy.domains.aftersales.states import Action
from roadworthy.portals.shared import words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField, Form, WholeNumber

CHANNEL_WORDS = {
    "telephone": _later("Telephone"),
    "workshop": _later("Workshop"),
    "letter": _later("Letter or e-mail"),
    "app": _later("App"),
    "web": _later("Owner's page"),
}
_LONGEST_SPAN = 3_650  # days; a slip of the finger, no rule


class EnterForm(Form):
    """What an owner told, with the car it is about."""

    vin = forms.CharField(
        max_length=17,
        min_length=17,
        label="VIN",
        help_text=_later("17 characters; it is never written into the public log"),
    )
    category = forms.ChoiceField(
        label=_later("What it is about"),
        choices=[(str(key), text) for key, text in words.CATEGORIES.items()],
    )
    function_id = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_later("Function")
    )
    release_number = forms.CharField(
        required=False,
        max_length=40,
        label=_later("Release"),
        help_text=_later("The number of the update that it is about, if any"),
    )
    happened_on = DayField(required=False, label=_later("When it happened"))
    channel = forms.ChoiceField(
        label=_later("How it came in"),
        choices=[(one, CHANNEL_WORDS[one]) for one in CHANNELS if one != "web"],
    )
    words = forms.CharField(
        label=_later("What the owner says"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 6}),
    )
    contact = forms.CharField(
        required=False,
        label=_later("How to reach the owner"),
        help_text=_later(
            "Name, telephone. Only after-sales service opens it, and each time is logged."
        ),
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, data: Any, *, functions: Sequence[Any], vin: str = "") -> None:
        super().__init__(data, initial={"vin": vin})
        self.fields["function_id"].choices = [  # type: ignore[attr-defined]
            ("", _later("None in particular")),
            *((one.pk, f"{one.type.code} · {localised(one.name)}") for one in functions),
        ]


class SaidForm(Form):
    """What is said to the owner, or noted; which of the two depends on the step."""

    words = forms.CharField(
        label=_later("To the owner"), max_length=LONGEST, widget=forms.Textarea({"rows": 5})
    )


class NoteForm(Form):
    words = forms.CharField(
        label=_later("Note for colleagues"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
    )


class OptionalNoteForm(NoteForm):
    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["words"].required = False


class DisputeForm(Form):
    """What SAMR reads: no vehicle, no name, no telephone number."""

    summary_zh = forms.CharField(
        label=_later("Summary in Chinese"),
        help_text=_later("SAMR reads it: no VIN, no name, no telephone number"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
    )
    summary_en = forms.CharField(
        label=_later("Summary in English"),
        help_text=_later("SAMR reads it: no VIN, no name, no telephone number"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
    )

    @property
    def summary(self) -> dict[str, str]:
        return {"zh-hans": self.cleaned_data["summary_zh"], "en": self.cleaned_data["summary_en"]}


FORMS: dict[Action, type[Form]] = {
    Action.ANSWER: SaidForm,
    Action.DISPUTE: DisputeForm,
    Action.SETTLE: SaidForm,
    Action.CLOSE: OptionalNoteForm,
    Action.REOPEN: NoteForm,
    Action.TAKE_BACK: NoteForm,
}


class MessageForm(Form):
    """Something more, without a step."""

    words = forms.CharField(
        label=_later("Words"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )
    to_owner = forms.BooleanField(required=False, label=_later("The owner reads it"))


class HandOverForm(Form):
    user_id = forms.TypedChoiceField(coerce=int, label=_later("To whom"))
    words = forms.CharField(
        required=False,
        label=_later("Note for colleagues"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, data: Any, *, colleagues: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["user_id"].choices = list(colleagues)  # type: ignore[attr-defined]


class LevelsForm(Form):
    """The manufacturer's own numbers. Empty: not set."""

    answer_days = WholeNumber(
        lowest=1,
        highest=_LONGEST_SPAN,
        required=False,
        label=_later("A complaint is answered within"),
        unit=_later("working days"),
    )
    settle_days = WholeNumber(
        lowest=1,
        highest=_LONGEST_SPAN,
        required=False,
        label=_later("A dispute is settled within"),
        unit=_later("working days"),
    )
    window_days = WholeNumber(
        lowest=1,
        highest=_LONGEST_SPAN,
        required=False,
        label=_later("Complaints are counted back over"),
        unit=_later("days"),
    )
    fewest_vehicles = WholeNumber(
        lowest=1,
        highest=1_000_000,
        required=False,
        label=_later("A count is marked from"),
        unit=_later("vehicles that complained"),
    )
    per_thousand = forms.DecimalField(
        required=False,
        min_value=Decimal("0.001"),
        max_value=Decimal(1000),
        decimal_places=3,
        label=_later("and from so many per 1,000 vehicles"),
        widget=forms.TextInput({"inputmode": "decimal"}),
    )

    @property
    def levels(self) -> Levels:
        return Levels(**self.cleaned_data)
