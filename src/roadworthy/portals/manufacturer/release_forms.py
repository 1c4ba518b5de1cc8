"""What a manufacturer writes about a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.software import questionnaire
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, FileForm, Form

LANGUAGES = (("zh", "zh-hans"), ("en", "en"))
YES_NO = (("yes", _later("Yes")), ("no", _later("No")), ("", _later("Not known yet")))
_OPEN = {"": _later("The finding will be “undetermined”")}


class RegisterForm(Form):
    number = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        max_length=40,
        label=_later("Release number"),
        help_text=_later("For example S1-2026.30.2; it stays for ever"),
        error_messages={
            "invalid": _later("Use Latin letters, digits, dot, dash and underscore only.")
        },
    )
    planned_on = DayField(label=_later("Planned release"), required=False)
    title_zh = forms.CharField(max_length=120, label=_later("Title in Chinese"))
    title_en = forms.CharField(max_length=120, label=_later("Title in English"))
    purpose_zh = forms.CharField(
        label=_later("Purpose in Chinese"), widget=forms.Textarea({"rows": 3})
    )
    purpose_en = forms.CharField(
        label=_later("Purpose in English"), widget=forms.Textarea({"rows": 3})
    )
    types = forms.TypedMultipleChoiceField(
        coerce=int, label=_later("Vehicle types"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, types: Sequence[Any]) -> None:
        super().__init__(data)
        self.fields["types"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{localised(one.name)} · {one.code}") for one in types
        ]

    @property
    def title(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"title_{short}"] for short, code in LANGUAGES}

    @property
    def description(self) -> dict[str, dict[str, str]]:
        return {
            code: {"purpose": self.cleaned_data[f"purpose_{short}"]} for short, code in LANGUAGES
        }


class ChangeForm(FileForm):
    ecu_name = forms.ChoiceField(
        label=_later("ECU"), help_text=_later("The ECUs of the chosen types")
    )
    from_version = forms.CharField(max_length=200, label=_later("Version before"))
    to_version = forms.CharField(max_length=200, label=_later("Version after"))

    field_order = ("ecu_name", "from_version", "to_version", "file")

    def __init__(self, data: Any = None, files: Any = None, *, ecus: Sequence[str]) -> None:
        super().__init__(data, files)
        self.fields["ecu_name"].choices = [(name, name) for name in ecus]  # type: ignore[attr-defined]
        self.fields["file"].label = _("Image")
        self.fields["file"].help_text = _("A signed .swu file, as the vehicle installs it")


class PolicyForm(Form):
    ecu_name = forms.ChoiceField(
        label=_later("ECU"), help_text=_later("The one that follows the data policy")
    )
    from_version = forms.CharField(max_length=200, label=_later("Version before"))
    to_version = forms.CharField(max_length=60, label=_later("Version after"))

    def __init__(self, data: Any = None, *, ecus: Sequence[str]) -> None:
        super().__init__(data)
        self.fields["ecu_name"].choices = [(name, name) for name in ecus]  # type: ignore[attr-defined]


class EvidenceForm(FileForm):
    kind = forms.ChoiceField(
        label=_later("Kind of document"), choices=tuple(words.EVIDENCE.items())
    )
    title = forms.CharField(max_length=200, label=_later("Title"))
    envelope = forms.FileField(
        required=False,
        label=_later("Signed statement of the institution"),
        help_text=_later("A DSSE envelope over the digest of the image that was tested"),
    )

    field_order = ("kind", "title", "file", "envelope")

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["file"].label = _("Document")
        self.fields["file"].help_text = _(
            "PDF, ZIP or another file; its digest goes into the dossier"
        )


class AnswersForm(Form):
    """The nine points of UN R156 7.1.2.5 in words, and the facts that the rulebook turns on."""

    def __init__(self, data: Any, *, answers: Mapping[str, Any]) -> None:
        super().__init__(data)
        for question in questionnaire.QUESTIONS:
            self.fields[question.key] = forms.CharField(
                label=f"({question.key}) {localised(question.text)}",
                initial=answers.get(question.key, ""),
                widget=forms.Textarea({"rows": 2, "class": "input"}),
                required=False,
            )
        vocabulary = rulebook().facts
        for name in questionnaire.YES_NO_FACTS:
            self.fields[name] = Choice(
                label=localised(vocabulary[name].label.to_json()),
                choices=YES_NO,
                hints=_OPEN,
                initial={True: "yes", False: "no"}.get(answers.get(name), ""),  # type: ignore[arg-type]
                required=False,
            )
        self.fields["function_level"] = Choice(
            label=localised(vocabulary["function_level"].label.to_json()),
            choices=[
                *((str(n), str(n)) for n in sorted(questionnaire.FUNCTION_LEVELS)),
                ("", _("Not known yet")),
            ],
            initial=str(answers.get("function_level", "")),
            required=False,
        )
        self.fields["declared_kind"] = Choice(
            label=localised(vocabulary["declared_kind"].label.to_json()),
            choices=[
                *(
                    (k, localised(t.to_json()))
                    for k, t in vocabulary["declared_kind"].choices.items()
                ),
                ("", _("Not known yet")),
            ],
            initial=answers.get("declared_kind", ""),
            required=False,
        )

    @property
    def words(self) -> list[Any]:
        return [self[question.key] for question in questionnaire.QUESTIONS]

    @property
    def facts(self) -> list[Any]:
        return [self[name] for name in questionnaire.FACTS]

    @property
    def answers(self) -> dict[str, Any]:
        """Return what was answered as the domain takes it; a blank takes an answer back."""
        given: dict[str, Any] = dict(self.cleaned_data)
        for name in questionnaire.YES_NO_FACTS:
            given[name] = {"yes": True, "no": False}.get(given[name])
        level = given["function_level"]
        given["function_level"] = int(level) if level else None
        return given
