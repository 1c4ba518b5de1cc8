"""Language and theme of the reader, and the one place where a domain error becomes a page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation

from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
_A_YEAR = 365 * 24 * 60 * 60


class Preferences:
    """``?lang=en`` and ``?theme=dark`` set a cookie and lead back to the same page without them.

    Without a cookie the language is the browser's first that the site has, else Chinese; the theme
    is the system's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = self._chosen(request)
        if chosen is not None:
            return chosen
        language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", html_language(language))
        return response

    def _chosen(self, request: HttpRequest) -> HttpResponse | None:
        language, theme = request.GET.get("lang"), request.GET.get("theme")
        if request.method != "GET" or not (language or theme):
            return None
        query = request.GET.copy()
        query.pop("lang", None)
        query.pop("theme", None)
        rest = f"?{query.urlencode()}" if query else ""
        response = HttpResponseRedirect(request.path + rest)
        if language in dict(settings.LANGUAGES):
            keep(response, settings.LANGUAGE_COOKIE_NAME, str(language))
        if theme in THEMES:
            keep(response, THEME_COOKIE, str(theme))
        return response


def keep(response: HttpResponse, name: str, value: str) -> None:
    """Remember a preference that says nothing about anybody."""
    response.set_cookie(
        name, value, max_age=_A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def html_language(code: str) -> str:
    """Return the tag of a language as HTML and HTTP write it."""
    return {"zh-hans": "zh-Hans"}.get(code, code)


class DomainErrors:
    """Answer a ``DomainError`` that no view has shown beside its form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Turn a domain error into its page; leave a bug to become a 500."""
        if isinstance(exception, DomainError):
            return errors.page(request, exception)
        return None
