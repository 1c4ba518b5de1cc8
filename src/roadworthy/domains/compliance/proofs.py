"""Evidence as it stands on a day: what was attached here, and what came with the approval.

* A day in the past is judged by what was valid on it; withdrawn evidence counted until then.
* A report that its institution has revoked shows nothing from that day on.
* A report of the approval counts for the requirements of the standard that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from roadworthy.domains.access import completeness
from roadworthy.domains.compliance.models import Evidence, Requirement
from roadworthy.domains.compliance.profile import Profile
from roadworthy.domains.compliance.states import EvidenceKind, EvidenceState
from roadworthy.domains.software import reports
from roadworthy.domains.software.models import Report
from roadworthy.kernel.calendar import legal_day


class Standing(StrEnum):
    VALID = "valid"
    WAITING = "waiting"  # for somebody else to confirm it
    AHEAD = "ahead"  # it begins to count later
    EXPIRED = "expired"
    REVOKED = "revoked"  # by the institution
    ENDED = "ended"  # refused or withdrawn


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence on the day of the question."""

    standing: Standing
    kind: str
    title: str
    valid_from: date | None
    valid_until: date | None
    evidence: Evidence | None = None  # None: it came with the approval
    standard: str = ""  # of a report of the approval
    sha256: str = ""  # of the document


Proofs = Mapping[int, Sequence[Line]]  # by requirement


def of(profile: Profile, requirements: Iterable[Requirement]) -> Proofs:
    """Return the evidence of each requirement for one type, what counts first."""
    every = tuple(requirements)
    found: dict[int, list[Line]] = {one.pk: [] for one in every}
    rows = Evidence.objects.select_related("report", "document").filter(type=profile.type)
    for row in rows.order_by("-attached_at", "-id"):
        if row.requirement_id in found:
            found[row.requirement_id].append(_attached(row, profile.as_of))
    for requirement_id, line in _of_approval(profile, every):
        found[requirement_id].append(line)
    order = list(Standing)
    return {
        pk: sorted(lines, key=lambda one: order.index(one.standing)) for pk, lines in found.items()
    }


def standing(row: Evidence, day: date) -> Standing:
    """Say how a piece of evidence stands on a day."""
    ended = legal_day(row.ended_at) if row.ended_at else None
    if row.state == EvidenceState.REFUSED or (ended is not None and ended <= day):
        return Standing.ENDED
    revoked = row.report.revoked_at if row.report else None
    if revoked is not None and legal_day(revoked) <= day:
        return Standing.REVOKED
    if row.confirmed_at is None:
        return Standing.WAITING
    if row.valid_until is not None and row.valid_until < day:
        return Standing.EXPIRED
    return Standing.AHEAD if day < row.valid_from else Standing.VALID


def is_about(tested: str, number: str) -> bool:
    """Say whether a report to ``tested`` speaks of a standard: of this edition, or of no other."""
    written = " ".join(tested.split())
    return written == number or (
        written == completeness.undated(written) == completeness.undated(number)
    )


def _attached(row: Evidence, day: date) -> Line:
    return Line(
        standing=standing(row, day),
        kind=row.kind,
        title=row.title,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        evidence=row,
        sha256=row.report.sha256 if row.report else row.document.sha256 if row.document else "",
    )


def _of_approval(
    profile: Profile, requirements: Sequence[Requirement]
) -> Iterable[tuple[int, Line]]:
    """Yield the institutions' reports that came with the approval, for whole standards."""
    attested = [
        one
        for one in profile.reports
        if one["kind"] == completeness.TEST_REPORT and one["institution"]
    ]
    revoked = _revoked(profile, [one["sha256"] for one in attested]) if attested else {}
    whole = [
        one for one in requirements if not one.under_id and EvidenceKind.TEST_REPORT in one.evidence
    ]
    for report in attested:
        gone = revoked.get(report["sha256"])
        line = Line(
            standing=Standing.REVOKED if gone and gone <= profile.as_of else Standing.VALID,
            kind=EvidenceKind.TEST_REPORT,
            title=report["title"],
            valid_from=profile.applied_on or profile.approved_on,
            valid_until=None,
            standard=report["standard"],
            sha256=report["sha256"],
        )
        for one in whole:
            if is_about(report["standard"], one.standard.number):
                yield one.pk, line


def _revoked(profile: Profile, digests: Sequence[str]) -> Mapping[str, date]:
    found: Mapping[str, Report] = reports.revoked_of(profile.type.manufacturer_id, digests)
    return {sha256: legal_day(one.revoked_at) for sha256, one in found.items() if one.revoked_at}
