"""The manufacturer's main navigation, with the counts of what waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.aftersales import queries as complaints
from roadworthy.domains.campaigns import overview
from roadworthy.domains.conformity import queries as conformity
from roadworthy.domains.disclosure import queries as texts
from roadworthy.domains.disclosure.states import State
from roadworthy.domains.incidents import queries as incidents
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.organisations.scopes import MANAGERS
from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.rights import queries as rights
from roadworthy.domains.worklists import queries as worklists
from roadworthy.portals.shared.shapes import Tab

register = template.Library()

READ_COMPLAINTS = frozenset({Role.AFTER_SALES, Role.COMPLIANCE_OFFICER})
READ_INCIDENTS = frozenset({Role.SAFETY, Role.COMPLIANCE_OFFICER})
READ_DATA = frozenset({Role.DATA, Role.COMPLIANCE_OFFICER})
READ_DEFECTS = frozenset(
    {Role.SAFETY, Role.RECALL, Role.COMPLIANCE_OFFICER, Role.HOMOLOGATION, Role.RELEASE_ENGINEER}
    | {Role.AFTER_SALES}
)
COUNT_DEFECTS = frozenset({Role.SAFETY, Role.RECALL, Role.COMPLIANCE_OFFICER})
ITEMS = (
    ("start", _("Overview"), ("m:start",)),
    ("work", _("Work list"), ("m:work",)),
    ("releases", _("Releases"), ("m:releases",)),
    ("filings", _("Filings"), ("m:filings",)),
    ("campaigns", _("Campaigns"), ("m:campaigns",)),
    ("approvals", _("Market access"), ("m:approvals",)),
    ("types", _("Vehicle types"), ("m:types",)),
    ("standards", _("Standards"), ("m:standards",)),
    ("matrices", pgettext_lazy("standards", "Requirements"), ("m:matrices",)),
    ("functions", _("Functions"), ("m:functions",)),
    ("texts", _("Texts"), ("m:texts",)),
    ("complaints", _("Complaints"), ("m:complaints",)),
    ("incidents", _("Incidents"), ("m:incidents",)),
    ("signals", _("Signals"), ("m:signals",)),
    ("data", _("Data register"), ("m:data",)),
    ("flows", _("Data flows"), ("m:flows",)),
    ("exports", _("Exports of data"), ("m:exports",)),
    ("rights", _("Requests of persons"), ("m:rights",)),
    ("breaches", _("Vulnerabilities and leaks"), ("m:breaches",)),
    ("data_duties", _("Duties about data"), ("m:dataduty",)),
    ("imports", _("Imports"), ("m:imports",)),
    ("remedies", _("Recalls in progress"), ("m:remedies",)),
    ("defects", _("Defects"), ("m:defects",)),
    ("recalls", _("Recalls"), ("m:recalls",)),
    ("lessons", _("Lessons"), ("m:lessons",)),
    ("vehicles", _("Vehicles"), ("m:vehicles",)),
    ("unknown", pgettext_lazy("conformity", "Findings"), ("m:unknown",)),
    ("comparisons", _("Conformity"), ("m:comparisons",)),
    ("obligations", _("Obligations"), ("m:obligations",)),
    ("reports", _("Test reports"), ("m:reports",)),
    ("figures", _("Figures"), ("m:figures",)),
    ("clients", _("Other systems"), ("m:clients",)),
    ("exchange", pgettext_lazy("exchange", "Exchange"), ("m:exchange",)),
    ("log", _("Log"), ("m:log",)),
)
# Some see fewer entries: what is theirs, and what they look things up in. The pages stay open.
ONLY: Mapping[Role, frozenset[str]] = {
    Role.MARKETING: frozenset(
        {"start", "work", "releases", "approvals", "types", "functions", "texts", "log"}
    ),
    Role.AFTER_SALES: frozenset(
        {"start", "work", "releases", "campaigns", "types", "vehicles", "complaints", "signals"}
        | {"remedies", "log"}
    ),
    Role.SAFETY: frozenset(
        {"start", "work", "releases", "campaigns", "types", "vehicles", "unknown", "incidents"}
        | {"signals", "imports", "defects", "recalls", "lessons", "log"}
        | {"breaches"}
    ),
    Role.RECALL: frozenset(
        {"start", "work", "releases", "filings", "campaigns", "types", "vehicles", "obligations"}
        | {"remedies", "defects", "recalls", "log"}
    ),
    Role.DATA: frozenset(
        {"start", "work", "releases", "types", "matrices", "vehicles", "incidents", "standards"}
        | {"data", "flows", "exports", "rights", "breaches", "data_duties", "log"}
    ),
}
# And some entries are for those only whose work they are.
FOR: Mapping[str, frozenset[Role]] = {
    "matrices": frozenset(
        {Role.HOMOLOGATION, Role.COMPLIANCE_OFFICER, Role.RELEASE_ENGINEER, Role.DATA}
    ),
    "functions": frozenset({Role.MARKETING, Role.HOMOLOGATION}),
    "texts": frozenset({Role.MARKETING, Role.HOMOLOGATION}),
    "complaints": READ_COMPLAINTS,
    "signals": READ_COMPLAINTS | {Role.SAFETY},
    "imports": frozenset({Role.SAFETY, Role.COMPLIANCE_OFFICER}),
    "incidents": READ_INCIDENTS,
    "data": READ_DATA,
    "flows": READ_DATA,
    "exports": READ_DATA,
    "rights": READ_DATA,
    "breaches": READ_DATA | {Role.SAFETY},
    "data_duties": READ_DATA,
    "remedies": frozenset({Role.RECALL, Role.COMPLIANCE_OFFICER, Role.AFTER_SALES}),
    "defects": READ_DEFECTS,
    "recalls": READ_DEFECTS,
    "lessons": frozenset({Role.SAFETY, Role.COMPLIANCE_OFFICER}),
    "reports": frozenset({Role.HOMOLOGATION, Role.RELEASE_ENGINEER}),
    "clients": frozenset({MANAGERS[Kind.MANUFACTURER]}),
    "exchange": frozenset({Role.COMPLIANCE_OFFICER}),
}
TEXTS_OF: Mapping[Role, tuple[State, ...]] = {
    Role.MARKETING: (State.DRAFT, State.APPROVED),
    Role.HOMOLOGATION: (State.IN_REVIEW,),
}


@register.inclusion_tag("shared/parts/nav.html", takes_context=True)
def manufacturer_nav(context: template.Context) -> dict[str, Any]:
    """Write the navigation; the current item is the first part of the page's name."""
    request = context["request"]
    if getattr(request, "acting", None) is None:
        return {"tabs": ()}
    who = request.acting
    mine = who.organisation_id
    waiting = overview.waiting(mine)
    counts = {
        "filings": waiting.filings,
        "obligations": waiting.obligations + worklists.open_duties_beside_releases(mine),
        "unknown": conformity.unsettled(mine),
        "campaigns": waiting.campaigns,
        **_own_counts(who),
    }
    match = request.resolver_match
    here = match.url_name.split("-")[0] if match and match.namespace == "m" else ""
    return {
        "tabs": [
            Tab(text, reverse(names[0]), current=key == _section(here), count=counts.get(key))
            for key, text, names in ITEMS
            if _is_shown(key, who.role)
        ]
    }


def _is_shown(key: str, role: Role) -> bool:
    return role in FOR.get(key, {role}) and key in ONLY.get(role, {key})


def _own_counts(who: Any) -> dict[str, int]:
    """Count what waits for this person's role; others are not asked about."""
    mine = who.organisation_id
    counts: dict[str, int] = {}
    if who.role in READ_INCIDENTS:
        counts["incidents"] = incidents.owed(who.actor)
    if who.role in READ_DATA:
        counts["rights"] = rights.waiting(who.actor)
    if who.role in COUNT_DEFECTS:
        counts["defects"] = recalls.waiting(mine)
    if who.role in READ_COMPLAINTS:
        counts["complaints"] = complaints.waiting(who.actor)
    if who.role in TEXTS_OF:
        states = texts.waiting(mine)
        counts["texts"] = sum(states.get(one, 0) for one in TEXTS_OF[who.role])
    return counts


_SECTION: Mapping[str, str] = {
    "release": "releases",
    "remedy": "remedies",
    "filing": "filings",
    "draft": "filings",
    "drafts": "filings",
    "campaign": "campaigns",
    "approval": "approvals",
    "application": "approvals",
    "type": "types",
    "standard": "standards",
    "matrix": "matrices",
    "evidence": "matrices",
    "notices": "matrices",
    "changes": "matrices",
    "vehicle": "vehicles",
    "function": "functions",
    "text": "texts",
    "complaint": "complaints",
    "signal": "signals",
    "flow": "flows",
    "export": "exports",
    "right": "rights",
    "breach": "breaches",
    "dataduty": "data_duties",
    "import": "imports",
    "incident": "incidents",
    "defect": "defects",
    "stop": "defects",
    "recall": "recalls",
    "producer": "defects",
    "lesson": "lessons",
    "finding": "unknown",
    "comparison": "comparisons",
    "calendar": "work",
    "duty": "obligations",
    "report": "reports",
    "client": "clients",
    "figure": "figures",
}


def _section(name: str) -> str:
    return _SECTION.get(name, name)
