"""Filings: the list, preparing one, reading one, submitting and withdrawing it."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy import stores
from roadworthy.domains.campaigns import reporting
from roadworthy.domains.filings import (
    archiving,
    dossiers,
    draft_reading,
    drafting,
    effects,
    permits,
    reading,
    rule_readings,
    searching,
    services,
)
from roadworthy.domains.filings.dossiers import OF_A_RECALL, OF_A_RELEASE, REPORTS
from roadworthy.domains.filings.permits import Permit
from roadworthy.domains.filings.states import FILING, Action, Kind, State
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import attest_page, filing_parts
from roadworthy.portals.manufacturer.filing_forms import DetailsForm
from roadworthy.portals.manufacturer.release_next import permit_address
from roadworthy.portals.shared import dossier, errors, parking, presenting, stories, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Ask, Button, Crumb, Next, Tone

_HISTORY = 20


class FilingFilter(FilterForm):
    search = Search(label=_later("Number, release or text"))
    kind = forms.ChoiceField(label=_later("Kind"))
    state = forms.ChoiceField(label=_later("State"))


@for_roles(*MANUFACTURER)
def filings(request: Signed) -> HttpResponse:
    """List what is before the authorities and what is still to be handed in."""
    mine = request.acting.organisation_id
    choices = {
        "kind": [(str(key), text) for key, text in words.FILING_KINDS.items()],
        "state": [(str(key), chip.text) for key, chip in words.FILING.items()],
    }
    nothing = Empty(
        _("Nothing has been filed"),
        _("Enterprise capability comes first, then type and function, then each update activity."),
    )
    found = listing(
        request,
        lambda **filters: reading.of_manufacturer(mine, **filters),
        nothing=nothing,
        form=FilingFilter(request, choices),
        at_once=True,
    )
    page = list(found.page)
    excerpts = searching.excerpts(page, found.search)
    rows = [
        (
            one,
            words.FILING[State(one.state)],
            words.FILING_KINDS[Kind(one.dossier.kind)],
            excerpts.get(one.pk),
        )
        for one in page
    ]
    may = request.acting.role == Role.HOMOLOGATION
    return render(
        request, "manufacturer/filings.html", {"listing": found, "rows": rows, "may_prepare": may}
    )


@for_roles(Role.HOMOLOGATION)
def prepare(request: Signed, kind: str, number: str = "") -> HttpResponse:
    """Compose a dossier and a draft of it for each authority that it goes to."""
    if kind not in set(Kind) - OF_A_RECALL or bool(number) != (Kind(kind) in OF_A_RELEASE):
        raise Http404
    mine = request.acting.organisation_id
    release = software.release(mine, number) if number else None
    if release is not None and (needed := _at_approvals(release, Kind(kind))):
        return _begin_at(request, release, Kind(kind), needed)
    form = DetailsForm(
        request.POST or None,
        kind=Kind(kind),
        types=list(vehicles.types(mine)),
        known=draft_reading.last_time(mine, Kind(kind), release),
    )
    if form.is_bound and "draft" in request.POST:
        return _keep(request, form, Kind(kind), release)
    if form.is_bound and form.is_valid():
        try:
            return _prepared(request, form, Kind(kind), release)
        except DomainError as error:
            errors.on_form(form, error)
    heading = _("Prepare: {kind}").format(kind=words.FILING_KINDS[Kind(kind)])
    context = {
        "form": form,
        "heading": heading,
        "crumbs": [Crumb(_("Filings"), reverse("m:filings")), Crumb(heading)],
        "back": reverse("m:release", args=[number]) if number else reverse("m:filings"),
        "submit": _("Make the filings"),
        "lead": _("Each authority that it goes to gets the same content under one digest."),
        "ticket": parking.ticket(
            request.acting.actor,
            kind=kind,
            release_id=release.pk if release else None,
            draft_id=None,
        ),
    }
    return render(request, "manufacturer/prepare.html", context, status=422 if form.errors else 200)


def _prepared(request: Signed, form: DetailsForm, kind: Kind, release: Any) -> HttpResponse:
    """Make the filings and lead to the first of them."""
    mine = request.acting.organisation_id
    made = services.prepare(
        kind=kind,
        manufacturer_id=mine,
        details=form.details | _figures(kind, mine, release),
        release_id=release.pk if release else None,
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )
    numbers = _(", ").join(one.number for one in made)
    messages.success(request, _("Prepared: {numbers}").format(numbers=numbers))
    return HttpResponseRedirect(reverse("m:filing", args=[made[0].pk]))


def _keep(request: Signed, form: DetailsForm, kind: Kind, release: Any) -> HttpResponse:
    """Begin a draft with what is typed so far, complete or not."""
    made = drafting.begin(
        kind=kind,
        details=form.typed,
        actor=request.acting.actor,
        at=datetime.now(UTC),
        release_id=release.pk if release else None,
    )
    messages.success(request, _("Your draft is kept."))
    return HttpResponseRedirect(reverse("m:draft", args=[made.pk]))


def _figures(kind: str, mine: int, release: Any) -> dict[str, Any]:
    if Kind(kind) not in REPORTS or release is None:
        return {}
    return {"figures": reporting.figures(mine, release.pk)}


@for_roles(*MANUFACTURER)
def filing(request: Signed, filing_id: int) -> HttpResponse:
    """Show one filing: what was filed, where it stands, what was answered."""
    return _page(request, reading.own(request.acting.organisation_id, filing_id))


def _page(request: Signed, found: Any, error: DomainError | None = None) -> HttpResponse:
    """Return a filing's page, with what stood in the way of the step that was tried."""
    state = State(found.state)
    acts = list(FILING.available(state, request.acting.role))
    content = found.dossier.content
    evaluation = reading.evaluation_of(found)
    made = presenting.findings(evaluation.result, unfold=False) if evaluation else ()
    context = {
        "filing": found,
        "chip": words.FILING[state],
        "kind": words.FILING_KINDS[Kind(found.dossier.kind)],
        "crumbs": [Crumb(_("Filings"), reverse("m:filings")), Crumb(found.number)],
        "next": attest_page.next_of(found, request.acting.role)
        or _next(found, acts, request.acting.role),
        "dossier": dossier.view(content, reading.names_in(content)),
        "revoked": reading.revoked_in(found),
        "findings": made,
        "folded": presenting.folded(made),
        "evaluation": evaluation,
        "others": [(one, words.FILING[State(one.state)]) for one in reading.siblings(found)],
        "events": stories.events(ledger.latest_about(f"filing/{found.pk}", _HISTORY)),
        "dialogs": [_ask(found)] if Action.WITHDRAW in acts else (),
        "withdraw": _withdraw_button(found) if Action.WITHDRAW in acts else None,
        "questions": filing_parts.questions_of(found),
        "may_answer": request.acting.role == Role.HOMOLOGATION
        and state in {State.SUBMITTED, State.RETURNED},
        "changes": dossier.changes(found),
        "reading": _samr_reading(found),
        "may_choose": request.acting.role == Role.COMPLIANCE_OFFICER,
        "supervision": filing_parts.supervision_of(found),
        **_afterwards(found, request.acting.role),
        **attest_page.context(found),
    }
    context["problem"] = errors.sentence(error) if error else ""
    status = errors.status_of(error) if error else 200
    return render(request, "manufacturer/filing.html", context, status=status)


def _afterwards(found: Any, role: Role) -> dict[str, Any]:
    """Return how what was accepted is corrected: by an amendment, or what it approves by a change.

    What became an approval is changed by a product change only (N45 part 3 (7)): the next version
    stands beside the last, and the authority decides on it as on the first.
    """
    accepted = found.state == State.ACCEPTED
    number = effects.approval_of(found) if accepted else ""
    return {
        "may_amend": accepted and not number and role == Role.HOMOLOGATION,
        "approval_number": number,
    }


@for_roles(Role.HOMOLOGATION)
def act(request: Signed, filing_id: int, action: str) -> HttpResponse:
    """Submit or withdraw a filing."""
    found = reading.own(request.acting.organisation_id, filing_id)
    if action not in {Action.SUBMIT, Action.WITHDRAW}:
        raise Http404
    back = reverse("m:filing", args=[found.pk])
    if request.method == "POST":
        take = services.submit if action == Action.SUBMIT else services.withdraw
        try:
            take(filing_id=found.pk, actor=request.acting.actor, at=datetime.now(UTC))
        except DomainError as error:
            return _page(request, found, error)
        said = (
            _("{number} is submitted.") if action == Action.SUBMIT else _("{number} is withdrawn.")
        )
        messages.success(request, said.format(number=found.number))
        return HttpResponseRedirect(back)
    if action == Action.WITHDRAW:
        return render(
            request, "shared/confirm.html", {"ask": _ask(found), "base": "manufacturer/base.html"}
        )
    return HttpResponseRedirect(back)


def _at_approvals(release: Any, kind: Kind) -> tuple[Permit, ...]:
    """Return at which approvals a change of a release begins; not on an empty form then."""
    return permits.of_release(release, kind) if kind in dossiers.BY_THEMSELVES else ()


def _begin_at(
    request: Signed, release: Any, kind: Kind, needed: tuple[Permit, ...]
) -> HttpResponse:
    """Lead to the approval that changes; of several, to a page that names each."""
    if len(needed) == 1:
        return HttpResponseRedirect(permit_address(release, kind, needed[0]))
    context = {
        "release": release,
        "heading": words.FILING_KINDS[kind],
        "crumbs": [
            Crumb(release.number, reverse("m:release", args=[release.number])),
            Crumb(words.FILING_KINDS[kind]),
        ],
        "rows": [
            (
                one,
                words.FILING[State(one.state)] if one.state else None,
                permit_address(release, kind, one),
            )
            for one in needed
        ],
    }
    return render(request, "manufacturer/permits.html", context)


def _next(found: Any, acts: list[Action], role: Role) -> Next | None:
    authority = words.party(found.authority.kind)
    if found.state == State.RETURNED:
        return _to_correct(found, may=Action.SUBMIT in acts)
    if found.state == State.DRAFT:
        what = _("submit it to {authority}.").format(authority=authority)
        why = _("The content is fixed; the authority signs exactly this digest.")
        return Next(Tone.LIVE, what, why, _submit(found) if Action.SUBMIT in acts else None)
    if found.state == State.SUBMITTED and filing_parts.has_open_question(found):
        return Next(Tone.DUE, _("answer the questions of the authority."))
    if found.state == State.SUBMITTED:
        return Next(
            Tone.IDLE,
            _("wait for {authority}.").format(authority=authority),
            _("Nothing is left for you to do now."),
        )
    if found.state == State.REFUSED:
        anew = _anew(found) if Action.SUBMIT in FILING.available(State.DRAFT, role) else None
        anew = _recall_plan(found) or anew
        return Next(Tone.BROKEN, _("read the reasons."), found.reason, anew)
    return None


def _to_correct(found: Any, *, may: bool) -> Next:
    what = _("correct what the authority named.")
    if plan := _recall_plan(found):
        return Next(Tone.DUE, what, found.reason, plan)
    anew = _correct(found) if may else None
    unchanged = Button(_("Submit unchanged"), _submit(found).href, post=True)
    return Next(Tone.DUE, what, "", anew, (unchanged,) if may else ())


def _anew(found: Any) -> Button:
    """Return where the same matter is filed anew, from what was written this time."""
    kind, release = Kind(found.dossier.kind), found.dossier.release
    application_id = found.dossier.content["details"].get("application_id")
    if application_id is not None:
        return Button(_("File anew"), reverse("m:application", args=[application_id]))
    if release is not None:
        return Button(_("File anew"), reverse("m:release-filing", args=[release.number, kind]))
    return Button(_("File anew"), reverse("m:filing-prepare", args=[kind]))


def _recall_plan(found: Any) -> Button | None:
    """Return the way to the plan that recall management writes: there it is corrected."""
    number = found.dossier.content["details"].get("plan")
    if number is None:
        return None
    return Button(_("Open the recall plan"), f"{reverse('m:recalls')}?search={number}", "primary")


def _samr_reading(found: Any) -> Any:
    """Return how SAMR's five working days are read, where they act: before a release."""
    is_package = found.dossier.kind in {Kind.ACTIVITY, Kind.RECALL_PLAN}
    is_for_release = found.dossier.release_id is not None
    if found.authority.kind != Party.SAMR or not (is_package and is_for_release):
        return ""
    return words.SAMR_READINGS[rule_readings.chosen(found.manufacturer_id)]


def _correct(found: Any) -> Button:
    application_id = found.dossier.content["details"].get("application_id")
    if application_id is not None:
        return Button(_("Correct it"), reverse("m:application", args=[application_id]), "primary")
    href = reverse("m:filing-amend", args=[found.pk])
    return Button(_("Correct it"), href, "primary", post=True)


def _submit(found: Any) -> Button:
    return Button(
        _("Submit the filing"),
        reverse("m:filing-act", args=[found.pk, Action.SUBMIT]),
        "primary",
        post=True,
    )


def _withdraw_button(found: Any) -> Button:
    href = reverse("m:filing-act", args=[found.pk, Action.WITHDRAW])
    return Button(_("Withdraw"), href, "danger", dialog="ask-withdraw")


def _ask(found: Any) -> Ask:
    return Ask(
        id="ask-withdraw",
        title=_("Withdraw {number}?").format(number=found.number),
        text=_("After that you file again under a new number."),
        href=reverse("m:filing-act", args=[found.pk, Action.WITHDRAW]),
        confirm=_("Withdraw it"),
        cancel=_("Keep it"),
        look="danger",
        back=reverse("m:filing", args=[found.pk]),
    )


@for_roles(*MANUFACTURER)
def archive(request: Signed, filing_id: int) -> FileResponse:
    """Give a filing as a signed archive that another deployment takes in."""
    found = reading.own(request.acting.organisation_id, filing_id)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    archiving.export(found, file, platform=stores.platform())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=archiving.name_of(found))
