"""SAMR's notices: to investigate, to recall, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import errors as wrong
from roadworthy.domains.recalls import noticing, supervising
from roadworthy.domains.recalls.notices import objection_due
from roadworthy.domains.recalls.records import LONGEST
from roadworthy.domains.recalls.states import RECALL_NOTICE, NoticeAct, NoticeState
from roadworthy.domains.sharing import elsewhere
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.authority.recall_views import RecallFilter
from roadworthy.portals.shared import downloads, errors, formats, recall_words, stories
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField, Form
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Button, Crumb

_SAMR = Role.SAMR_REVIEWER
_HISTORY = 20
_STEPS = (NoticeAct.NOTIFY, NoticeAct.APPOINT, NoticeAct.ORDER, NoticeAct.SET_ASIDE)


class IssueForm(Form):
    """A notice: to whom, about which types, on which grounds."""

    types = forms.MultipleChoiceField(
        label=_later("Vehicle types"),
        help_text=_later("Of one manufacturer"),
        widget=forms.CheckboxSelectMultiple,
    )
    defect_number = forms.CharField(
        required=False,
        max_length=24,
        label=_later("Number of the manufacturer's own analysis"),
        help_text=_later("Where one is known; otherwise the notice opens one"),
    )
    subject_zh = forms.CharField(label=_later("Subject in Chinese"), max_length=120)
    subject_en = forms.CharField(label=_later("Subject in English"), max_length=120)
    grounds = forms.CharField(
        label=_later("Grounds"), max_length=LONGEST, widget=forms.Textarea({"rows": 6})
    )

    def __init__(self, data: Any, *, types: Any, products: Any) -> None:
        super().__init__(data)
        here = [
            (
                str(one.pk),
                " · ".join((localised(one.manufacturer.name), one.code, localised(one.name))),
            )
            for one in types
        ]
        # Of a manufacturer with a deployment of its own: what it filed names them.
        there = [
            (f"{one.manufacturer}/{one.code}", f"{localised(one.maker)} · {one.code}")
            for one in products
        ]
        self.fields["types"].choices = [*here, *there]  # type: ignore[attr-defined]


class StepForm(Form):
    words = forms.CharField(
        label=_later("Words of the step"), max_length=LONGEST, widget=forms.Textarea({"rows": 5})
    )


class ServedForm(Form):
    """On which day a notice came, where the manufacturer's deployment says nothing."""

    on = DayField(label=_later("Day on which the manufacturer received it"))
    proof = forms.CharField(
        label=_later("How it came, and what shows it"),
        help_text=_later("For example a registered letter and its number"),
        max_length=300,
    )


class DecisionForm(StepForm):
    opinion = forms.CharField(
        required=False,
        label=_later("Opinion of the experts"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
    )


@for_roles(_SAMR)
@never_cache
def notices(request: Signed) -> HttpResponse:
    """List SAMR's notices, newest first."""
    mine = request.acting.organisation_id
    choices = {"state": [(str(key), chip.text) for key, chip in recall_words.NOTICE.items()]}
    new = Button(_("Ask to investigate"), reverse("a:recall-notice-new"), "primary")
    found = listing(
        request,
        lambda **filters: supervising.notices(mine, **filters),
        nothing=Empty(
            _("No notice was given"),
            _("A notice asks a manufacturer to investigate, and then to recall."),
            (new,),
        ),
        form=RecallFilter(request, choices),
    )
    context = {
        "listing": found,
        "new": new,
        "rows": [
            {"notice": one, "chip": recall_words.NOTICE[NoticeState(one.state)]}
            for one in found.page
        ],
    }
    return render(request, "authority/recall_notices.html", context)


@for_roles(_SAMR)
@never_cache
def issue(request: Signed) -> HttpResponse:
    """Ask a manufacturer to investigate."""
    form = IssueForm(
        request.POST or None,
        types=supervising.types(),
        products=elsewhere.products(request.acting.organisation_id),
    )
    if form.stay_or():
        try:
            made = _issue(form.cleaned_data, request)
        except DomainError as error:
            fields = {"defect-without-types": "types", "no-such-defect": "defect_number"}
            errors.on_form(form, error, fields)
        else:
            return HttpResponseRedirect(reverse("a:recall-notice", args=[made.pk]))
    home = reverse("a:recall-notices")
    return _ask(request, form, _("Ask to investigate"), home, [Crumb(_("Notices"), home)])


@for_roles(_SAMR)
@never_cache
def notice(request: Signed, notice_id: int) -> HttpResponse:
    """Show a notice with the manufacturer's objection and the steps that are left."""
    one = supervising.notice(request.acting.organisation_id, notice_id)
    due, today = objection_due(one), legal_day(datetime.now(UTC))
    acts = set(RECALL_NOTICE.available(NoticeState(one.state), _SAMR))
    evidence = reverse("a:recall-evidence", args=[one.pk]) if one.evidence_sha256 else ""
    context = {
        "notice": one,
        "base": "authority/base.html",
        "chip": recall_words.NOTICE[NoticeState(one.state)],
        "due": due,
        "left": formats.working_days(due, today) if due and one.state == "notice" else "",
        "evidence": evidence,
        "crumbs": [Crumb(_("Notices"), reverse("a:recall-notices")), Crumb(one.number)],
        "actions": [
            Button(_names()[act], reverse("a:recall-notice-act", args=[one.pk, act]))
            for act in _STEPS
            if act in acts
        ]
        + _serving(one),
        "events": stories.events(ledger.latest_about(f"recall-notice/{one.pk}", _HISTORY)),
    }
    return render(request, "shared/recall_notice.html", context)


@for_roles(_SAMR)
@never_cache
def act(request: Signed, notice_id: int, act: str) -> HttpResponse:
    """Take SAMR's next step."""
    one = supervising.notice(request.acting.organisation_id, notice_id)
    if act not in set(_STEPS):
        raise Http404
    wanted = NoticeAct(act)
    ends = wanted in {NoticeAct.ORDER, NoticeAct.SET_ASIDE}
    form = (DecisionForm if ends else StepForm)(request.POST or None)
    form.fields["words"].label = {
        NoticeAct.NOTIFY: _("Grounds"),
        NoticeAct.APPOINT: _("Experts"),
    }.get(wanted, _("Decision"))
    if form.stay_or():
        try:
            noticing.take(
                wanted,
                notice_id=one.pk,
                **form.cleaned_data,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse("a:recall-notice", args=[one.pk]))
    back = reverse("a:recall-notice", args=[one.pk])
    return _ask(request, form, _names()[wanted], back, [Crumb(one.number, back)])


@for_roles(_SAMR)
@never_cache
def served(request: Signed, notice_id: int) -> HttpResponse:
    """Note on which day a notice of recall came to a manufacturer whose deployment is silent."""
    one = supervising.notice(request.acting.organisation_id, notice_id)
    form = ServedForm(request.POST or None)
    if form.stay_or():
        try:
            noticing.served(
                notice_id=one.pk,
                **form.cleaned_data,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"recall-wrong-day": "on"})
        else:
            return HttpResponseRedirect(reverse("a:recall-notice", args=[one.pk]))
    back = reverse("a:recall-notice", args=[one.pk])
    return _ask(request, form, _("Note when it was received"), back, [Crumb(one.number, back)])


@for_roles(_SAMR)
@never_cache
def evidence(request: Signed, notice_id: int) -> FileResponse:
    """Give back the document of an objection."""
    return downloads.of(supervising.evidence(request.acting.organisation_id, notice_id))


def _issue(given: dict[str, Any], request: Signed) -> Any:
    """Give the notice here, or to the one manufacturer elsewhere whose types are named."""
    said = {
        "subject": {"zh-hans": given["subject_zh"], "en": given["subject_en"]},
        "grounds": given["grounds"],
        "defect_number": given["defect_number"],
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    named = [one.partition("/") for one in given["types"]]
    makers = {maker for maker, slash, _code in named if slash}
    if not makers:
        return noticing.issue(**said, type_ids=[int(key) for key, _slash, _code in named])
    if len(makers) > 1 or not all(slash for _maker, slash, _code in named):
        raise wrong.NoTypes
    codes = [code for _maker, _slash, code in named]
    return noticing.issue_elsewhere(**said, manufacturer=makers.pop(), codes=codes)


def _serving(one: Any) -> list[Button]:
    """Offer to note the receipt, where it is not known."""
    if one.state != NoticeState.NOTICE or one.recall_notice_received_at is not None:
        return []
    return [Button(_("Note when it was received"), reverse("a:recall-served", args=[one.pk]))]


def _names() -> dict[NoticeAct, str]:
    return {
        NoticeAct.NOTIFY: _("Give notice to recall"),
        NoticeAct.APPOINT: _("Appoint experts"),
        NoticeAct.ORDER: _("Order the recall"),
        NoticeAct.SET_ASIDE: _("Set it aside"),
    }


def _ask(request: Signed, form: Any, heading: str, back: str, crumbs: list[Crumb]) -> HttpResponse:
    context = {
        "base": "authority/base.html",
        "form": form,
        "heading": heading,
        "back": back,
        "crumbs": [*crumbs, Crumb(heading)],
    }
    return render(request, "shared/form.html", context, status=422 if form.errors else 200)
