"""Which crashes the Standing General Order covers, and which of them are severe.

Only a system known to have been inactive takes a crash out; an unknown state does not.
"""

from __future__ import annotations

from typing import Final

from roadworthy.rules.context import Context

_SEVERE: Final = frozenset({"fatality", "hospital", "vulnerable_road_user", "airbag"})


def covered(ctx: Context) -> bool:
    """Say whether a named entity's system may have been engaged in the span before the crash."""
    if not (ctx.fact("sgo_reporting_entity") and ctx.fact("sgo_public_road")):
        return False
    ctx.parameter("system_state_window")
    return bool(ctx.fact("cdas_state") != "inactive")


def severe(ctx: Context) -> bool:
    """Say whether the crash is reported by itself; a tow-away counts for automated driving only."""
    found = ctx.fact("sgo_consequences")
    if not _SEVERE.isdisjoint(found):
        return True
    return "tow_away" in found and ctx.fact("sgo_system") == "ads"
