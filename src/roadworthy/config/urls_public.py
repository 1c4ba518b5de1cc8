"""What a public host serves: it cannot even route to a reviewer's page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from roadworthy.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.health),
    path("", include("roadworthy.portals.shared.open_urls")),
    path("p/", include("roadworthy.portals.public.urls")),
    path("log/", include("roadworthy.portals.public.log_urls")),
    path("api/", include("roadworthy.api.urls_open")),
]
handler403 = "roadworthy.portals.shared.errors.forbidden"
handler404 = "roadworthy.portals.shared.errors.not_found"
handler500 = "roadworthy.portals.shared.errors.server_error"
