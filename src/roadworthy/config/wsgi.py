"""The portals as a WSGI application; ADR 0001 says why not ASGI."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from roadworthy.config import leash

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.config.settings")  # noqa: TID251
leash.follow_main_process()

application = get_wsgi_application()
