"""No release without both filings, of one and the same content (三（六）).

The authorities share information (三（八）); that does not make the second filing superfluous.
"""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    ctx.owe("miit", BEFORE_RELEASE, fulfilled=standing.settled(ctx, "miit_filing"))
    ctx.owe("samr", BEFORE_RELEASE, fulfilled=standing.settled(ctx, "samr_filing"))
    if not standing.accepted(ctx, "miit_filing", "samr_filing"):
        return ctx.broken("not_filed")
    return ctx.met("filed") if ctx.fact("content_digest_equal") else ctx.broken("different")
