"""The portals as a WSGI application; see ADR 0001 for why not ASGI."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.config.settings")  # noqa: TID251

application = get_wsgi_application()
