"""What a reviewer does with a filing short of deciding: ask, take back, note."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.filings import questions, reading
from roadworthy.domains.filings.errors import NoSuchQuestion
from roadworthy.portals.authority import page
from roadworthy.portals.authority.forms import AskForm, NoteForm
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles


@for_roles(*AUTHORITY)
def ask(request: Signed, filing_id: int) -> HttpResponse:
    """Ask the manufacturer something about a filing."""
    found = reading.addressed(request.acting.organisation_id, filing_id)
    back = reverse("a:filing", args=[found.pk])
    form = AskForm(request.POST or None)
    if request.method == "POST" and not form.is_valid():
        context = page.context(found, request.acting, datetime.now(UTC)) | {"asking": form}
        return render(request, "authority/filing.html", context, status=422)
    if request.method == "POST":
        questions.ask(
            filing_id=found.pk,
            text=form.cleaned_data["question"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        messages.success(request, _("Your question is with the manufacturer."))
    return HttpResponseRedirect(f"{back}#questions")


@for_roles(*AUTHORITY)
def take_back(request: Signed, filing_id: int, question_id: int) -> HttpResponse:
    """Take back a question that needs no answer any more."""
    found = reading.addressed(request.acting.organisation_id, filing_id)
    if not questions.of_filing(found).filter(pk=question_id).exists():
        raise NoSuchQuestion
    if request.method == "POST":
        questions.take_back(
            question_id=question_id, actor=request.acting.actor, at=datetime.now(UTC)
        )
        messages.success(request, _("The question is taken back."))
    return HttpResponseRedirect(reverse("a:filing", args=[found.pk]) + "#questions")


@for_roles(*AUTHORITY)
def note(request: Signed, filing_id: int) -> HttpResponse:
    """Write something down for one's own authority."""
    found = reading.addressed(request.acting.organisation_id, filing_id)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and not form.is_valid():
        context = page.context(found, request.acting, datetime.now(UTC)) | {"noting": form}
        return render(request, "authority/filing.html", context, status=422)
    if request.method == "POST":
        questions.note(
            filing_id=found.pk,
            text=form.cleaned_data["note"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        messages.success(request, _("Your note is kept."))
    return HttpResponseRedirect(reverse("a:filing", args=[found.pk]) + "#notes")
