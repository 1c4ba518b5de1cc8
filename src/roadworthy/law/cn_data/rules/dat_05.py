"""Images of the outside leave the vehicle anonymised, unless those who are on them consented."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

BEFORE_LEAVING = deadlines.before_step("传出车外之前", "before the data leave the vehicle")


def check(ctx: Context) -> Answer:
    if not ctx.all_are(True, "contains_exterior_images", "leaves_vehicle"):
        return ctx.not_applicable("stays")
    way = ctx.stated("exterior_images_anonymised")
    anonymised = None if way is None else way != "none"
    if not anonymised and ctx.stated("persons_outside_consented"):
        return ctx.not_applicable("consented")
    ctx.owe("anonymise", BEFORE_LEAVING, fulfilled=anonymised)
    if ctx.fact("exterior_images_anonymised") != "none":
        return ctx.met("anonymised")
    ctx.fact("persons_outside_consented")
    return ctx.broken("not_anonymised")
