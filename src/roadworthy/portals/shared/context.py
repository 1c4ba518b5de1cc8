"""What the shell of every page shows: in whose name, the rulebook, the calendar, the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy import law
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Kind
from roadworthy.kernel.calendar import PRC
from roadworthy.portals.shared import access, formats, words
from roadworthy.portals.shared.middleware import THEME_COOKIE, THEMES

OWNER, PUBLIC = "owner", "public"
_PORTAL_AUDIENCE = {"o": OWNER, "p": PUBLIC}
_HOMES = {
    Kind.MANUFACTURER: "m:start",
    Kind.MIIT: "a:queue",
    Kind.SAMR: "a:queue",
    Kind.INSTITUTION: "t:reports",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template the frame of its page."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    theme = theme if theme in THEMES else ""
    return {"theme": theme, "shell": Shell(request, theme)}


@dataclass
class Shell:
    """Computed only as far as the page asks."""

    request: HttpRequest
    theme: str

    @cached_property
    def portal(self) -> str:
        match = self.request.resolver_match
        return match.namespace if match else ""

    @cached_property
    def acting(self) -> access.Acting | None:
        if self.portal in _PORTAL_AUDIENCE or not hasattr(self.request, "user"):
            return None
        if not _route("choose"):  # a host without sign-in
            return None
        return access.acting(self.request)

    @property
    def audience(self) -> str:
        if self.acting is not None:
            return str(self.acting.kind)
        return _PORTAL_AUDIENCE.get(self.portal, PUBLIC)

    @property
    def who(self) -> str:
        if self.acting is not None:
            name = formats.localised(self.acting.name)
            if self.acting.kind in {Kind.MIIT, Kind.SAMR}:
                return name
            return f"{words.KINDS[self.acting.kind]} · {name}"
        return {OWNER: _("Owner"), PUBLIC: pgettext("audience", "Public record")}[self.audience]

    @property
    def role(self) -> str:
        return str(words.ROLES[self.acting.role]) if self.acting else ""

    @property
    def has_roles(self) -> bool:
        """Say whether there is another role to change to."""
        return self.acting is not None and len(access.all_of(self.request)) > 1

    @property
    def may_sign_in(self) -> bool:
        return self.portal != "o" and bool(_route("login"))

    @property
    def home(self) -> str:
        if self.acting is not None:
            return _route(_HOMES.get(self.acting.kind, "p:lookup")) or "/"
        return _route("p:lookup") or "/"

    @property
    def other_theme(self) -> str:
        return "light" if self.theme == "dark" else "dark"

    @property
    def is_demo(self) -> bool:
        return self.acting is None or self.acting.is_demo

    @cached_property
    def now(self) -> datetime:
        return formats.in_shanghai(datetime.now(UTC))

    @property
    def rulebook(self) -> str:
        return law.VERSION

    @property
    def rulebook_url(self) -> str:
        return _route("rulebook")

    @property
    def calendar(self) -> str:
        return PRC.version

    @cached_property
    def checkpoint(self) -> int | None:
        latest = ledger.latest_checkpoint()
        return latest.size if latest else None

    @property
    def checkpoint_url(self) -> str:
        return _route("p:checkpoint")


def _route(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
