"""Watch: no update conceals a defect under the name of a service.

Binding already by the recall regulation (RCL-24); the draft says it again for updates.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.label("defect_remedy"):
        return ctx.not_applicable("no_defect")
    recalled = ctx.fact("declared_kind") == "recall"
    return ctx.met("declared") if recalled else ctx.broken("concealed")
