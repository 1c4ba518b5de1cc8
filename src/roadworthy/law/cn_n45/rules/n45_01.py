"""An application for access with assistance or online upgrade is complete with three documents."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_BEFORE_ACCESS = deadlines.before_step("取得产品准入之前", "before the product has access")
_DOCUMENTS = (
    "annex2_parameters_attached",
    "technical_specification_attached",
    "access_test_reports_attached",
)


def check(ctx: Context) -> Answer:
    if ctx.event("access_applied_on") is None and not ctx.stated("is_new_type"):
        return ctx.not_applicable("no_application")
    if ctx.event("access_granted_on") is not None:
        return ctx.not_applicable("granted")
    if not ctx.any_of("has_combined_assistance", "has_ota"):
        return ctx.not_applicable("neither")
    for document in _DOCUMENTS:
        ctx.owe(document, _BEFORE_ACCESS, fulfilled=ctx.stated(document))
    complete = ctx.all_are(True, *_DOCUMENTS)
    return ctx.met("complete") if complete else ctx.broken("incomplete")
