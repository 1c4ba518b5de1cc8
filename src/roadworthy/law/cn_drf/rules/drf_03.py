"""Watch: a version goes out with evidence that it was tested.

The notice of 2025 already has the duty to test sufficiently; what is only drafted is the ban.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    tested = ctx.fact("verification_material_attached")
    return ctx.met("tested") if tested else ctx.broken("untested")
