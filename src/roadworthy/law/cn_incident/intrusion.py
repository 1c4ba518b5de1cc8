"""What SAMR's notice of 2020 wants investigated and reported at once."""

from __future__ import annotations

from typing import Final

from roadworthy.rules.context import Context

_KINDS: Final = frozenset({"intrusion", "remote_control", "ota_accident"})


def concerned(ctx: Context) -> bool:
    """Say whether the vehicle was intruded upon or controlled, or an upgrade had an accident."""
    return not _KINDS.isdisjoint(ctx.fact("incident_kinds"))
