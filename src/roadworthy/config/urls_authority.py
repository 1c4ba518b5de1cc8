"""What a host for the authorities serves, and nothing of the others'."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from roadworthy.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.health),
    path("", include("roadworthy.portals.shared.urls")),
    path("a/", include("roadworthy.portals.authority.urls")),
    path("api/", include("roadworthy.api.urls_authority")),
]
handler403 = "roadworthy.portals.shared.errors.forbidden"
handler404 = "roadworthy.portals.shared.errors.not_found"
handler500 = "roadworthy.portals.shared.errors.server_error"
