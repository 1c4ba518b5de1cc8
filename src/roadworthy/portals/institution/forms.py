"""What a test engineer writes: what was tested, what came out, and the signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.software import reporting
from roadworthy.portals.shared import words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, FileForm, Form, PassphraseField


class ReportForm(FileForm):
    """A report as it goes into the institution's list; signing comes after reading it again."""

    manufacturer = forms.TypedChoiceField(label=_later("Manufacturer"), coerce=int)
    number = forms.CharField(
        max_length=40, label=_later("Report number"), help_text=_later("Your institution's own")
    )
    title = forms.CharField(max_length=200, label=_later("Title"))
    standard = forms.CharField(
        max_length=120,
        label=_later("Tested by"),
        help_text=_later("Standard or method, for example GB 44496-2024"),
    )
    type_code = forms.CharField(
        max_length=40,
        required=False,
        label=_later("Vehicle type"),
        help_text=_later("The manufacturer's code, if the report is about a type"),
    )
    subjects = forms.CharField(
        label=_later("Tested things"),
        help_text=_later(
            "One on each line: the SHA-256, a space and the name, as sha256sum writes it. "
            "The report speaks of exactly these bytes."
        ),
        widget=forms.Textarea({"rows": 4, "class": "input", "spellcheck": "false"}),
    )
    result = Choice(
        label=_later("Result"), choices=[(key, chip.text) for key, chip in words.RESULTS.items()]
    )
    tested_on = DayField(label=_later("Day of the test"))
    summary = forms.CharField(
        required=False,
        max_length=10_000,
        label=_later("Summary"),
        widget=forms.Textarea({"rows": 3, "class": "input"}),
    )

    field_order = (
        "manufacturer",
        "number",
        "title",
        "standard",
        "type_code",
        "subjects",
        "result",
        "tested_on",
        "summary",
        "file",
    )

    def __init__(self, data: Any, files: Any, *, manufacturers: Sequence[Any]) -> None:
        super().__init__(data, files)
        self.fields["manufacturer"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *((one.pk, localised(one.name)) for one in manufacturers),
        ]
        self.fields["file"].label = _("Document")
        self.fields["file"].help_text = _("The report itself, as a PDF")

    @property
    def findings(self) -> reporting.Findings:
        """Return what was written, as the domain takes it.

        Raises:
            BadSubject: a line of the tested things cannot be read.
        """
        values = self.cleaned_data
        return reporting.Findings(
            number=values["number"],
            title=values["title"],
            standard=values["standard"],
            subjects=reporting.subjects_in(values["subjects"]),
            result=reporting.Result(values["result"]),
            tested_on=values["tested_on"],
            type_code=values["type_code"],
            summary=values["summary"],
        )


class SignatureForm(Form):
    """The last step before a report counts."""

    passphrase = PassphraseField()


class RevocationForm(Form):
    """Why the institution no longer stands by a report."""

    reason = forms.CharField(
        label=_later("Reason"),
        help_text=_later("Whoever has the report reads this."),
        widget=forms.Textarea({"rows": 3, "class": "input"}),
    )
