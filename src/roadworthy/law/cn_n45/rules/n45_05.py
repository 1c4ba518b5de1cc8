"""Category A: file (with a safety assessment), then upgrade (三（七）).

The assessment comes from the official interpretation of the notice.
"""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    if ctx.any_label("defect_remedy", "ads_function", "main_param_change"):
        return ctx.not_applicable("stricter")
    assessed = ctx.stated("safety_assessment_attached")
    ctx.owe("assessment", BEFORE_RELEASE, fulfilled=assessed)
    if assessed is False:
        return ctx.broken("not_assessed")
    if not standing.accepted(ctx, "miit_filing", "samr_filing"):
        return ctx.broken("not_filed")
    ctx.fact("safety_assessment_attached")
    return ctx.met("ready")
