"""Biometric features serve driving safety and are truly necessary, or they are not collected."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if "biometrics" not in ctx.fact("sensitive_information_kinds"):
        return ctx.not_applicable("no_biometrics")
    if ctx.all_are(True, "biometrics_for_driving_safety", "biometrics_necessary"):
        return ctx.met("allowed")
    return ctx.broken("not_allowed")
