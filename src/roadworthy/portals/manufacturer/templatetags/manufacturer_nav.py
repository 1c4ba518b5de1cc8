"""The manufacturer's main navigation, with the counts of what waits for them."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from roadworthy.domains.campaigns import overview
from roadworthy.portals.shared.shapes import Tab

register = template.Library()

ITEMS = (
    ("start", _("Overview"), ("m:start",)),
    ("releases", _("Releases"), ("m:releases",)),
    ("filings", _("Filings"), ("m:filings",)),
    ("campaigns", _("Campaigns"), ("m:campaigns",)),
    ("approvals", _("Market access"), ("m:approvals",)),
    ("types", _("Vehicle types"), ("m:types",)),
    ("vehicles", _("Vehicles"), ("m:vehicles",)),
    ("unknown", _("Unknown software"), ("m:unknown",)),
    ("obligations", _("Obligations"), ("m:obligations",)),
    ("log", _("Log"), ("m:log",)),
)


@register.inclusion_tag("shared/parts/nav.html", takes_context=True)
def manufacturer_nav(context: template.Context) -> dict[str, Any]:
    """Write the navigation; the current item is the first part of the page's name."""
    request = context["request"]
    if getattr(request, "acting", None) is None:
        return {"tabs": ()}
    waiting = overview.waiting(request.acting.organisation_id)
    counts = {
        "filings": waiting.filings,
        "obligations": waiting.obligations,
        "unknown": waiting.unknown_software,
        "campaigns": waiting.campaigns,
    }
    match = request.resolver_match
    here = match.url_name.split("-")[0] if match and match.namespace == "m" else ""
    return {
        "tabs": [
            Tab(text, reverse(names[0]), current=key == _section(here), count=counts.get(key))
            for key, text, names in ITEMS
        ]
    }


def _section(name: str) -> str:
    singular = {"release": "releases", "filing": "filings", "campaign": "campaigns"}
    singular |= {"type": "types", "vehicle": "vehicles"}
    singular |= {"approval": "approvals", "application": "approvals"}
    singular |= {"draft": "filings", "drafts": "filings", "type": "types", "vehicle": "vehicles"}
    return singular.get(name, name)
