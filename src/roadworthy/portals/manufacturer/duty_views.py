"""Duties about data: the yearly report, breaches with their clocks, risk assessments."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import breaches, errors, queries, risks, yearly, yearly_pdf
from roadworthy.domains.processing import reports as kept
from roadworthy.domains.rights import queries as rights
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer import duty_forms, report_page
from roadworthy.portals.manufacturer.data_views import READERS, answer
from roadworthy.portals.shared import formats, presenting
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Button, Crumb, Tone

BREACH_READERS = (*READERS, Role.SAFETY)


@for_roles(*READERS)
def duties(request: Signed) -> HttpResponse:
    """Show what the law asks of the company about data, by when, and what was done."""
    who, now = request.acting, datetime.now(UTC)
    mine, today = who.organisation_id, legal_day(now)
    context = {
        "duties": [_duty(one, today) for one in yearly.duties(mine, on=today)],
        "reports": list(kept.reports(mine)),
        "risks": [(one, duty_forms.CONCLUSIONS[one.conclusion]) for one in risks.assessments(mine)],
        "year": today.year,
        "may": who.role == Role.DATA,
    }
    return render(request, "manufacturer/data_duties.html", context)


@for_roles(Role.DATA)
@require_POST
def make(request: Signed) -> HttpResponse:
    """Make this year's report from the register."""
    now = datetime.now(UTC)
    year = legal_day(now).year
    complaints = rights.counted(request.acting.organisation_id, year)
    made = yearly.make(year=year, complaints=complaints, actor=request.acting.actor, at=now)
    return HttpResponseRedirect(reverse("m:dataduty-report", args=[made.pk]))


@for_roles(*READERS)
def report(request: Signed, report_id: int) -> HttpResponse:
    """Show one version of a report, with what the register does not say."""
    found = kept.report(request.acting.organisation_id, report_id)
    context = {
        "report": found,
        "sections": report_page.sections(found.content),
        "missing": report_page.missing(found.content),
        "may": request.acting.role == Role.DATA,
        "crumbs": [Crumb(_("Duties about data"), reverse("m:dataduty")), Crumb(str(found.year))],
    }
    return render(request, "manufacturer/data_report.html", context)


@for_roles(*READERS)
def document(request: Signed, report_id: int, form: str) -> HttpResponse:
    """Give a report as PDF, or its data as JSON."""
    found = kept.report(request.acting.organisation_id, report_id)
    name = f"data-report-{found.year}-{found.number}"
    if form == "json":
        body = json.dumps(found.content, ensure_ascii=False, indent=2).encode()
        response = HttpResponse(body, content_type="application/json; charset=utf-8")
    else:
        pdf = yearly_pdf.document(
            _("Report on automobile data security, {year}").format(year=found.year),
            [localised(request.acting.name), _("Made on {day}").format(day=_day(found.made_at))],
            report_page.sections(found.content),
            _("Digest of the data (SHA-256): {sha256}").format(sha256=found.sha256),
        )
        response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@for_roles(Role.DATA)
def filed(request: Signed, report_id: int) -> HttpResponse:
    """Note that a report was handed in."""
    found = kept.report(request.acting.organisation_id, report_id)
    form = duty_forms.FiledForm(request.POST or None)
    back = reverse("m:dataduty-report", args=[found.pk])

    def write() -> HttpResponse:
        values = form.cleaned_data
        yearly.filed(
            report_id=found.pk,
            on=values["on"],
            receipt=values["receipt"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return HttpResponseRedirect(back)

    home = Crumb(_("Duties about data"), reverse("m:dataduty"))
    return answer(request, form, write, _("It was handed in"), back, home=home)


@for_roles(Role.DATA)
def risk(request: Signed) -> HttpResponse:
    """Enter a risk assessment."""
    mine = request.acting.organisation_id
    form = duty_forms.RiskForm(request.POST or None, flows=queries.flows(mine, sort="number"))

    def write() -> HttpResponse:
        v = form.cleaned_data
        subject, told, measures = (
            {"zh-hans": v[f"{name}_zh"], "en": v[f"{name}_en"]}
            for name in ("subject", "risks", "measures")
        )
        assessed = risks.Assessed(
            subject=subject,
            risks=told,
            measures=measures,
            conclusion=v["conclusion"],
            assessed_on=v["assessed_on"],
            flow_ids=v["flow_ids"],
            reported_on=v["reported_on"],
            reported_to=v["reported_to"],
        )
        risks.enter(assessed=assessed, actor=request.acting.actor, at=datetime.now(UTC))
        return HttpResponseRedirect(reverse("m:dataduty"))

    home = Crumb(_("Duties about data"), reverse("m:dataduty"))
    return answer(request, form, write, _("Enter a risk assessment"), home.href, home=home)


@for_roles(*BREACH_READERS)
def breach_list(request: Signed) -> HttpResponse:
    """List vulnerabilities and leaks, newest first, with what is still owed."""
    who, now = request.acting, datetime.now(UTC)
    may = who.role in breaches.WRITERS
    new = Button(_("Enter a vulnerability or leak"), reverse("m:breach-enter"), "primary")
    nothing = Empty(
        _("No vulnerability and no leak is entered"),
        _("Enter one as soon as it is found: for some the law counts hours from then."),
        (new,) if may else (),
    )
    found = listing(
        request,
        lambda sort: breaches.breaches(who.organisation_id, sort=sort),
        nothing=nothing,
        sort="-found",
    )
    rows = [
        {"breach": one, "kind": duty_forms.BREACHES[one.kind], "clock": _clock(one, now)}
        for one in found.page
    ]
    context = {"listing": found, "sort": found.sort, "rows": rows, "new": new if may else None}
    return render(request, "manufacturer/breaches.html", context)


@for_roles(*BREACH_READERS)
def breach(request: Signed, breach_id: int) -> HttpResponse:
    """Show one, what is owed by when, and take down what was done."""
    who, now = request.acting, datetime.now(UTC)
    found = breaches.breach(who.organisation_id, breach_id)
    may = who.role in breaches.WRITERS
    initial = {name: getattr(found, name) for name in duty_forms.NoteForm.base_fields}
    form = duty_forms.NoteForm(request.POST or None, initial=initial)
    if request.method == "POST" and may and form.is_valid():
        try:
            breaches.note(breach_id=found.pk, changes=form.cleaned_data, actor=who.actor, at=now)
        except errors.WrongTime as wrong:
            form.add_error(None, _(wrong.message))
        else:
            return HttpResponseRedirect(reverse("m:breach", args=[found.pk]))
    told = breaches.ask(found, at=now)
    context = {
        "breach": found,
        "kind": duty_forms.BREACHES[found.kind],
        "clock": _clock(found, now),
        "duties": [_duty(one, legal_day(now)) for one in told.obligations],
        "findings": [presenting.finding(one.to_json()) for one in told.findings],
        "form": form if may else None,
        "crumbs": [
            Crumb(_("Vulnerabilities and leaks"), reverse("m:breaches")),
            Crumb(found.number),
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "manufacturer/breach.html", context, status=status)


@for_roles(*breaches.WRITERS)
def breach_enter(request: Signed) -> HttpResponse:
    """Enter a vulnerability or a leak."""
    form = duty_forms.BreachForm(request.POST or None)

    def write() -> HttpResponse:
        made = breaches.enter(
            told=breaches.Told(**form.cleaned_data),
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return HttpResponseRedirect(reverse("m:breach", args=[made.pk]))

    heading = _("Enter a vulnerability or leak")
    home = Crumb(_("Vulnerabilities and leaks"), reverse("m:breaches"))
    return answer(request, form, write, heading, home.href, home=home)


def _clock(one: Any, now: datetime) -> dict[str, Any]:
    """Return how much of the law's hours is left, or that nothing is owed any more."""
    if one.closed_at:
        return {"tone": Tone.MET, "text": _("Nothing more is owed")}
    due, certain = breaches.deadline(one, at=now)
    if due is None or one.reported_at:
        return {"tone": Tone.DUE, "text": _("Owed at once, or not judged yet")}
    left = due - now
    late = left.total_seconds() < 0
    hours, minutes = divmod(int(abs(left.total_seconds())) // 60, 60)
    if certain:
        template = _("{h} h {m} min late") if late else _("{h} h {m} min left")
    elif late:
        template = _("{h} h {m} min late, if it endangers the public")
    else:
        template = _("{h} h {m} min left, if it endangers the public")
    tone = Tone.BROKEN if late else Tone.DUE
    return {"tone": tone, "text": template.format(h=hours, m=minutes)}


def _duty(one: Any, today: Any) -> dict[str, Any]:
    done = one.fulfilled is True
    left = ""
    if one.due.date and not done:
        left = formats.working_days(one.due.date, today)
    return {
        "title": localised(one.title),
        "rule": one.rule_id,
        "grade": str(one.grade),
        "when": localised(one.due.shown),
        "left": left,
        "done": done,
    }


def _day(at: datetime) -> str:
    return formats.long_day(legal_day(at))
