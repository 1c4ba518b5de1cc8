"""Stage and final reports of a recall: prefilled from proofs, then a filing like any other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.remedies import queries, reporting, services
from roadworthy.domains.remedies.queries import Progress
from roadworthy.domains.surveillance import effect
from roadworthy.domains.surveillance.effect import Effect
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import effect_views
from roadworthy.portals.manufacturer.remedy_views import crumbs
from roadworthy.portals.shared import errors, formats, recall_reports, recall_words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Form

_LABELS = {
    "problems": _later("Problems that came up"),
    "measures": _later("Measures taken"),
    "outlook": _later("What is still to come"),
    "conclusion": _later("Conclusion"),
}
_LONGEST = 4000


class ReportForm(Form):
    """Only words are typed; figures come from proofs."""

    def __init__(self, data: Any, *, kind: str, initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial)
        for name in reporting.WORDS[kind]:
            self.fields[name] = forms.CharField(
                label=_LABELS[name], max_length=_LONGEST, widget=forms.Textarea({"rows": 4})
            )


@for_roles(Role.RECALL)
@never_cache
def report(request: Signed, plan_id: int, kind: str) -> HttpResponse:
    """Show a report as it would be filed today; make the filing of it."""
    if kind not in reporting.WORDS:
        raise Http404
    plan, now = recalls.plan(request.acting.organisation_id, plan_id), datetime.now(UTC)
    found = effect.of_plan(plan, on=legal_day(now))
    form = ReportForm(
        request.POST or None, kind=kind, initial=prefilled(queries.progress(plan.pk), found)
    )
    if form.is_bound and form.is_valid():
        try:
            made = services.file_report(
                plan_id=plan.pk,
                kind=kind,
                words=form.cleaned_data,
                effect=found.as_json(),
                actor=request.acting.actor,
                at=now,
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            assert made.filing is not None
            said = _("{number} is prepared. Homologation hands it in with SAMR.")
            messages.success(request, said.format(number=made.filing.number))
            return HttpResponseRedirect(reverse("m:filing", args=[made.filing.pk]))
    figures = reporting.figures(plan.pk, legal_day(now)) | {"effect": found.as_json()}
    heading = recall_reports.NAMES[kind]
    context = {
        "plan": plan,
        "heading": heading,
        "form": form,
        "figures": recall_words.report_figures(figures),
        "as_of": legal_day(now),
        "crumbs": crumbs(plan, str(heading)),
    }
    return render(
        request, "manufacturer/remedy_report.html", context, status=422 if form.errors else 200
    )


def prefilled(told: Progress, found: Effect) -> dict[str, str]:
    """Return what the figures say by themselves, to begin from."""
    problems = [
        text.format(n=formats.number(count))
        for text, count in (
            (_("{n} notices came back."), told.bounced),
            (_("{n} owners decline the remedy."), told.declined),
            (_("{n} owners were not reached in person."), told.unreachable),
        )
        if count
    ]
    measures = _("{n} vehicles are on the list to follow up; none is counted as remedied.")
    left = _("{n} vehicles are not proven to be remedied yet.").format(n=formats.number(told.left))
    done = _("{n} of {all} vehicles are proven to be remedied ({percent}%).").format(
        n=formats.number(told.remedied), all=formats.number(told.vehicles), percent=told.percent
    )
    effect_said = _("Effect of the remedy: {said}").format(said=effect_views.told(found))
    return {
        "problems": formats.sentences(*problems) if problems else _("None."),
        "measures": measures.format(n=formats.number(told.follow_up)),
        "outlook": formats.sentences(left, effect_said),
        "conclusion": formats.sentences(done, effect_said),
    }
