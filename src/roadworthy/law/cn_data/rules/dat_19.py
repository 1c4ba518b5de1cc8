"""A vulnerability that endangers the nation or the public is reported within hours."""

from __future__ import annotations

from roadworthy.law.cn_data import vulnerability
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return vulnerability.check(ctx)
