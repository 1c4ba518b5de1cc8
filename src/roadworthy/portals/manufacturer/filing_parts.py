"""What belongs to a filing besides its content: questions, answers, files, the receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.filings import questions, reading, receipts
from roadworthy.domains.filings.errors import NoSuchQuestion
from roadworthy.domains.filings.states import Kind, QuestionState
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import supervising
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.draft_forms import FilesField
from roadworthy.portals.shared import downloads, errors, keeping, recall_words, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.shapes import Crumb


class AnswerForm(Form):
    answer = forms.CharField(
        label=_later("Your answer"), widget=forms.Textarea({"rows": 5, "class": "input"})
    )
    documents = FilesField(label=_later("Documents"), required=False)


def questions_of(filing: Any) -> list[dict[str, Any]]:
    """Return what was asked about a filing, with the answers and their documents."""
    attached = questions.documents_of(filing)
    return [
        {
            "question": one,
            "chip": words.QUESTION[QuestionState(one.state)],
            "documents": attached.get(one.pk, ()),
        }
        for one in questions.of_filing(filing)
    ]


def supervision_of(filing: Any) -> list[tuple[Any, Any]]:
    """Return what SAMR wrote about the recall whose plan was filed so."""
    if filing.dossier.kind != Kind.RECALL_PLAN:
        return []
    return recall_words.written(supervising.written(filing))


def has_open_question(filing: Any) -> bool:
    """Say whether the authority waits for an answer."""
    return any(one.state == QuestionState.OPEN for one in questions.of_filing(filing))


@for_roles(Role.HOMOLOGATION)
def answer(request: Signed, filing_id: int, question_id: int) -> HttpResponse:
    """Answer one question, with documents if need be."""
    filing = reading.own(request.acting.organisation_id, filing_id)
    question = questions.of_filing(filing).filter(pk=question_id).first()
    if question is None:
        raise NoSuchQuestion
    back = reverse("m:filing", args=[filing.pk]) + "#questions"
    if question.state != QuestionState.OPEN:
        return HttpResponseRedirect(back)
    form = AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _answer(request, question, form)
        except DomainError as error:
            errors.on_form(form, error, dict.fromkeys(errors.ABOUT_A_FILE, "documents"))
        else:
            messages.success(request, _("Your answer is with the authority."))
            return HttpResponseRedirect(back)
    context = {
        "form": form,
        "heading": _("Answer a question about {number}").format(number=filing.number),
        "lead": question.text,
        "crumbs": [
            Crumb(_("Filings"), reverse("m:filings")),
            Crumb(filing.number, back),
            Crumb(_("Answer")),
        ],
        "back": back,
        "submit": _("Send the answer"),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _answer(request: Signed, question: Any, form: AnswerForm) -> None:
    now, actor = datetime.now(UTC), request.acting.actor
    digests = [keeping.kept(request, file).sha256 for file in form.cleaned_data["documents"]]
    questions.answer(
        question_id=question.pk,
        text=form.cleaned_data["answer"],
        digests=digests,
        actor=actor,
        at=now,
    )


@for_roles(*MANUFACTURER)
def file(request: Signed, filing_id: int, sha256: str) -> FileResponse:
    """Give back a document that is part of what was filed or answered."""
    filing = reading.own(request.acting.organisation_id, filing_id)
    return downloads.of(reading.document(filing, sha256))


@for_roles(*MANUFACTURER)
def receipt(request: Signed, filing_id: int) -> HttpResponse:
    """Show the authority's receipt, verified now."""
    filing = reading.own(request.acting.organisation_id, filing_id)
    context = {
        "filing": filing,
        "receipt": receipts.of(filing),
        "kind": words.FILING_KINDS[Kind(filing.dossier.kind)],
        "crumbs": [
            Crumb(_("Filings"), reverse("m:filings")),
            Crumb(filing.number, reverse("m:filing", args=[filing.pk])),
            Crumb(_("Receipt")),
        ],
    }
    return render(request, "manufacturer/receipt.html", context)


@for_roles(*MANUFACTURER)
def receipt_file(request: Signed, filing_id: int) -> HttpResponse:
    """Give out the receipt as it was signed: a DSSE envelope."""
    filing = reading.own(request.acting.organisation_id, filing_id)
    receipts.of(filing)
    return HttpResponse(
        filing.receipt,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{filing.number}.json"'},
    )
