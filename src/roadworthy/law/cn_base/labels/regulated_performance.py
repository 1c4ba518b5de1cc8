"""The update touches technical performance that safety, environment, energy or theft rules govern.

Beside a main parameter change the label stands as well: labels combine.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact("affects_regulated_performance"):
        return ctx.met("affected")
    return ctx.not_applicable("none")
