"""A breach exposes to the range that its article names; what will happen nobody says here."""

from __future__ import annotations

from roadworthy.law.cn_recall import exposure
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    conduct = ctx.fact("recall_conduct")
    if conduct == "none":
        return ctx.not_applicable("no_breach")
    article = exposure.ARTICLE[conduct]
    ctx.parameter(article)
    minor, corrected = ctx.stated("breach_minor_or_first"), ctx.stated("breach_corrected_promptly")
    if minor and corrected:  # 行政处罚法第三十三条
        fine = ctx.values_read[article]
        return ctx.broken("lenient", article=fine.label, exposure=fine.shown)
    return ctx.broken(article)
