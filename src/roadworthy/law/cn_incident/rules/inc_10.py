"""The draft of 2025 answers a report that conceals facts with special verification."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("material_facts_omitted"):
        return ctx.not_applicable("none")
    return ctx.broken("omitted")
