"""An authority enters a figure that it published; everybody then reads it with its source."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from roadworthy.domains.insight import figures, register
from roadworthy.domains.insight.register import Official
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, formats, words
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.forms import Choice, DayField, Form
from roadworthy.portals.shared.shapes import Crumb

_FIELDS: Final = {"figure-period-wrong": "until", "figure-source-missing": "source_zh"}


class FigureForm(Form):
    since = DayField(label=_later("First day"), required=False)
    until = DayField(label=_later("Last day"))
    value = forms.DecimalField(
        label=_later("Value"),
        max_digits=20,
        decimal_places=4,
        min_value=0,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    at_least = forms.BooleanField(label=_later("The source says “more than”"), required=False)
    change = forms.DecimalField(
        label=_later("Against the year before, in per cent, as published"),
        required=False,
        max_digits=9,
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    source_zh = forms.CharField(
        label=_later("Where it was published, in Chinese"), max_length=300, required=False
    )
    source_en = forms.CharField(
        label=_later("Where it was published, in English"), max_length=300, required=False
    )
    grade = Choice(label=_later("Grade of evidence"), choices=list(words.GRADES.items()))

    def figure(self, key: str) -> Official:
        """Return what was typed as a figure."""
        given = self.cleaned_data
        sources = {"zh-hans": given["source_zh"], "en": given["source_en"]}
        either = sources["zh-hans"] or sources["en"]
        return Official(
            indicator=key,
            since=given["since"],
            until=given["until"],
            value=given["value"],
            source={language: text or either for language, text in sources.items()},
            grade=given["grade"],
            change=given["change"],
            at_least=given["at_least"],
        )


@for_roles(*AUTHORITY)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enter(request: Signed, key: str) -> HttpResponse:
    """Take in an official figure of one indicator."""
    one = register.indicator(key)
    form: Any = FigureForm(request.POST or None)
    back = reverse("a:figure", args=[key])
    if form.stay_or():
        try:
            figures.enter(form.figure(key), actor=request.acting.actor, at=datetime.now(UTC))
        except DomainError as error:
            errors.on_form(form, error, _FIELDS)
        else:
            return HttpResponseRedirect(back)
    title = formats.localised(one.title)
    context = {
        "base": "authority/base.html",
        "form": form,
        "heading": _("Enter an official figure"),
        "lead": f"{title} ({formats.localised(one.unit)})",
        "back": back,
        "crumbs": [
            Crumb(_("Figures"), reverse("a:figures")),
            Crumb(title, back),
            Crumb(_("Enter an official figure")),
        ],
    }
    return render(request, "shared/form.html", context, status=422 if form.errors else 200)
