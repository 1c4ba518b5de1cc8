"""Shapes that many of these rules share: a list that must be complete, a statement that must hold.

Every rule here asks first whether the vehicle is registered where the regulations apply.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer, Due
from roadworthy.rules.context import Context

MARKETS = "un_markets"


def complete(ctx: Context, fact: str, due: Due) -> Answer:
    """Owe everything that the parameter of the fact's name lists; answer what is absent.

    Reasons: complete, incomplete (with the words for what is absent), elsewhere.
    """
    if not ctx.fact(MARKETS):
        return ctx.not_applicable("elsewhere")
    required = set(ctx.parameter(f"{fact}_required"))
    stated = ctx.stated(fact)
    ctx.owe("duty", due, fulfilled=None if stated is None else required <= set(stated))
    absent = required - set(ctx.fact(fact))
    if absent:
        return ctx.broken("incomplete", absent=ctx.words(fact, absent))
    return ctx.met("complete")


def holds(ctx: Context, fact: str, due: Due) -> Answer:
    """Owe that something holds. Reasons: yes, no, elsewhere."""
    if not ctx.fact(MARKETS):
        return ctx.not_applicable("elsewhere")
    ctx.owe("duty", due, fulfilled=ctx.stated(fact))
    return ctx.met("yes") if ctx.fact(fact) else ctx.broken("no")
