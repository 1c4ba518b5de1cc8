"""The statistical analysis of mandatory standards as forms, with results over all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.standards import analysis, queries, services
from roadworthy.domains.standards.analysis import NO, UNKNOWN, YES, Sort
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.law.evaluation import Outcome
from roadworthy.portals.shared import errors, presenting
from roadworthy.portals.shared import standard_words as words
from roadworthy.portals.shared.forms import DayField, Form
from roadworthy.portals.shared.shapes import Crumb

_ANSWERS: Final = (
    (YES, _later("Yes")),
    (NO, _later("No")),
    (UNKNOWN, _later("Not known")),
)


class AnalysisForm(Form):
    """Each question with its answer and room for words."""

    about_on = DayField(label=_later("The answers speak of"))

    def __init__(self, *args: Any, kept: Any = None, today: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers = kept.answers if kept else {}
        self.fields["about_on"].initial = kept.about_on if kept else today
        for one in analysis.QUESTIONS:
            label = words.QUESTIONS[one.key]
            told = answers.get(one.key, {})
            self.fields[one.key] = _field(one.sort, label)
            self.fields[one.key].initial = told.get("value")
            self.fields[f"{one.key}_words"] = forms.CharField(
                label=_("Why: {question}").format(question=label),
                required=False,
                max_length=2000,
                initial=told.get("words", ""),
                widget=forms.Textarea({"rows": 2, "class": "input"}),
            )

    @property
    def answers(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            one.key: {"value": given[one.key], "words": given[f"{one.key}_words"]}
            for one in analysis.QUESTIONS
        }

    @property
    def parts(self) -> list[tuple[Any, list[Any]]]:
        """Return the fields by dimension, each answer with its words."""
        return [
            (
                words.DIMENSIONS[dimension],
                [
                    self[name]
                    for one in analysis.QUESTIONS
                    if one.dimension == dimension
                    for name in (one.key, f"{one.key}_words")
                ],
            )
            for dimension in analysis.Dimension
        ]


def listed(request: Any, space: str, base: str) -> HttpResponse:
    """List the mandatory standards in force, and which of them are old enough."""
    today = legal_day(datetime.now(UTC))
    rows = [
        (
            one,
            words.title(one),
            presenting.OUTCOMES[found.outcome],
            found.outcome is Outcome.MET,
            reverse(f"{space}:standard-analysis", args=[one.pk]),
        )
        for one, found in analysis.candidates(today)
    ]
    context = {
        "base": base,
        "crumbs": _crumbs(space),
        "rows": sorted(rows, key=lambda row: not row[3]),
    }
    return render(request, "shared/standards_analyses.html", context)


def written(request: Any, space: str, base: str, standard_id: int) -> HttpResponse:
    """Answer the questions about one standard; show what all that were handed in come to."""
    found = queries.standard(None, standard_id)
    who, today = request.acting, legal_day(datetime.now(UTC))
    kept = analysis.of_organisation(who.organisation_id, found.pk)
    form = AnalysisForm(request.POST or None, kept=kept, today=today)
    if form.stay_or():
        try:
            services.write_analysis(
                standard_id=found.pk,
                answers=form.answers,
                about_on=form.cleaned_data["about_on"],
                hand_in="hand_in" in request.POST,
                actor=who.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("Your answers are kept."))
            return HttpResponseRedirect(reverse(f"{space}:standard-analysis", args=[found.pk]))
    handed_in = list(analysis.handed_in(found.pk))
    eligible = analysis.eligibility(found, today)
    context = {
        "base": base,
        "standard": found,
        "title": words.title(found),
        "crumbs": [*_crumbs(space), Crumb(found.number)],
        "form": form,
        "finding": presenting.finding(eligible.to_json(), unfold=True),
        "is_open": eligible.outcome is Outcome.MET and not (kept and kept.is_handed_in),
        "kept": kept,
        "count": len(handed_in),
        "results": [_result(one) for one in analysis.results(handed_in)],
        "back": reverse(f"{space}:standards-analyses"),
    }
    status = 422 if form.errors else 200
    return render(request, "shared/standards_analysis.html", context, status=status)


def _result(one: analysis.Result) -> dict[str, Any]:
    return {
        "name": words.DIMENSIONS[one.dimension],
        "good": one.favourable,
        "bad": one.unfavourable,
        "unknown": one.unknown,
        "share": None if one.share is None else round(100 * one.share),
        "figures": [(words.QUESTIONS[key], round(value, 2)) for key, value in one.figures.items()],
    }


def _field(sort: Sort, label: Any) -> forms.Field:
    if sort in {Sort.GOOD, Sort.BAD}:
        choices = [("", _("not answered")), *_ANSWERS]
        return forms.ChoiceField(
            label=label, choices=choices, required=False, widget=forms.Select({"class": "input"})
        )
    unit = "%" if sort is Sort.PERCENT else _("yuan")
    made = forms.FloatField(
        label=label,
        required=False,
        min_value=0,
        max_value=100 if sort is Sort.PERCENT else None,
        widget=forms.TextInput({"inputmode": "decimal", "class": "input"}),
    )
    made.unit = unit  # type: ignore[attr-defined]
    return made


def _crumbs(space: str) -> list[Crumb]:
    return [
        Crumb(_("Standards"), reverse(f"{space}:standards")),
        Crumb(_("Statistical analysis"), reverse(f"{space}:standards-analyses")),
    ]
