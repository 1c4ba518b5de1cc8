"""Sensitive information of enough persons is exported only after a passed assessment."""

from __future__ import annotations

from roadworthy.law.cn_data.exports import SENSITIVE, many_assessed
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return many_assessed(ctx, SENSITIVE, "export_assessment_sensitive_persons")
