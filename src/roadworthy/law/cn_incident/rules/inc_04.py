"""Smoke, fire or loss of control of a new energy vehicle is also reported by the hour."""

from __future__ import annotations

from roadworthy.law.cn_incident import nev
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not nev.concerned(ctx):
        return ctx.not_applicable("other")
    if ctx.fact("nev_reporting_opened"):
        return ctx.met("opened")
    due = nev.basic_due(ctx)
    ctx.owe("open", due, fulfilled=False)
    return ctx.broken("not_opened")
