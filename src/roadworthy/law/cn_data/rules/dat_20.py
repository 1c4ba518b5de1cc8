"""A leak is remedied at once, and authority and individuals are notified at once.

Where the measures prevent the harm, the individuals need not be notified.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

PERSONS, PREVENTED = "leak_persons_notified", "leak_harm_prevented"


def check(ctx: Context) -> Answer:
    if not ctx.fact("personal_information_leaked"):
        return ctx.not_applicable("no_leak")
    at_once = ctx.at_once()
    ctx.owe("remedy", at_once, fulfilled=ctx.stated("leak_remedied"))
    ctx.owe("authority", at_once, fulfilled=ctx.stated("leak_authority_notified"))
    if ctx.stated(PERSONS) or not ctx.stated(PREVENTED):
        ctx.owe("persons", at_once, fulfilled=ctx.stated(PERSONS))
    if not ctx.all_are(True, "leak_remedied", "leak_authority_notified"):
        return ctx.broken("not_done")
    if ctx.stated(PERSONS):
        return ctx.met("done")
    if ctx.stated(PREVENTED):
        return ctx.met("prevented")
    ctx.fact(PERSONS)
    ctx.fact(PREVENTED)
    return ctx.broken("persons_not_told")
