"""Every audience's pages in one process: for one machine and for development."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from roadworthy.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.health),
    path("", include("roadworthy.portals.shared.urls")),
    path("m/", include("roadworthy.portals.manufacturer.urls")),
    path("a/", include("roadworthy.portals.authority.urls")),
    path("t/", include("roadworthy.portals.institution.urls")),
    path("o/", include("roadworthy.portals.owner.urls")),
    path("p/", include("roadworthy.portals.public.urls")),
    path("log/", include("roadworthy.portals.public.log_urls")),
    path("api/", include("roadworthy.api.urls")),
]
handler403 = "roadworthy.portals.shared.errors.forbidden"
handler404 = "roadworthy.portals.shared.errors.not_found"
handler500 = "roadworthy.portals.shared.errors.server_error"
