"""The test institution's main navigation."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.domains.exchange import queries as exchange
from roadworthy.domains.software import reports
from roadworthy.portals.shared.shapes import Tab

register = template.Library()


@register.inclusion_tag("shared/parts/nav.html", takes_context=True)
def institution_nav(context: template.Context) -> dict[str, Any]:
    """Write the navigation, with how many drafts wait for a signature."""
    request = context["request"]
    if getattr(request, "acting", None) is None:
        return {"tabs": ()}
    waiting = reports.waiting(request.acting.organisation_id)
    match = request.resolver_match
    here = match.url_name if match and match.namespace == "t" else ""
    return {
        "tabs": [
            Tab(_("Test reports"), reverse("t:reports"), here.startswith("report"), waiting),
            Tab(_("Other systems"), reverse("t:clients"), here.startswith("client")),
            Tab(
                pgettext("exchange", "Exchange"),
                reverse("t:exchange"),
                "exchange" in here,
                exchange.for_a_person(request.acting.organisation_id),
            ),
            Tab(_("Rulebook"), reverse("rulebook"), False),
        ]
    }
