"""The update removes a defect in the sense of the recall regulation, or one is known for its fault.

A known defect is enough: calling the same repair a service cannot undo it (第二十四条).
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.any_of("removes_defect", "known_defect_for_same_fault"):
        return ctx.not_applicable("none")
    return ctx.met("removes" if ctx.stated("removes_defect") else "known")
