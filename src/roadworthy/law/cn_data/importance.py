"""When data are important data, and which export of them has to be assessed."""

from __future__ import annotations

from typing import Final

from roadworthy.rules.answers import MissingFact
from roadworthy.rules.context import Context

CATEGORIES: Final = "important_data_categories"
SUBJECTS: Final = "personal_information_subjects"
TOLD: Final = "told_or_published_as_important"


def important(ctx: Context) -> bool:
    """Say whether data are important; one sign that they are makes what is missing moot.

    Raises:
        MissingFact: nothing says so yet, and the categories or the number were not stated.
    """
    if ctx.stated("marked_important") or ctx.stated(TOLD) or ctx.stated(CATEGORIES):
        return True
    subjects = _subjects(ctx)
    if subjects is not None and subjects > ctx.parameter("important_data_persons"):
        return True
    missing = [] if ctx.stated(CATEGORIES) is not None else [CATEGORIES]
    if subjects is None:
        missing.append(SUBJECTS)
    if missing:
        raise MissingFact(*missing)
    return False


def _subjects(ctx: Context) -> int | None:
    """Return how many persons the data concern; data on nobody concern none."""
    subjects: int | None = ctx.stated(SUBJECTS)
    if subjects is None and ctx.stated("contains_personal_information") is False:
        return 0
    return subjects
