"""A text about driver assistance claims no autonomy and no absent capability, and states limits.

What is automated driving may be called so; a capability that is absent may be claimed for no level.
"""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_BEFORE_PUBLICATION = deadlines.before_step("发布之前", "before the text is published")
_FLAWS = ("text_claims_absent_capability", "text_lacks_limits")


def check(ctx: Context) -> Answer:
    flaw = _flaw(ctx)
    if flaw is None:
        return ctx.met("faithful")
    ctx.owe("correct", _BEFORE_PUBLICATION, fulfilled=False)
    return ctx.broken(flaw)


def _flaw(ctx: Context) -> str | None:
    level, claimed = ctx.stated("text_system_level"), ctx.stated("text_states_autonomy")
    automated = level is not None and level >= ctx.parameter("ads_lowest_level")
    if claimed and level is not None and not automated:
        return "autonomy"
    if ctx.any_of(*_FLAWS):
        return "absent" if ctx.stated(_FLAWS[0]) else "no_limits"
    if not automated and ctx.fact("text_states_autonomy"):
        ctx.fact("text_system_level")
    return None
