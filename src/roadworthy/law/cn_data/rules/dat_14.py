"""Between exempt and assessed, exported personal information takes contract or certification."""

from __future__ import annotations

from roadworthy.law.cn_data import exports
from roadworthy.law.cn_data.exports import PERSONS, SENSITIVE
from roadworthy.law.cn_data.importance import TOLD
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if exports.none_counted(ctx, SENSITIVE, PERSONS):
        return ctx.not_applicable("not_exported")
    if exports.many(ctx) or ctx.any_of("critical_infrastructure_operator", TOLD):
        return ctx.not_applicable("assessment")
    if not ctx.fact(SENSITIVE) and not exports.reaches(ctx, (PERSONS, "export_contract_persons")):
        return ctx.not_applicable("few")
    if ctx.stated(exports.EXEMPT):
        return ctx.not_applicable("exempted")
    return _chosen(ctx)


def _chosen(ctx: Context) -> Answer:
    path, passed = ctx.stated("export_path"), exports.passed(ctx)
    chosen = passed or (None if path is None else path != "none")
    ctx.owe("path", exports.BEFORE_EXPORT, fulfilled=chosen)
    if passed:
        return ctx.met("assessed")
    if ctx.fact("export_path") != "none":
        return ctx.met("chosen")
    ctx.fact(exports.ASSESSMENT)
    ctx.fact(exports.EXEMPT)  # an exemption that nobody ruled out may still apply
    return ctx.broken("no_path")
