"""Whether an application for access is complete, and that none is granted which is not.

The dossier is fixed, so it is asked as of the day on which it was handed in; only a report that was
revoked since bears nothing any more. What is missing is a
finding; the authority may still grant access on the condition that the missing item follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from roadworthy.domains.access import attesting, completeness, schemas
from roadworthy.domains.access.completeness import Gap
from roadworthy.domains.access.content import Composed
from roadworthy.domains.access.granting import Term
from roadworthy.domains.filings.errors import StillIncomplete
from roadworthy.domains.filings.models import Filing
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.evaluation import Evaluation


def answer(filing: Filing) -> Evaluation | None:
    """Return what the rulebook says of an application that was filed; None for other kinds."""
    content = filing.dossier.content.get("details", {}).get("application")
    if not isinstance(content, dict):
        return None
    day = legal_day(filing.submitted_at or filing.created_at)
    revoked = attesting.revoked_in(filing.manufacturer_id, content)
    return completeness.ask(Composed(content, ()), schemas.on(day), as_of=day, revoked=revoked)


def gaps(filing: Filing) -> tuple[Gap, ...]:
    """Return what the law asks for and the filed application lacks."""
    found = answer(filing)
    return completeness.gaps(found) if found else ()


def check(filing: Filing, terms: Sequence[Term]) -> None:
    """Refuse to grant access to what is incomplete, unless conditions stand for what is missing.

    Raises:
        StillIncomplete: a mandatory item is missing.
    """
    covered = {term.stands_for for term in terms}
    missing = [gap for gap in gaps(filing) if gap.key not in covered]
    if missing:
        rules = ", ".join(dict.fromkeys(gap.rule_id for gap in missing))
        raise StillIncomplete(number=filing.number, rules=rules, gaps=tuple(missing))
