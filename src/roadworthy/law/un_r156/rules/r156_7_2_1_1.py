"""Authenticity and integrity of updates are protected."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import CONTINUOUS


def check(ctx: Context) -> Answer:
    return evidence.holds(ctx, "un_authenticity_protected", CONTINUOUS)
