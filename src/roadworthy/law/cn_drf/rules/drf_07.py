"""Watch: marketing does not induce unreasonable high speed."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact("text_induces_speeding"):
        return ctx.broken("induces")
    return ctx.met("sober")
