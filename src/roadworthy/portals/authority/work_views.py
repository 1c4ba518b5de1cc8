"""The authority's work list and calendar."""

from __future__ import annotations

from django.http import HttpResponse

from roadworthy.portals.shared import agenda_views, work_views
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.work_views import Place

PLACE = Place("a", "authority/base.html", AUTHORITY)


@for_roles(*AUTHORITY)
def work(request: Signed) -> HttpResponse:
    """List what has to be done."""
    return work_views.work_list(request, PLACE)


@for_roles(*AUTHORITY)
def work_item(request: Signed, kind: str, item_id: int) -> HttpResponse:
    """Show one piece of work, and hand it over."""
    return work_views.item_page(request, PLACE, kind, item_id)


@for_roles(*AUTHORITY)
def calendar(request: Signed) -> HttpResponse:
    """Show a month."""
    return work_views.calendar(request, PLACE)


@for_roles(*AUTHORITY)
def work_settings(request: Signed) -> HttpResponse:
    """Choose how to be told."""
    return agenda_views.settings_page(request, PLACE)
