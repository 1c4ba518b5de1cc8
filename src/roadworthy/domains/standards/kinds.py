"""What a standard is follows from the letters of its number."""

from __future__ import annotations

from roadworthy.domains.standards import errors
from roadworthy.domains.standards.states import Kind
from roadworthy.kernel.standard_number import SECTORS, Number

# The rulebook's words for it (``standard_force``); it does not speak of the others.
FORCES = {
    Kind.MANDATORY: "mandatory",
    Kind.RECOMMENDED: "recommended",
    Kind.GUIDANCE: "recommended",
    Kind.SECTOR: "industry",
    Kind.LOCAL: "local",
    Kind.ASSOCIATION: "association",
    Kind.ENTERPRISE: "enterprise",
}


_NATIONAL = {"": Kind.MANDATORY, "T": Kind.RECOMMENDED, "Z": Kind.GUIDANCE}


def of(number: Number) -> Kind | None:
    """Return a number's kind; None for a draft, which has no letters yet."""
    body, _, force = number.body.partition("/")
    if body in {"GB", "GBZ", "GBJ"}:
        return _NATIONAL[force]
    by_body = {"DRAFT": None, "UN R": Kind.UN, "T": Kind.ASSOCIATION, "Q": Kind.ENTERPRISE}
    if body in by_body:
        return by_body[body]
    if body[:2] == "DB" and body[2:].isdigit():
        return Kind.LOCAL
    return Kind.SECTOR if body in SECTORS else Kind.INTERNATIONAL


def agree(number: Number, told: str) -> Kind:
    """Return the kind that the number and what is told agree on.

    Raises:
        WrongKind: they differ, or neither says anything.
    """
    known = of(number)
    if known is None and told in set(Kind):
        return Kind(told)
    if known is None or (told and told != known):
        raise errors.WrongKind(number=str(number), told=told, known=known or "")
    return known
