"""What every part of the demonstration stands on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.cli.demo.cast import Cast
from roadworthy.cli.demo.days import Days
from roadworthy.cli.demo.failing import DemoFailed
from roadworthy.cli.demo.narration import Narrator
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.registration import Registered

if TYPE_CHECKING:
    from roadworthy.domains.software.models import Release

__all__ = ["BRAND", "DemoFailed", "Stage"]

BRAND = "toyota"  # whose platforms lend their ECUs to the demonstration's types


@dataclass
class Stage:
    """The run's state: grows from step to step."""

    home: Path
    web_url: str
    gateway_url: str
    narrator: Narrator
    platform: Platform
    cast: Cast
    days: Days
    releases: dict[str, Release] = field(default_factory=dict)
    type_ids: list[int] = field(default_factory=list)
    vehicles: list[Registered] = field(default_factory=list)
    campaign_id: int = 0
    interrupted: threading.Event = field(default_factory=threading.Event)

    def actor(self, role: Role) -> Actor:
        """Return the person who has that role."""
        return self.cast.actors[role]

    def passphrase(self, role: Role) -> str:
        """Return what opens that person's keys."""
        return self.cast.passphrases[role]

    @property
    def work(self) -> Path:
        """Return a folder for files that the demonstration makes."""
        folder = self.home / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        return folder
