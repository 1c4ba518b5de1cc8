"""When a vehicle may be updated (GB 44496 5.2.3, 5.2.4, 5.2.7; R156 7.2.2.1.2, 7.2.2.5).

* What is lacking defers the update; it is no failure.
* Power is needed twice: for the update, and for putting the old software back if it fails.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the vehicle stands right now."""

    is_parked: bool = True
    charge_percent: float = 80.0
    doors_can_open: bool = True  # from inside, while the update runs


@dataclass(frozen=True, slots=True)
class Needs:
    """What an update takes, as the manufacturer has worked it out for this vehicle."""

    update_percent: float = 10.0
    recovery_percent: float = 10.0


def lacking(conditions: Conditions, needs: Needs) -> tuple[str, ...]:
    """Say why the vehicle may not be updated now; nothing: it may."""
    found = []
    if not conditions.is_parked:
        found.append("not parked")
    charge = needs.update_percent + needs.recovery_percent
    if conditions.charge_percent < charge:
        found.append(f"charge below {charge:g} % (update and recovery)")
    if not conditions.doors_can_open:
        found.append("doors cannot be opened from inside")
    return tuple(found)
