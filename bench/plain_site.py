"""The floor of a page: the portals' server, settings and middleware before one constant view.

ROADWORTHY_WEB_PORT=... python -m bench.plain_site
"""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.config.settings")
WORDS = "<!doctype html><title>floor</title><p>" + "The same words for everybody. " * 600


def page(_request: HttpRequest) -> HttpResponse:
    """Answer as many bytes as a short list has."""
    return HttpResponse(WORDS)


urlpatterns = [re_path("", page)]
settings.ROOT_URLCONF = __name__ if __name__ != "__main__" else "bench.plain_site"
application = get_wsgi_application()

if __name__ == "__main__":
    Server(
        "bench.plain_site:application",
        address=settings.ROADWORTHY.web_host,
        port=settings.ROADWORTHY.web_port,
        interface=Interfaces.WSGI,
        workers=settings.ROADWORTHY.web_workers,
        blocking_threads=settings.ROADWORTHY.web_threads,
        log_level=LogLevels("warning"),
    ).serve()
