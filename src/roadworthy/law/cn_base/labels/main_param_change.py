"""The update changes a main technical parameter; the primary software version is one of them."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.any_of("changes_main_parameters", "changes_primary_version"):
        return ctx.not_applicable("none")
    return ctx.met("parameters" if ctx.stated("changes_main_parameters") else "primary_version")
