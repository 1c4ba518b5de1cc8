"""Forms in the style of the gallery: label above, hint between, an error that says what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors

MESSAGES = {
    "required": _("This is empty. Fill it in."),
    "invalid_choice": _("“%(value)s” is not one of the choices. Choose one from the list."),
}


class Form(forms.Form):
    """A form whose inputs carry the style's classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)

    def stay_or(self) -> bool:
        """Say whether what was sent can be used."""
        return self.is_bound and self.is_valid()


def dress(field: forms.Field) -> None:
    """Give a field's input its class, and its error messages the site's words."""
    widget = field.widget
    if not isinstance(
        widget, forms.RadioSelect | forms.CheckboxInput | forms.CheckboxSelectMultiple
    ):
        widget.attrs.setdefault("class", "input")
    for code, message in MESSAGES.items():
        if code in field.error_messages:
            field.error_messages[code] = message


class DayInput(forms.TextInput):
    """A day as text: the browser's own picker speaks the browser's language, not the page's."""

    def __init__(self) -> None:
        super().__init__(
            {"inputmode": "numeric", "autocomplete": "off", "placeholder": "2026-08-31"}
        )


class DayField(forms.DateField):
    """A legal day, year-month-day."""

    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs.setdefault("help_text", _("Year-month-day, Asia/Shanghai"))
        kwargs.setdefault(
            "error_messages",
            {"invalid": _("This is not a day. Write year-month-day, for example 2026-08-31.")},
        )
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value


class WholeNumber(forms.IntegerField):
    """A whole number with its unit behind it."""

    def __init__(self, *, lowest: int, highest: int, unit: Any = "", **kwargs: Any) -> None:
        self.unit = unit
        self.lowest, self.highest = lowest, highest
        super().__init__(widget=forms.TextInput({"inputmode": "numeric"}), **kwargs)

    def clean(self, value: Any) -> int | None:
        raw = str(value or "").strip()
        if not raw:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"])
            return None
        if not raw.isascii() or not raw.isdigit() or not self.lowest <= int(raw) <= self.highest:
            raise forms.ValidationError(
                _("“%(value)s” is out of range. Enter a whole number from %(low)s to %(high)s."),
                params={"value": raw, "low": self.lowest, "high": self.highest},
            )
        return int(raw)


class Choice(forms.ChoiceField):
    """One of a few, each with a line that says what it means; nothing is preselected."""

    widget = forms.RadioSelect

    def __init__(self, *, hints: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.hints = dict(hints or {})
        super().__init__(**kwargs)


class Upload(forms.FileInput):
    """A file whose digest the browser computes too."""

    digests = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        attributes = context["widget"]["attrs"]
        attributes["data-digest"] = f"{attributes['id']}-files"
        return context


class FileForm(Form):
    """A form with one file, whose digest both sides compute."""

    file = forms.FileField(widget=Upload)

    def clean(self) -> dict[str, Any]:
        """Compare the digest that the browser computed with that of what arrived."""
        values = super().clean() or {}
        declared = self.data.get(self.add_prefix("file_sha256"), "")
        file = values.get("file")
        if file is not None and declared:
            try:
                self._compare(file, declared)
            except DomainError as error:
                errors.on_form(self, error, dict.fromkeys(errors.ABOUT_A_FILE, "file"))
        return values

    def _compare(self, file: UploadedFile, declared: str) -> None:
        arrived = hashlib.sha256()
        for chunk in file.chunks():
            arrived.update(chunk)
        file.seek(0)  # the next who reads it finds all of it
        if arrived.hexdigest() != declared:
            self.add_error(
                "file",
                gettext(
                    "Received {received}…, but your browser computed {declared}…. Upload it again."
                ).format(received=arrived.hexdigest()[:12], declared=declared[:12]),
            )


class PassphraseField(forms.CharField):
    """The passphrase of one's own key; asked each time, kept nowhere."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Passphrase of your key"))
        kwargs.setdefault("help_text", _("Opens your key for this one signature; it is not kept."))
        kwargs.setdefault("strip", False)
        kwargs.setdefault(
            "widget", forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"})
        )
        super().__init__(**kwargs)


def chunks(file: UploadedFile) -> Iterator[bytes]:
    """Read an upload piece by piece."""
    yield from file.chunks()
