"""A recall that misses vehicles, leaves the defect or makes a new one is followed by another."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.event("recall_started_on") is None:
        return ctx.not_applicable("not_started")
    if not ctx.any_of("remedy_ineffective", "remedy_made_new_defect", "recall_scope_inaccurate"):
        return ctx.not_applicable("effective")
    ctx.owe("again", ctx.promptly(), fulfilled=ctx.stated("recalled_again"))
    return ctx.met("recalled") if ctx.fact("recalled_again") else ctx.broken("not_recalled")
