"""What marketing writes, and what homologation answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.disclosure import wordings
from roadworthy.domains.disclosure.states import Channel
from roadworthy.portals.shared import text_view
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form

_SHORT = frozenset({Channel.PRODUCT_NAME, Channel.FUNCTION_NAME})
_LONG_ROWS, _ROWS, _NAME = 8, 3, 120
_HINTS = {
    "conditions": _later("Roads, speeds, weather, light"),
    "risk": _later("What it cannot do, and what may then happen"),
    "mitigation": _later("Hands, eyes, readiness to take over, what to do at a warning"),
}
LEVELS = (
    (0, _later("0: emergency assistance")),
    (1, _later("1: partial driver assistance")),
    (2, _later("2: combined driver assistance")),
    (3, _later("3: conditional automation")),
    (4, _later("4: high automation")),
    (5, _later("5: full automation")),
)


def of_types(types: Sequence[Any]) -> list[tuple[int, str]]:
    """Return vehicle types as choices."""
    return [(one.pk, f"{localised(one.name)} · {one.code}") for one in types]


class FunctionForm(Form):
    """A function of a type. Its public name is a text of its own, which is checked."""

    type_id = forms.TypedChoiceField(coerce=int, label=_later("Vehicle type"))
    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        max_length=40,
        label=_later("Short name"),
        help_text=_later("For example HWA; it stays for ever"),
        error_messages={
            "invalid": _later("Use Latin letters, digits, dot, dash and underscore only.")
        },
    )
    name_zh = forms.CharField(max_length=_NAME, label=_later("Name in Chinese"))
    name_en = forms.CharField(max_length=_NAME, label=_later("Name in English"))
    level = forms.TypedChoiceField(
        coerce=int,
        choices=LEVELS,
        label=_later("Driving-automation level"),
        help_text="GB/T 40429",
    )
    approval_number = forms.CharField(
        required=False,
        max_length=64,
        label=_later("Approval that it rests on"),
        help_text=_later("Empty: the approval of the type"),
    )

    def __init__(self, data: Any, *, types: Sequence[Any]) -> None:
        super().__init__(data)
        self.fields["type_id"].choices = of_types(types)  # type: ignore[attr-defined]

    @property
    def name(self) -> dict[str, str]:
        return {"zh-hans": self.cleaned_data["name_zh"], "en": self.cleaned_data["name_en"]}


class WordsForm(Form):
    """The wording itself: each field of the channel in both languages."""

    def __init__(
        self, data: Any, *, channel: Channel, known: Mapping[str, Any] | None = None
    ) -> None:
        self.channel = channel
        super().__init__(data, initial=dict(known or {}))
        names = text_view.labels(channel)
        for field in wordings.FIELDS[channel]:
            for language in wordings.LANGUAGES:
                self.fields[_name(field, language)] = forms.CharField(
                    label=_("{field} · {language}").format(
                        field=names[field], language=text_view.LANGUAGE_NAMES[language]
                    ),
                    help_text=_HINTS.get(field, ""),
                    max_length=wordings.LONGEST,
                    widget=_widget(channel, field, language),
                )
        self.fields["hint_reason"] = forms.CharField(
            required=False,
            label=_later("Why words that the checker hints at stay"),
            help_text=_later("Needed only where the checker gives a hint"),
            widget=forms.Textarea({"rows": 2, "class": "input"}),
        )

    @property
    def content(self) -> dict[str, dict[str, str]]:
        return {
            language: {
                field: self.cleaned_data.get(_name(field, language), "")
                for field in wordings.FIELDS[self.channel]
            }
            for language in wordings.LANGUAGES
        }


class RegisterTextForm(WordsForm):
    """A new text: what it is about, then its words."""

    def __init__(
        self,
        data: Any,
        *,
        channel: Channel,
        types: Sequence[Any],
        functions: Sequence[Any],
        releases: Sequence[Any],
    ) -> None:
        super().__init__(data, channel=channel)
        about: dict[str, forms.Field] = {
            "type_id": forms.TypedChoiceField(
                coerce=int, label=_later("Vehicle type"), choices=of_types(types)
            )
        }
        if channel == Channel.UPDATE:
            about["release_id"] = forms.TypedChoiceField(
                coerce=int,
                label=_later("Release"),
                choices=[(one.pk, f"{one.number} · {localised(one.title)}") for one in releases],
            )
        elif channel != Channel.PRODUCT_NAME:
            needed = channel in wordings.OF_A_FUNCTION
            every = [
                (one.pk, f"{one.type.code} · {one.code} · {localised(one.name)}")
                for one in functions
            ]
            about["function_id"] = forms.TypedChoiceField(
                coerce=int,
                empty_value=None,
                required=needed,
                label=_later("Function"),
                choices=every if needed else [("", _("The vehicle as a whole")), *every],
            )
        about["place"] = forms.CharField(
            required=False,
            max_length=200,
            label=_later("Where it stands"),
            help_text=_later("Address of the page, name of the screen, title of the brochure"),
        )
        for field in about.values():
            field.widget.attrs.setdefault("class", "input")
        self.fields = {**about, **self.fields}


class RemarkForm(Form):
    """Why something goes back, or is taken away."""

    remark = forms.CharField(
        label=_later("Why"),
        help_text=_later("The writer reads it, and it stays on record."),
        widget=forms.Textarea({"rows": 4}),
    )


def known(content: Mapping[str, Mapping[str, str]], hint_reason: str) -> dict[str, str]:
    """Return a wording as the initial values of its form."""
    made = {
        _name(field, language): words
        for language, texts in content.items()
        for field, words in texts.items()
    }
    return made | {"hint_reason": hint_reason}


def _name(field: str, language: str) -> str:
    return f"{field}_{'zh' if language == 'zh-hans' else language}"


def _widget(channel: Channel, field: str, language: str) -> forms.Widget:
    attributes = {"class": "input", "lang": "zh-Hans" if language == "zh-hans" else language}
    if channel in _SHORT:
        return forms.TextInput(attributes)
    rows = _LONG_ROWS if field == "words" else _ROWS
    return forms.Textarea({**attributes, "rows": rows})
