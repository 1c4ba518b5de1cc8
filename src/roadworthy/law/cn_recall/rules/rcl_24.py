"""Where a defect is removed or known, calling the activity a service risks concealment."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import IMMEDIATE


def check(ctx: Context) -> Answer:
    if not ctx.label("defect_remedy"):
        return ctx.not_applicable("no_defect")
    recalled = ctx.fact("declared_kind") == "recall"
    ctx.owe("recall", IMMEDIATE, fulfilled=recalled)
    return ctx.met("declared") if recalled else ctx.broken("concealed")
