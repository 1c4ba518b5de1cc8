"""The public record's navigation."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.portals.shared.shapes import Tab

register = template.Library()


@register.inclusion_tag("shared/parts/nav.html", takes_context=True)
def public_nav(context: template.Context) -> dict[str, Any]:
    """Write the navigation."""
    match = context["request"].resolver_match
    here = match.url_name if match else ""
    return {
        "tabs": [
            Tab(_("Look up"), reverse("p:lookup"), here in {"lookup", "trace", "release"}),
            Tab(_("Vehicle types"), reverse("p:types"), here in {"types", "type"}),
            Tab(_("Recalls"), reverse("p:recalls"), here.startswith("recall")),
            Tab(_("Standards"), reverse("p:standards"), here.startswith("standard")),
            Tab(_("Figures"), reverse("p:figures"), here.startswith("figure")),
            Tab(_("Log"), reverse("p:checkpoint"), here in {"checkpoint", "entry"}),
            Tab(_("How to verify"), reverse("p:how"), here == "how"),
            Tab(_("Ask the rulebook"), reverse("p:law-ask"), here == "law-ask"),
            Tab(_("Check a text"), reverse("p:law-text"), here == "law-text"),
            Tab(_("Rulebook"), reverse("p:law"), here in {"law", "law-rule"}),
        ]
    }
