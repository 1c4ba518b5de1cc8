"""Where the API hangs; every answer, errors too, is JSON."""

from __future__ import annotations

from django.urls import path
from ninja import NinjaAPI
from ninja.errors import ValidationError

from roadworthy import __version__
from roadworthy.api import consents, errors, releases
from roadworthy.kernel.errors import DomainError

# The schema is served, the page that loads scripts from elsewhere is not.
api = NinjaAPI(title="Roadworthy", version=__version__, urls_namespace="api-1", docs_url=None)
api.add_router("/consents", consents.router)
api.add_router("/releases", releases.router)
api.exception_handler(DomainError)(errors.problem)
api.exception_handler(ValidationError)(errors.unreadable)

urlpatterns = [path("v1/", api.urls)]
