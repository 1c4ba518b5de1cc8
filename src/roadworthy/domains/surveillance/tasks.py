"""What the clock asks for; each loads nothing and calls one service."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.surveillance import alarms, effect, exposure, importing
from roadworthy.domains.surveillance.importing import Summary


def look_everywhere() -> int:
    """Look at the counts of each manufacturer that has set levels; return how many alarms rose."""
    at = datetime.now(UTC)
    return sum(len(alarms.look(manufacturer_id=one, at=at)) for one in alarms.with_levels())


def count_vehicle_days() -> None:
    """Bring the vehicle days of each manufacturer that has set levels up to date."""
    at = datetime.now(UTC)
    for one in alarms.with_levels():
        exposure.count_vehicle_days(manufacturer_id=one, at=at)


def check_effects() -> int:
    """Count for each recall that is carried out what its vehicles show before and after."""
    return effect.count_all(at=datetime.now(UTC))


def take_in(run_id: int, path: Path, *, name: str, form: str = "auto") -> Summary:
    """Carry out an import that a person began, and look at once at what it changed."""
    with importing.recognised(path, name=name, form=form) as found:
        done = importing.carry_out(run_id, found, actor=PLATFORM)
    look_everywhere()
    return done
