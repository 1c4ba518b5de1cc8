"""Documents for a draft: several at once, with the digest that one of them must have."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.documents.limits import MEGABYTE
from roadworthy.portals.shared.forms import Form

_DIGEST = re.compile(r"(sha256:)?[0-9a-fA-F]{64}")


class Files(forms.FileInput):
    """Several files; the browser says at once which is too large, before it is sent."""

    allow_multiple_selected = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        most = settings.ROADWORTHY.document_megabytes
        context["widget"]["attrs"] |= {
            "multiple": True,
            "data-most": most * MEGABYTE,
            "data-too-large": _("Larger than {megabytes} MB:").format(megabytes=most),
        }
        return context


class FilesField(forms.FileField):
    """One or several files."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        given = [one for one in given if one]
        if not given and not self.required:
            return []
        if not given:
            raise forms.ValidationError(self.error_messages["required"])
        return [super(FilesField, self).clean(one, initial) for one in given]


class AttachForm(Form):
    documents = FilesField(
        label=_later("Documents"),
        help_text=_later("PDF, pictures, Office documents, text or ZIP; several at once are fine"),
        error_messages={"empty": _later("This file is empty.")},
    )
    title = forms.CharField(
        max_length=200,
        required=False,
        label=_later("Title"),
        help_text=_later("Without one, the name of the file"),
    )
    sha256 = forms.CharField(
        required=False,
        label=_later("SHA-256 that the file must have"),
        help_text=_later("If its issuer told you; for a single file"),
    )

    def clean_sha256(self) -> str:
        """Take a digest with or without its prefix."""
        raw: str = self.cleaned_data["sha256"].strip()
        if raw and not _DIGEST.fullmatch(raw):
            raise forms.ValidationError(_("A SHA-256 digest has 64 digits from 0 to f."))
        return raw
