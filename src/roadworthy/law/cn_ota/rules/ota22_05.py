"""Performance is involved: verification material goes with the filing.

Also where a main parameter changes besides: the product change (OTA22-06) comes on top, it does
not replace the material for the performance that is touched.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    if not ctx.label("regulated_performance"):
        return ctx.not_applicable("not_involved")
    attached = ctx.stated("verification_material_attached")
    ctx.owe("material", BEFORE_RELEASE, fulfilled=attached)
    if ctx.fact("verification_material_attached"):
        return ctx.met("attached")
    return ctx.broken("not_attached")
