"""Whether and from when a producer has to recall: a confirmed defect or an order.

Of the two the earlier counts; a later order does not lengthen a period that runs already.
"""

from __future__ import annotations

from typing import Final

from roadworthy.rules.context import Context

_EVENTS: Final = ("defect_confirmed_on", "recall_ordered_on")


def since(ctx: Context) -> str | None:
    """Return the event that obliges to recall; None while none has happened."""
    days = {name: day for name in _EVENTS if (day := ctx.event(name)) is not None}
    return min(days, key=days.__getitem__) if days else None


def to_recall(ctx: Context) -> bool:
    """Say whether there is a recall: one was ordered, or the update in question is one.

    Raises:
        MissingFact: none was ordered, and what the update removes is not known.
    """
    return ctx.event("recall_ordered_on") is not None or ctx.label("defect_remedy")
