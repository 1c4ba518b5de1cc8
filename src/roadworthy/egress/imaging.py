"""A picture and what is said of it, as they may leave together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roadworthy.egress import filtering, pictures, records
from roadworthy.egress.detecting import Detector
from roadworthy.egress.drive import Said
from roadworthy.egress.errors import NoDetector, Withheld
from roadworthy.egress.filtering import Filter, Reason, Stays
from roadworthy.egress.policy import Kind, Rule
from roadworthy.egress.records import Leaving, Measured
from roadworthy.kernel.canonical import sha256_hex


@dataclass(frozen=True, slots=True)
class Shown:
    """``leaving`` names the picture by its SHA-256; ``content`` is a JPEG."""

    leaving: Leaving
    content: bytes
    sha256: str  # of the content
    drop_at: datetime


def picture(
    filter_: Filter,
    measured: Measured,
    content: bytes,
    *,
    said: Said,
    at: datetime,
    detector: Detector | None,
) -> Shown:
    """Return what may leave of a picture; the record's only item says which one it is.

    Raises:
        Withheld: the policy, the driver or the person concerned does not let it out.
        NotAPicture: it is none.
        Blocked: it cannot be made sure that nobody is to be recognised in it.
        NoDetector: nothing looks for faces and plates here.
    """
    rule = _rule(filter_, measured, said=said, at=at)
    if rule.blur:
        if detector is None:
            raise NoDetector(reason="none was started")
        shown = pictures.clear(content, detector)
    else:
        shown = pictures.redrawn(content)
    sha256 = sha256_hex(shown.content)
    named = {"sha256": sha256, "width": shown.width, "height": shown.height}
    until = said.consented_until(rule, at) if rule.consent else None
    consents = {rule.item: records.in_seconds(until)} if until is not None else {}
    leaving = filter_.leaving(measured, {rule.item: named}, consents)
    drop_at = filtering.drop_at(measured, rule.retention_seconds, at)
    return Shown(leaving, shown.content, sha256, drop_at)


def _rule(filter_: Filter, measured: Measured, *, said: Said, at: datetime) -> Rule:
    if len(measured.items) != 1:
        raise Withheld(reason=Reason.WRONG_SHAPE)
    try:
        rule = filter_.rule(next(iter(measured.items)), measured, said=said, at=at)
    except Stays as stays:
        raise Withheld(reason=stays.reason) from None
    if rule.kind is not Kind.PICTURE:
        raise Withheld(reason=Reason.WRONG_SHAPE)
    return rule
