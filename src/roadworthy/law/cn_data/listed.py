"""What a list that somebody has to give still lacks."""

from __future__ import annotations

from roadworthy.rules.context import Context
from roadworthy.rules.text import Text


def lacking(ctx: Context, fact: str, parameter: str) -> Text:
    """Return the words for what the list lacks; nothing if it is complete."""
    stated = ctx.fact(fact)
    return ctx.words(fact, set(ctx.parameter(parameter)) - set(stated))
