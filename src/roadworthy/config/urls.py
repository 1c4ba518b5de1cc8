"""Every audience's pages in one process: for one machine and for development."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from roadworthy.config import health

urlpatterns: list[URLPattern | URLResolver] = [path("health", health.health)]
