"""SAMR's notices as the manufacturer reads them: follow, or object with evidence."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import noticing, queries
from roadworthy.domains.recalls.notices import objection_due
from roadworthy.domains.recalls.records import LONGEST
from roadworthy.domains.recalls.states import RECALL_NOTICE, NoticeAct, NoticeState
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.defect_views import READERS
from roadworthy.portals.shared import errors, formats, keeping, recall_words, stories
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import FileForm, Form, Upload
from roadworthy.portals.shared.shapes import Button, Crumb

_HISTORY = 20
_WRITE = "manufacturer/write.html"


class ObjectionForm(FileForm):
    """Why the producer disagrees, and what shows it."""

    words = forms.CharField(
        label=_later("Objection"), max_length=LONGEST, widget=forms.Textarea({"rows": 6})
    )
    file = forms.FileField(label=_later("Evidence"), widget=Upload, required=False)


@for_roles(*READERS)
@never_cache
def notice(request: Signed, notice_id: int) -> HttpResponse:
    """Show a notice: its grounds, until when one may object, what became of it."""
    one = queries.notice(request.acting.organisation_id, notice_id)
    due, today = objection_due(one), legal_day(datetime.now(UTC))
    acts = set(RECALL_NOTICE.available(NoticeState(one.state), request.acting.role))
    names = {NoticeAct.FOLLOW: _("Recall as asked"), NoticeAct.OBJECT: _("Object to it")}
    context = {
        "notice": one,
        "base": "manufacturer/base.html",
        "chip": recall_words.NOTICE[NoticeState(one.state)],
        "due": due,
        "left": formats.working_days(due, today) if due and one.state == "notice" else "",
        "defect_href": reverse("m:defect", args=[one.defect_id]),
        "crumbs": [
            Crumb(_("Defects"), reverse("m:defects")),
            Crumb(one.defect_name, reverse("m:defect", args=[one.defect_id])),
            Crumb(one.number),
        ],
        "actions": [
            Button(text, reverse("m:recall-notice-act", args=[one.pk, act]))
            for act, text in names.items()
            if act in acts
        ],
        "events": stories.events(ledger.latest_about(f"recall-notice/{one.pk}", _HISTORY)),
    }
    return render(request, "shared/recall_notice.html", context)


@for_roles(Role.COMPLIANCE_OFFICER)
@never_cache
def act(request: Signed, notice_id: int, act: str) -> HttpResponse:
    """Follow a notice, or object to it."""
    one = queries.notice(request.acting.organisation_id, notice_id)
    objects, is_sent = act == NoticeAct.OBJECT, request.method == "POST"
    data, files = (request.POST, request.FILES) if is_sent else (None, None)
    form = ObjectionForm(data, files) if objects else Form(data)
    if form.stay_or():
        try:
            if objects:
                _object(one.pk, form, request)
            else:
                noticing.follow(notice_id=one.pk, actor=request.acting.actor, at=datetime.now(UTC))
        except DomainError as error:
            errors.on_form(form, error, {"stop-evidence-missing": "file"} if objects else {})
        else:
            messages.success(request, _("SAMR reads it now."))
            return HttpResponseRedirect(reverse("m:recall-notice", args=[one.pk]))
    heading = _("Object to {number}") if objects else _("Recall as {number} asks")
    lead = _("The law asks for evidence. Experts may look at it; otherwise an order follows.")
    if not objects:
        lead = _("The defect counts as confirmed: production, sale and import stop at once.")
    context = {
        "form": form,
        "heading": heading.format(number=one.number),
        "lead": lead,
        "back": reverse("m:recall-notice", args=[one.pk]),
        "crumbs": [Crumb(one.number, reverse("m:recall-notice", args=[one.pk]))],
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)


def _object(notice_id: int, form: Form, request: Signed) -> None:
    digest = keeping.digest_of(request, form.cleaned_data["file"])
    noticing.object_to(
        notice_id=notice_id,
        words=form.cleaned_data["words"],
        document_sha256=digest,
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )
