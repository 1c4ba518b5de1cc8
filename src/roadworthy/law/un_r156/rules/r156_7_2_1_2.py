"""The RXSWIN is unique, readable and protected."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import CONTINUOUS


def check(ctx: Context) -> Answer:
    return evidence.complete(ctx, "rxswin_properties", CONTINUOUS)
