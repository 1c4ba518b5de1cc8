"""Once a defect is confirmed or a recall ordered, production, sale and import stop at once."""

from __future__ import annotations

from roadworthy.law.cn_recall import obliged
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_STOPS = {
    "production": "production_stopped",
    "sale": "sale_stopped",
    "import": "import_stopped",
}


def check(ctx: Context) -> Answer:
    if obliged.since(ctx) is None:
        return ctx.not_applicable("not_yet")
    for part, stopped in _STOPS.items():
        ctx.owe(part, ctx.at_once(), fulfilled=ctx.stated(stopped))
    if not ctx.all_are(True, *_STOPS.values()):
        return ctx.broken("not_stopped")
    # The law asks for the stop; its evidence is what an authority will want to see.
    unproven = set(_STOPS) - set(ctx.fact("stop_evidence"))
    if unproven:
        return ctx.met("unproven", unproven=ctx.words("stop_evidence", unproven))
    return ctx.met("stopped")
