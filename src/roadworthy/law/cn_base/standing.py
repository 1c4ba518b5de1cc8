"""Where a filing or a permit stands, as the rules need to know it."""

from __future__ import annotations

from typing import Final

from roadworthy.rules.context import Context

ACCEPTED: Final = "accepted"
# What lies with the authority, or came back from it to be amended, was sent; the rest was not,
# or does not count any longer.
NOT_SENT: Final = frozenset({"none", "draft", "withdrawn", "refused"})


def accepted(ctx: Context, *names: str) -> bool:
    """Say whether all are accepted; one that is not makes the missing ones moot."""
    return ctx.all_are(ACCEPTED, *names)


def settled(ctx: Context, name: str) -> bool | None:
    """Say whether it is accepted; None where nobody stated it."""
    status = ctx.stated(name)
    return None if status is None else bool(status == ACCEPTED)


def sent(ctx: Context, name: str) -> bool:
    """Say whether it was sent to the authority."""
    return ctx.fact(name) not in NOT_SENT


def activity_sent(ctx: Context) -> bool:
    """Say whether the activity filing was sent, or somebody is about to send it."""
    return bool(ctx.stated("activity_submitted")) or sent(ctx, "miit_filing")
