"""The page that checks a text about driver assistance. The text is looked at and not kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _later

from roadworthy.law import wording
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.public.law_form import LEVELS
from roadworthy.portals.shared import claims
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, Form
from roadworthy.rules.wording import Kind


class TextForm(Form):
    """What the text says, about which system, and what sort of text it is."""

    words = forms.CharField(
        label=_later("The text"),
        help_text=_later("Chinese or English. It is checked and not kept."),
        max_length=wording.LONGEST,
        widget=forms.Textarea({"rows": 8}),
        error_messages={
            "max_length": _later(
                "The text has %(show_value)d characters; at most %(limit_value)d are checked."
            )
        },
    )
    level = forms.TypedChoiceField(
        label=_later("Of which level is the system?"),
        help_text=_later("GB/T 40429. Combined driver assistance is level 2."),
        coerce=int,
        choices=tuple(LEVELS.items()),
        initial="2",
    )
    kind = Choice(
        label=_later("What sort of text is it?"),
        choices=(
            (Kind.NAME, _later("A name")),
            (Kind.DESCRIPTION, _later("A description")),
            (Kind.INTERFACE, _later("A text on a screen")),
        ),
        hints={
            Kind.NAME: _later("Of a product, a function or a package"),
            Kind.DESCRIPTION: _later("Advertisement, website, manual: has to state the limits"),
            Kind.INTERFACE: _later("In the vehicle or the app"),
        },
        initial=Kind.DESCRIPTION,
    )


def context(form: TextForm, on: date) -> dict[str, Any]:
    """Return what the page shows of an answer."""
    values = form.cleaned_data
    answer = wording.check_text(
        rulebook(), values["words"], kind=Kind(values["kind"]), level=values["level"], as_of=on
    )
    return {
        "verdict": claims.verdict(answer),
        "why": claims.why(answer),
        "parts": list(claims.parts(values["words"], answer.checked.hits)),
        "found": claims.found(answer),
        "absent": claims.absent(answer),
        "absent_why": localised(answer.lexicon.limits_why),
        "grounds": claims.grounds(answer),
    }
