"""Watch: the certificate carries data on driver assistance and on energy storage."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_NEEDED = {
    "has_combined_assistance": "certificate_has_assistance_data",
    "is_new_energy": "certificate_has_storage_data",
}


def check(ctx: Context) -> Answer:
    if not ctx.any_of(*_NEEDED):
        return ctx.not_applicable("neither")
    if any(ctx.stated(fitted) and ctx.stated(data) is False for fitted, data in _NEEDED.items()):
        return ctx.broken("absent")
    for fitted, data in _NEEDED.items():
        if ctx.fact(fitted):
            ctx.fact(data)
    return ctx.met("complete")
