"""The watch over standards: notices until they are read, and what changed since the last visit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from roadworthy.domains.compliance import queries, watching
from roadworthy.domains.compliance.states import NoticeKind
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.standards import bundle
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer import matrix_page
from roadworthy.portals.manufacturer.matrix_views import READERS
from roadworthy.portals.shared import words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb, Text
from roadworthy.rules.facts import in_range

MAY_READ = (Role.HOMOLOGATION, Role.COMPLIANCE_OFFICER)
OPEN, ALL = "open", "all"
WHAT: dict[str, Text] = {
    "entered": pgettext_lazy("catalogue", "Entered"),
    "state": pgettext_lazy("catalogue", "State changed"),
    "facts": pgettext_lazy("catalogue", "Facts changed"),
    "corrected": pgettext_lazy("catalogue", "Corrected"),
    "superseded": pgettext_lazy("catalogue", "Superseded"),
    "placed": pgettext_lazy("catalogue", "Placed"),
}
FIELDS: dict[str, Text] = {
    "state": _later("State"),
    "comment_until": _later("Comments until"),
    "published_on": _later("Published"),
    "in_force_on": _later("In force from"),
    "withdrawn_on": _later("Withdrawn"),
    "title_zh": _later("Title in Chinese"),
    "title_en": _later("Title in English"),
}


class NoticeFilter(FilterForm):
    which = forms.ChoiceField(label=_later("Which"))


class ChangeFilter(FilterForm):
    search = Search(label=_later("Number or title"))
    since = DayField(label=_later("Since"))
    mine = forms.ChoiceField(label=_later("Which"))


@for_roles(*READERS)
@never_cache
def notices(request: Signed) -> HttpResponse:
    """List the notices, unread ones unless asked."""
    mine, today = request.acting.organisation_id, legal_day(datetime.now(UTC))
    found = listing(
        request,
        lambda which=OPEN: (queries.notices if which == ALL else queries.open_notices)(mine),
        nothing=Empty(
            _("There is no notice"),
            _("What concerns the standards that your types cite appears here."),
        ),
        form=NoticeFilter(request, {"which": [("", _("Not read")), (ALL, _("All"))]}),
    )
    context = {
        "listing": found,
        "rows": [_notice(one, today) for one in found.page],
        "may_read": request.acting.role in MAY_READ,
        "crumbs": [Crumb(_("Requirements"), reverse("m:matrices")), Crumb(_("Notices"))],
    }
    return render(request, "manufacturer/notices.html", context)


@for_roles(*READERS)
def notice(request: Signed, notice_id: int) -> HttpResponse:
    """Go to a notice in the list of all."""
    found = queries.notice(request.acting.organisation_id, notice_id)
    return HttpResponseRedirect(f"{reverse('m:notices')}?which={ALL}#notice-{found.pk}")


@for_roles(*MAY_READ)
@require_POST
def read(request: Signed, notice_id: int) -> HttpResponse:
    """Say that a notice was read."""
    found = watching.read(notice_id=notice_id, actor=request.acting.actor, at=datetime.now(UTC))
    messages.success(request, _("{number}: read.").format(number=found.standard.number))
    return HttpResponseRedirect(reverse("m:notices"))


@for_roles(*READERS)
@never_cache
def changes(request: Signed) -> HttpResponse:
    """List what changed in the catalogue since a day; since the last visit unless asked."""
    who, now = request.acting, datetime.now(UTC)
    visit = queries.last_visit(who.actor.person_id, who.organisation_id)
    asked = _day(request.GET.get("since", ""))
    since = asked or (legal_day(visit.seen_at) if visit else date(now.year, 1, 1))
    pairs = [("", _("All standards")), ("yes", _("Cited by our types"))]
    found = listing(
        request,
        lambda **used: watching.changes(
            who.organisation_id,
            since,
            search=used.get("search", ""),
            mine=bool(used.get("mine")),
        ),
        nothing=Empty(_("Nothing changed"), _("Choose an earlier day to look further back.")),
        form=ChangeFilter(request, {"mine": pairs}),
    )
    cited = watching.cites(who.organisation_id, legal_day(now))
    context = {
        "listing": found,
        "rows": [_change(one, one.standard.number in cited) for one in found.page],
        "since": since,
        "is_visit": asked is None and visit is not None,
        "crumbs": [Crumb(_("Requirements"), reverse("m:matrices")), Crumb(_("What changed"))],
    }
    if not request.GET:
        watching.visited(actor=who.actor, at=now)
    return render(request, "manufacturer/changes.html", context)


def _notice(one: Any, today: date) -> dict[str, Any]:
    kind = NoticeKind(one.kind)
    told = watching.successors(one, today) if kind is NoticeKind.SUPERSEDED else None
    return {
        "notice": one,
        "what": matrix_page.NOTICES[kind],
        "types": matrix_page.formats_list(one.types),
        "detail": localised(told.why.to_json()) if told else "",
    }


def _change(one: Any, is_ours: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "change": one,
        "what": WHAT.get(one.what, one.what),
        "facts": [
            (FIELDS[name], before or "", after or "")
            for name, (before, after) in _pairs(one.facts)
            if name in FIELDS
        ],
        "by": words.ROLES.get(Role(one.by_role), one.by_role),
        "is_ours": is_ours,
        "source": _source(one.standard.source),
    }


def _source(key: str) -> str:
    """Return what a source is called; one that the bundle does not name is shown as it stands."""
    known = bundle.sources().get(key)
    return localised(known["title"]) if known else key


def _pairs(facts: Any) -> list[tuple[str, tuple[str, str]]]:
    """Return before and after of each fact that changed."""
    return [
        (name, (str(pair[0] or ""), str(pair[1] or "")))
        for name, pair in facts.items()
        if isinstance(pair, list) and len(pair) == 2
    ]


def _day(text: str) -> date | None:
    try:
        return in_range(date.fromisoformat(text))
    except ValueError:
        return None
