"""The people of a case: where each begins, and what things are called in their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from roadworthy.cli.demo.cast import Cast
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.roles import Role
from roadworthy.law.rulebook import rulebook

CODE, ECU, OLD = "BETA", "frontCamera", "1.0.0"
HOMES = {
    Role.HOMOLOGATION: "/m/",
    Role.RELEASE_ENGINEER: "/m/",
    Role.COMPLIANCE_OFFICER: "/m/",
    Role.MIIT_REVIEWER: "/a/",
    Role.SAMR_REVIEWER: "/a/",
    Role.TEST_ENGINEER: "/t/",
}
MENU = {
    "Market access": "/m/approvals/",
    "Filings": "/m/filings/",
    "Releases": "/m/releases/",
    "Test reports": "/m/reports/",
}


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@dataclass
class People:
    """The people of one case, and what they call things in their language."""

    platform: Platform
    cast: Cast
    language: str
    person: Callable[[Role], Any]  # somebody with that role, signed in
    number_at: Callable[[Any], str]  # what the page before them is about
    reports: list[str] = field(default_factory=list)
    approval: str = ""  # of the type, once it has one
    number: str = ""  # of the release that the case is about

    def begins(self, number: str) -> None:
        """Begin a case: the release will have that number."""
        self.number = number

    @property
    def image(self) -> bytes:
        return f"the image of {self.number}".encode()

    @property
    def filename(self) -> str:
        return f"{self.number.lower()}.swu"

    @property
    def version(self) -> str:
        return f"1.1.0+{self.number.lower()}"

    def at_home(self, role: Role) -> Any:
        """Return somebody on their first page."""
        who = self.person(role)
        who.go(HOMES[role])
        return who

    def before(self, role: Role, entry: str) -> Any:
        """Return somebody at an entry of the menu, which they know the address of."""
        who = self.person(role)
        who.go(MENU[entry])
        return who

    def fact(self, name: str) -> str:
        """Return what the rulebook calls a fact."""
        return self.named(rulebook().facts[name].label.to_json())

    def told(self, label: Any) -> str:
        """Return a label of the portals in the language of the story."""
        with translation.override("zh-hans" if self.language == "zh" else "en"):
            return str(label)

    def named(self, text: Mapping[str, str]) -> str:
        return text["zh-hans" if self.language == "zh" else "en"]
