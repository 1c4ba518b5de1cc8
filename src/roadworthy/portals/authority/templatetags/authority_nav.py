"""The authorities' main navigation."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.filings import reading
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
            Tab(_("Decided"), reverse("a:decided"), here == "decided"),
            Tab(_("To countersign"), reverse("a:countersigning"), here.startswith("countersign")),
            Tab(_("Approvals"), reverse("a:approvals"), here.startswith("approval")),
            Tab(_("Rulebook"), reverse("rulebook"), False),
        ]
    }
