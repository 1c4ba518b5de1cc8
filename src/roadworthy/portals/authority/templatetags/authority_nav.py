"""The authorities' main navigation."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.domains.conformity import queries as conformity
from roadworthy.domains.filings import reading
from roadworthy.domains.incidents import reading as incidents
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared.shapes import Tab

register = template.Library()


@register.inclusion_tag("shared/parts/nav.html", takes_context=True)
def authority_nav(context: template.Context) -> dict[str, Any]:
    """Write the navigation, with how much waits."""
    request = context["request"]
    if getattr(request, "acting", None) is None:
        return {"tabs": ()}
    waiting = reading.waiting(request.acting.organisation_id)
    match = request.resolver_match
    here = match.url_name if match and match.namespace == "a" else ""
    return {
        "tabs": [
            Tab(_("Queue"), reverse("a:queue"), here in {"queue", "filing", "decide"}, waiting),
            Tab(_("Work list"), reverse("a:work"), here.startswith(("work", "calendar"))),
            Tab(_("Decided"), reverse("a:decided"), here == "decided"),
            Tab(_("To countersign"), reverse("a:countersigning"), here.startswith("countersign")),
            Tab(_("Texts"), reverse("a:texts"), here in {"texts", "text"}),
            *_of_the_road(request.acting, here),
            Tab(_("Vehicle types"), reverse("a:types"), here in {"types", "type", "vin"}),
            Tab(_("Shared cases"), reverse("a:cases"), here.startswith("case")),
            Tab(_("Standards"), reverse("a:standards"), here.startswith("standard")),
            Tab(_("Figures"), reverse("a:figures"), here.startswith("figure")),
            Tab(_("Other systems"), reverse("a:clients"), here.startswith("client")),
            Tab(pgettext("exchange", "Exchange"), reverse("a:exchange"), "exchange" in here),
            Tab(_("Approvals"), reverse("a:approvals"), here.startswith("approval")),
            Tab(_("Rulebook"), reverse("rulebook"), False),
        ]
    }


def _of_the_road(who: Any, here: str) -> list[Tab]:
    """Return what is about vehicles that drive; complaints and recalls are SAMR's."""
    findings = conformity.counts_before(who.organisation_id)
    reports = incidents.counts_before(who.organisation_id)
    tabs = [
        Tab(
            pgettext("conformity", "Findings"),
            reverse("a:findings"),
            here.startswith("finding"),
            findings["waiting"] + findings["answered"],
        ),
        Tab(
            _("Incidents"),
            reverse("a:incidents"),
            here.startswith("incident"),
            reports["waiting"],
        ),
        Tab(_("Incident reports"), reverse("a:reported"), here == "reported"),
        Tab(_("Lessons"), reverse("a:lessons"), here.startswith("lesson")),
    ]
    if who.role == Role.SAMR_REVIEWER:
        tabs.insert(0, Tab(_("Complaints"), reverse("a:complaints"), here == "complaints"))
        tabs.append(Tab(_("Recalls"), reverse("a:recalls"), here.startswith("recall")))
    return tabs
