"""Certificates of both management systems are not older than the regulations allow."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

CERTIFICATES = (
    ("sums", "sums_certificate_issued_on", "sums_certificate_validity"),
    ("csms", "csms_certificate_issued_on", "csms_certificate_validity"),
)


def check(ctx: Context) -> Answer:
    if not ctx.fact(evidence.MARKETS):
        return ctx.not_applicable("elsewhere")
    lasts = []
    for system, issued_on, validity in CERTIFICATES:
        due = ctx.after(issued_on, validity)
        ctx.owe(system, due)
        lasts.append(due)
    if any(last.date is not None and ctx.is_past(last) for last in lasts):
        return ctx.broken("expired")
    for _, issued_on, _ in CERTIFICATES:
        ctx.fact(issued_on)  # a certificate that nobody mentions may well be there
    return ctx.met("valid")
