"""Campaigns: the list, planning, the notice, the page that moves, and the steps."""

from __future__ import annotations

import base64
import csv
import io
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.campaigns import overview, queries, services
from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import bars, campaign_forms, campaign_next, campaign_page
from roadworthy.portals.shared import errors, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb


class CampaignFilter(FilterForm):
    search = Search(label=_later("Name or release"))
    state = forms.ChoiceField(label=_later("State"))


class ActionFilter(FilterForm):
    search = Search(label=_later("VIN or identifier"))
    state = forms.ChoiceField(label=_later("State"))
    group = forms.TypedChoiceField(label=_later("Group"), coerce=int, empty_value=None)


@for_roles(*MANUFACTURER)
def campaigns(request: Signed) -> HttpResponse:
    """List the campaigns."""
    mine = request.acting.organisation_id
    choices = {"state": [(str(key), chip.text) for key, chip in words.CAMPAIGN.items()]}
    nothing = Empty(
        _("No campaign has been planned"),
        _("A campaign brings a released version to a frozen list of vehicles."),
        (Button(_("Releases"), reverse("m:releases")),),
    )
    found = listing(
        request,
        lambda **filters: overview.campaigns(mine, **filters),
        nothing=nothing,
        form=CampaignFilter(request, choices),
    )
    places = overview.campaign_places(found.page)
    rows = [
        {
            "campaign": one,
            "number": campaign_next.number(one),
            "chip": words.CAMPAIGN[one.state],
            "place": places[one.pk],
            "bar": bars.of_counts(places[one.pk].counts),
        }
        for one in found.page
    ]
    return render(request, "manufacturer/campaigns.html", {"listing": found, "rows": rows})


@for_roles(Role.COMPLIANCE_OFFICER)
def plan(request: Signed, number: str) -> HttpResponse:
    """Freeze the list of vehicles and draft the campaign."""
    release = software.release(request.acting.organisation_id, number)
    form = campaign_forms.PlanForm(
        request.POST or None, types=list(release.types.all()), title=release.title
    )
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            made = services.create_campaign(
                manufacturer_id=request.acting.organisation_id,
                release_id=release.pk,
                name={"zh-hans": values["name_zh"], "en": values["name_en"]},
                groups=form.groups,
                type_ids=values["types"] or None,
                rate_per_minute=values["rate"],
                time_out_hours=values["hours"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return _planned(request, made)
    crumbs = [Crumb(_("Campaigns"), reverse("m:campaigns")), Crumb(_("Plan a campaign"))]
    context = {"form": form, "release": release, "crumbs": crumbs, "heading": _("Plan a campaign")}
    context["back"] = reverse("m:release", args=[number])
    return render(request, "manufacturer/plan.html", context, status=422 if form.errors else 200)


def _planned(request: Signed, made: Any) -> HttpResponse:
    """Show the owners' links, this once: only their digests are kept."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["vehicle", "link"])
    for vehicle_id, token in made.consent_tokens.items():
        writer.writerow([vehicle_id, request.build_absolute_uri(f"/o/{token}/")])
    context = {
        "campaign": made.campaign,
        "number": campaign_next.number(made.campaign),
        "vehicles": len(made.consent_tokens),
        "excluded": made.excluded,
        "csv": base64.b64encode(table.getvalue().encode()).decode(),
    }
    return render(request, "manufacturer/planned.html", context)


@for_roles(*MANUFACTURER)
def campaign(request: Signed, campaign_id: int) -> HttpResponse:
    """Show one campaign; asked by HTMX, only the part that moves."""
    found = queries.campaign(request.acting.organisation_id, campaign_id)
    context = campaign_page.context(found, request.acting, datetime.now(UTC))
    template = "campaign_live" if getattr(request, "htmx", False) else "campaign"
    return render(request, f"manufacturer/{template}.html", context)


@for_roles(Role.COMPLIANCE_OFFICER)
def notice(request: Signed, campaign_id: int) -> HttpResponse:
    """Write what owners are shown; publishing again makes a new version."""
    found = queries.campaign(request.acting.organisation_id, campaign_id)
    content = found.notice.content if found.notice else {}
    form = campaign_forms.NoticeForm(request.POST or None, content=content)
    if form.is_bound and form.is_valid():
        try:
            services.publish_notice(
                campaign_id=found.pk,
                content=form.content,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("The notice is published."))
            return HttpResponseRedirect(reverse("m:campaign", args=[found.pk]))
    name = campaign_next.number(found)
    back = reverse("m:campaign", args=[found.pk])
    crumbs = [Crumb(_("Campaigns"), reverse("m:campaigns")), Crumb(name, back), Crumb(_("Notice"))]
    context = {"form": form, "crumbs": crumbs, "heading": _("Notice to owners"), "back": back}
    context["submit"] = _("Publish the notice")
    return render(request, "manufacturer/notice.html", context, status=422 if form.errors else 200)


@for_roles(*MANUFACTURER)
def vehicles(request: Signed, campaign_id: int) -> HttpResponse:
    """List the vehicles of a campaign and where each stands."""
    mine = request.acting.organisation_id
    found = queries.campaign(mine, campaign_id)
    choices: dict[str, list[tuple[Any, Any]]] = {
        "state": [(str(key), chip.text) for key, chip in words.ACTION.items()],
        "group": [(n, _("Group {n}").format(n=n)) for n in overview.group_numbers(found.pk)],
    }
    name = campaign_next.number(found)
    page = listing(
        request,
        lambda sort, state="", **filters: _Rows(mine, found.pk, state, sort, filters),
        nothing=Empty(_("No vehicle is in this campaign")),
        form=ActionFilter(request, choices),
        sort="id",
        per_page=50,
    )
    crumbs = [
        Crumb(_("Campaigns"), reverse("m:campaigns")),
        Crumb(name, reverse("m:campaign", args=[found.pk])),
        Crumb(_("Vehicles")),
    ]
    rows = [(one, words.ACTION[one.state]) for one in page.page]
    context = {"listing": page, "sort": page.sort, "rows": rows, "crumbs": crumbs, "number": name}
    return render(request, "manufacturer/campaign_vehicles.html", context)


class _Rows:
    """The vehicles of a campaign as a sequence that is asked page by page."""

    def __init__(self, mine: int, campaign_id: int, state: str, sort: str, filters: Any) -> None:
        self._ask = {"states": (ActionState(state),) if state else (), "sort": sort, **filters}
        self._of = (mine, campaign_id)

    def count(self) -> int:
        return queries.actions(*self._of, **self._ask, per_page=1).total

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, cut: slice) -> list[Any]:
        size = max(cut.stop - cut.start, 1)
        page = queries.actions(*self._of, **self._ask, page=cut.start // 50 + 1, per_page=50)
        return list(page.rows[:size])


@for_roles(Role.COMPLIANCE_OFFICER, Role.RELEASE_ENGINEER)
def act(request: Signed, campaign_id: int, act: str) -> HttpResponse:
    """Take a campaign along its table; what is grave is asked first."""
    found = queries.campaign(request.acting.organisation_id, campaign_id)
    if act not in set(Act):
        raise Http404
    wanted, name = Act(act), campaign_next.number(found)
    grave = wanted in campaign_forms.GRAVE
    form = campaign_forms.grave_form(wanted, name, request.POST or None) if grave else None
    back = reverse("m:campaign", args=[found.pk])
    if request.method == "POST" and (form is None or form.is_valid()):
        reason = form.cleaned_data.get("reason", "") if form else ""
        try:
            services.take(
                wanted,
                campaign_id=found.pk,
                actor=request.acting.actor,
                at=datetime.now(UTC),
                reason=reason,
            )
        except DomainError as error:
            if form is None:
                raise
            errors.on_form(form, error)
        else:
            messages.success(request, _said(wanted, name))
            return HttpResponseRedirect(back)
    if form is None:
        return HttpResponseRedirect(back)
    context = {"ask": campaign_next.ask(found, wanted, form=form), "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


def _said(act_: Act, name: str) -> str:
    return {
        Act.NOTIFY: _("{number}: owners can answer now."),
        Act.START: _("{number} has started."),
        Act.PAUSE: _("{number} is paused; it can be resumed at any time."),
        Act.RESUME: _("{number} goes on."),
        Act.STOP: _("{number} is stopped: no vehicle is told to install anything."),
        Act.COMPLETE: _("{number} is complete."),
        Act.CANCEL: _("{number} is cancelled."),
    }[act_].format(number=name)
