"""What the worker does by the clock, asked for when the story gets there: the same functions."""

from __future__ import annotations

from datetime import UTC, datetime

from roadworthy.domains.conformity import upkeep as conformity
from roadworthy.domains.filings import upkeep as filings
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.recalls import upkeep as recalls
from roadworthy.portals.shared import tasks


def events_taken() -> None:
    tasks.take_events(0)


def signals_looked_for() -> None:
    tasks.look_for_signals(0)


def recalls_followed() -> None:
    recalls.turn(datetime.now(UTC))
    tasks.follow_recalls(0)


def gates_looked_at(platform: Platform) -> None:
    filings.turn(platform, datetime.now(UTC))


def compared() -> None:
    conformity.turn(datetime.now(UTC))
