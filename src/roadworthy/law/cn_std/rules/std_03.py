"""A package that fails verification, or whose metadata are stale, is refused and logged."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import before_step

BEFORE_INSTALLATION = before_step("安装之前", "before installation")


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if ctx.all_are(True, "package_authentic", "metadata_fresh"):
        return ctx.met("valid")
    refused, logged = ctx.stated("installation_refused"), ctx.stated("security_event_logged")
    ctx.owe("refuse", BEFORE_INSTALLATION, fulfilled=refused)
    ctx.owe("log", BEFORE_INSTALLATION, fulfilled=logged)
    # Refusing is what must be done; the package stays one that no vehicle may run.
    return ctx.broken("refused" if refused and logged else "not_refused")
