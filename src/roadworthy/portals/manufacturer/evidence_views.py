"""Evidence: what waits for a second pair of eyes, its steps, its file."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.domains.compliance import overview, queries, services
from roadworthy.domains.compliance.states import CellState, EvidenceAction
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import matrix_page
from roadworthy.portals.manufacturer.matrix_forms import ReasonForm
from roadworthy.portals.manufacturer.matrix_views import READERS
from roadworthy.portals.shared import downloads, errors
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Ask, Crumb


@for_roles(*READERS)
def waiting(request: Signed) -> HttpResponse:
    """List the evidence that waits for somebody else's confirmation."""
    mine = request.acting.organisation_id
    found = listing(
        request,
        lambda: queries.to_confirm(mine),
        nothing=Empty(
            _("Nothing waits"),
            _("What a colleague attaches without an institution's signature appears here."),
        ),
    )
    context = {
        "listing": found,
        "rows": [(one, matrix_page.KINDS[one.kind]) for one in found.page],
        "crumbs": [Crumb(_("Requirements"), reverse("m:matrices")), Crumb(_("To be confirmed"))],
    }
    return render(request, "manufacturer/evidence.html", context)


@for_roles(*READERS)
def gap(request: Signed, gap_id: int) -> HttpResponse:
    """Go to the cell that lacks evidence, or to all of the type that do."""
    found = overview.gap(request.acting.organisation_id, gap_id)
    if overview.alike(found) > 1:
        matrix = reverse("m:matrix", args=[found.type_id])
        ahead = found.cell == CellState.NOT_YET
        return HttpResponseRedirect(
            reverse("m:matrix-coming", args=[found.type_id])
            if ahead
            else f"{matrix}?state={found.cell}"
        )
    return HttpResponseRedirect(
        reverse("m:matrix-cell", args=[found.type_id, found.requirement.key])
    )


@for_roles(*READERS)
def cell(request: Signed, evidence_id: int) -> HttpResponse:
    """Go to the cell that a piece of evidence belongs to."""
    found = queries.evidence(request.acting.organisation_id, evidence_id)
    return HttpResponseRedirect(_cell(found) + "#evidence")


@for_roles(Role.HOMOLOGATION, Role.COMPLIANCE_OFFICER)
def act(request: Signed, evidence_id: int, action: str) -> HttpResponse:
    """Confirm, refuse or withdraw evidence."""
    found = queries.evidence(request.acting.organisation_id, evidence_id)
    if action not in set(EvidenceAction):
        raise Http404
    wanted = EvidenceAction(action)
    is_plain = wanted is EvidenceAction.CONFIRM
    form = (Form if is_plain else ReasonForm)(request.POST or None)
    if request.method == "POST" and (is_plain or form.is_valid()):
        reason = "" if is_plain else form.cleaned_data["reason"]
        try:
            _take(wanted, found, reason, request)
        except DomainError as error:
            if is_plain:
                raise
            errors.on_form(form, error, {"evidence-reason-missing": "reason"})
        else:
            messages.success(request, _DONE[wanted]())
            return HttpResponseRedirect(_cell(found))
    ask = _ask(found, wanted, None if is_plain else form)
    context = {"ask": ask, "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
def file(request: Signed, evidence_id: int) -> FileResponse:
    """Give back the file of a piece of evidence, exactly as it came."""
    shown = queries.document(request.acting.organisation_id, evidence_id)
    return downloads.of_kept(shown) if hasattr(shown, "media_type") else downloads.of_report(shown)


_DONE = {
    EvidenceAction.CONFIRM: lambda: _("The evidence counts from now on."),
    EvidenceAction.REFUSE: lambda: _("The evidence is refused; the reason stays on record."),
    EvidenceAction.WITHDRAW: lambda: _("The evidence is withdrawn from today on."),
}


def _take(action: EvidenceAction, found: queries.Evidence, reason: str, request: Signed) -> None:
    actor, at = request.acting.actor, datetime.now(UTC)
    if action is EvidenceAction.CONFIRM:
        services.confirm(evidence_id=found.pk, actor=actor, at=at)
        return
    step = services.refuse if action is EvidenceAction.REFUSE else services.withdraw
    step(evidence_id=found.pk, reason=reason, actor=actor, at=at)


def _cell(found: queries.Evidence) -> str:
    return reverse("m:matrix-cell", args=[found.type_id, found.requirement.key])


def _ask(found: queries.Evidence, action: EvidenceAction, form: Form | None) -> Ask:
    titles = {
        EvidenceAction.CONFIRM: _("Confirm the evidence"),
        EvidenceAction.REFUSE: _("Refuse the evidence"),
        EvidenceAction.WITHDRAW: _("Withdraw the evidence"),
    }
    texts = {
        EvidenceAction.CONFIRM: _(
            "You say that it shows what the clause asks for. It counts from now on, and your name "
            "stays with it."
        ),
        EvidenceAction.REFUSE: _("It does not count. Your colleague reads the reason."),
        EvidenceAction.WITHDRAW: _(
            "It shows nothing from today on; for the days before it stays as it is."
        ),
    }
    clause = found.requirement
    return Ask(
        id=f"evidence-{action}",
        title=titles[action],
        text=texts[action],
        href=reverse("m:evidence-act", args=[found.pk, action]),
        confirm=titles[action],
        cancel=_("Cancel"),
        look="primary" if action is EvidenceAction.CONFIRM else "danger",
        facts=(
            (_("Type"), found.type.code),
            (
                pgettext("standards", "Clause"),
                f"{clause.standard.number} {clause.number} {localised(clause.title)}",
            ),
            (_("Evidence"), found.title),
        ),
        form=form,
        back=_cell(found),
    )
