"""Following a recall: owners told, vehicles remedied by proof, who is still to be reached."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.recalls.states import IN_FORCE, PlanState
from roadworthy.domains.remedies import files, letters, queries, services
from roadworthy.domains.remedies.states import Channel, Reason
from roadworthy.kernel import vin
from roadworthy.kernel.errors import DomainError, Invalid
from roadworthy.portals.manufacturer import remedy_page
from roadworthy.portals.shared import formats, recall_links, recall_reports
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb

READERS = (Role.RECALL, Role.COMPLIANCE_OFFICER, Role.AFTER_SALES)
_SHOWN = 100  # refused rows on the page


class FollowFilter(FilterForm):
    search = Search(label=_later("VIN, or its beginning"), max_length=17)
    reason = forms.ChoiceField(label=_later("Why"))


class FileForm(Form):
    file = forms.FileField(label=_later("File (CSV)"))


class AnswerForm(Form):
    vin = forms.CharField(label=_later("VIN"), max_length=40)
    choice = forms.ChoiceField(
        label=_later("What the owner said"), choices=list(remedy_page.CHOICES.items())
    )
    words = forms.CharField(label=_later("Note"), max_length=500, required=False)

    def clean_vin(self) -> str:
        try:
            return vin.parse(self.cleaned_data["vin"]).text
        except Invalid as wrong:
            raise forms.ValidationError(_(wrong.message).format(**wrong.data)) from None


class PostedForm(Form):
    proof = forms.CharField(
        label=_later("What proves the posting"),
        help_text=_later("Number of the registered items, or of the post office's receipt."),
        max_length=120,
    )


@for_roles(*READERS)
@never_cache
def recalls_running(request: Signed) -> HttpResponse:
    """List the recalls whose plans are in force, with how far each is."""
    found = listing(
        request,
        lambda: queries.followed(request.acting.organisation_id),
        nothing=Empty(
            _("No recall is being carried out"),
            _("A recall appears here once its plan is filed with SAMR."),
        ),
    )
    rows = [(plan, queries.progress(plan.pk)) for plan in found.page]
    return render(request, "manufacturer/remedies.html", {"listing": found, "rows": rows})


@for_roles(*READERS)
@never_cache
def recall(request: Signed, plan_id: int) -> HttpResponse:
    """Show where a recall stands."""
    plan = recalls.plan(request.acting.organisation_id, plan_id)
    return render(request, "manufacturer/remedy.html", _context(request, plan))


@for_roles(Role.RECALL)
@require_POST
def tell(request: Signed, plan_id: int, channel: str) -> HttpResponse:
    """Order that all owners are told by a channel."""
    if channel not in set(Channel):
        raise Http404
    return _do(
        request,
        plan_id,
        lambda: services.queue_notices(
            plan_id=plan_id,
            channel=Channel(channel),
            actor=request.acting.actor,
            at=datetime.now(UTC),
        ),
        _("Ordered. The notices are queued within a minute."),
    )


@for_roles(Role.RECALL)
@require_POST
def posted(request: Signed, plan_id: int, mailing_id: int) -> HttpResponse:
    """Write down that the letters were posted."""
    form = PostedForm(request.POST)
    if not form.is_valid():
        plan = recalls.plan(request.acting.organisation_id, plan_id)
        context = _context(request, plan, posted=form)
        return render(request, "manufacturer/remedy.html", context, status=422)
    return _do(
        request,
        plan_id,
        lambda: services.record_posted(
            mailing_id=mailing_id,
            proof=form.cleaned_data["proof"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        ),
        _("Written down."),
    )


@for_roles(*READERS)
@never_cache
def follow_ups(request: Signed, plan_id: int) -> HttpResponse:
    """List the vehicles whose owners are still to be reached; take an answer."""
    plan = recalls.plan(request.acting.organisation_id, plan_id)
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.record_answer(
                    plan_id=plan_id, actor=request.acting.actor, at=datetime.now(UTC),
                    **form.cleaned_data,
                )  # fmt: skip
            except DomainError as wrong:
                form.add_error("vin", _(wrong.message).format(**wrong.data))
            else:
                messages.success(request, _("Written down."))
                return HttpResponseRedirect(reverse("m:remedy-follow-ups", args=[plan_id]))
    filters = FollowFilter(
        request, {"reason": [(str(k), v) for k, v in remedy_page.REASONS.items()]}
    )
    found = listing(
        request,
        lambda **used: queries.follow_ups(plan_id, **used),
        nothing=Empty(_("Nobody has to be followed up")),
        form=filters,
        per_page=50,
    )
    context = {
        "plan": plan,
        "crumbs": crumbs(plan, _("To follow up")),
        "listing": found,
        "rows": [(one, remedy_page.REASONS[Reason(one.reason)]) for one in found.page],
        "form": form,
    }
    return render(request, "manufacturer/remedy_follow_ups.html", context, status=status)


@for_roles(*READERS)
@never_cache
def completions(request: Signed, plan_id: int) -> HttpResponse:
    """List what workshops reported; take a file of repairs."""
    plan = recalls.plan(request.acting.organisation_id, plan_id)
    context, status = _taken_file(
        request,
        lambda path: files.import_completions(
            path, plan_id=plan_id, actor=request.acting.actor, at=datetime.now(UTC)
        ),
    )
    found = listing(
        request,
        lambda: queries.completions(plan_id),
        nothing=Empty(_("No workshop has reported a repair")),
        per_page=50,
    )
    context |= {
        "plan": plan,
        "crumbs": crumbs(plan, _("Repairs in workshops")),
        "listing": found,
    }
    return render(request, "manufacturer/remedy_completions.html", context, status=status)


@for_roles(*READERS)
@never_cache
def contacts(request: Signed) -> HttpResponse:
    """Take a file of owners' addresses."""
    context, status = _taken_file(
        request,
        lambda path: files.import_contacts(
            path,
            manufacturer_id=request.acting.organisation_id,
            actor=request.acting.actor,
            at=datetime.now(UTC),
        ),
    )
    context["crumbs"] = [
        Crumb(_("Recalls in progress"), reverse("m:remedies")),
        Crumb(_("Owners' addresses")),
    ]
    return render(request, "manufacturer/remedy_contacts.html", context, status=status)


@for_roles(*READERS)
@never_cache
def letter(request: Signed, plan_id: int, vehicle_id: int) -> HttpResponse:
    """Give the letter to one owner as PDF."""
    found = queries.letter_of(request.acting.organisation_id, plan_id, vehicle_id)
    if found is None:
        raise Http404
    mailing, contact = found
    link = request.build_absolute_uri(recall_links.path(plan_id, vehicle_id))
    to = letters.To(
        contact.name, contact.address, contact.vehicle.vin or "", contact.language, link
    )
    answer = HttpResponse(letters.letter(mailing.content, to), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{mailing.plan.number}.pdf"'
    return answer


def _context(request: Signed, plan: Any, posted: PostedForm | None = None) -> dict[str, Any]:
    told, points = queries.progress(plan.pk), queries.curve(plan.pk)
    mailings = list(queries.mailings(plan.pk))
    return {
        "plan": plan,
        "crumbs": crumbs(plan),
        "told": told,
        "points": points[-60:],
        "chart": remedy_page.chart(points, told.vehicles),
        "mailings": [(one, remedy_page.CHANNELS[Channel(one.channel)]) for one in mailings],
        "channels": remedy_page.unused(mailings),
        "posted": posted or PostedForm(),
        "reports": recall_reports.rows(queries.reports(plan.pk)[:10]),
        "may": request.acting.role == Role.RECALL and plan.state in IN_FORCE,
        "may_end": plan.state == PlanState.COMPLETED,
        "is_filed": plan.state in IN_FORCE,
    }


def crumbs(plan: Any, here: str = "", href: str = "") -> list[Crumb]:
    """Return the way to a page of a recall that is carried out."""
    first = Crumb(_("Recalls in progress"), reverse("m:remedies"))
    if not here:
        return [first, Crumb(plan.number)]
    return [first, Crumb(plan.number, reverse("m:remedy", args=[plan.pk])), Crumb(here, href)]


def _do(request: Signed, plan_id: int, act: Any, said: str) -> HttpResponse:
    recalls.plan(request.acting.organisation_id, plan_id)
    try:
        act()
    except DomainError as wrong:
        messages.error(request, _(wrong.message).format(**wrong.data))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("m:remedy", args=[plan_id]))


def _taken_file(request: Signed, take: Any) -> tuple[dict[str, Any], int]:
    """Read an uploaded file, and return what the page says about it."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return {"form": FileForm()}, 200
    if not form.is_valid():
        return {"form": form}, 422
    upload: UploadedFile = form.cleaned_data["file"]
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "upload.csv"
            with path.open("wb") as kept:
                for chunk in upload.chunks():
                    kept.write(chunk)
            summary = take(path)
    except DomainError as wrong:
        shown = {**wrong.data, "path": upload.name}
        form.add_error("file", _(wrong.message).format(**shown))
        return {"form": form}, 422
    refused = [
        (one, _(one.error.message).format(**one.error.data)) for one in summary.refused[:_SHOWN]
    ]
    told = {"summary": summary, "refused": refused, "more": max(len(summary.refused) - _SHOWN, 0)}
    return {"form": FileForm(), **told, "n_refused": formats.number(len(summary.refused))}, 200
