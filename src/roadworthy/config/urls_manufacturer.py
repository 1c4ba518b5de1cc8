"""What a host for manufacturers serves, and nothing of the others'."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from roadworthy.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.health),
    path("", include("roadworthy.portals.shared.urls")),
    path("m/", include("roadworthy.portals.manufacturer.urls")),
    path("api/", include("roadworthy.api.urls_manufacturer")),
]
handler403 = "roadworthy.portals.shared.errors.forbidden"
handler404 = "roadworthy.portals.shared.errors.not_found"
handler500 = "roadworthy.portals.shared.errors.server_error"
