"""What can be asked: the matrix of a type on a day, what comes, what lacks. The tenant comes first.

The number of queries does not depend on the number of requirements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from roadworthy.domains.compliance import cells, proofs
from roadworthy.domains.compliance import profile as profiles
from roadworthy.domains.compliance.cells import Because, Cell
from roadworthy.domains.compliance.errors import NoSuchEvidence, NoSuchNotice, NoSuchRequirement
from roadworthy.domains.compliance.models import Evidence, Notice, Requirement, Visit
from roadworthy.domains.compliance.profile import Profile
from roadworthy.domains.compliance.states import CellState, EvidenceState, NoticeState
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.software import reports
from roadworthy.domains.software.models import Evaluation, Report
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import PRC

__all__ = ["Because", "Cell", "CellState", "Evidence", "Profile"]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every requirement for one type on one day."""

    profile: Profile
    cells: Sequence[Cell]

    @property
    def type(self) -> VehicleType:
        return self.profile.type

    @property
    def as_of(self) -> date:
        return self.profile.as_of

    @property
    def tally(self) -> Mapping[CellState, int]:
        """How many cells are in each state, in the order of ``CellState``."""
        found = Counter(one.state for one in self.cells)
        return {state: found[state] for state in CellState if found[state]}

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that are missing anywhere, each once."""
        return tuple(dict.fromkeys(name for one in self.cells for name in one.missing))

    def cell(self, key: str) -> Cell:
        """Return one cell by its requirement's key.

        Raises:
            NoSuchRequirement: there is none.
        """
        for one in self.cells:
            if one.requirement.key == key:
                return one
        raise NoSuchRequirement


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that changes for a type on a day that is still to come."""

    day: date
    cell: Cell
    ends: bool  # its evidence ends; else it begins to bind


def requirements() -> QuerySet[Requirement]:
    """Return what is asked today, in its order."""
    return (
        Requirement.objects.select_related("standard", "under")
        .filter(is_current=True)
        .order_by("place")
    )


def requirement(key: str) -> Requirement:
    """Return one requirement.

    Raises:
        NoSuchRequirement: there is none.
    """
    found = requirements().filter(key=key).first()
    if found is None:
        raise NoSuchRequirement
    return found


def matrix(manufacturer_id: int, type_id: int, as_of: date) -> Matrix:
    """Return every requirement for one of the manufacturer's types on a day.

    Raises:
        NoSuchType: the manufacturer has none of that id.
    """
    return of_type(vehicles.vehicle_type(manufacturer_id, type_id), as_of, tuple(requirements()))


def of_type(kind: VehicleType, as_of: date, every: Sequence[Requirement]) -> Matrix:
    """Return the matrix of a type that the caller may read."""
    profile = profiles.of(kind, as_of)
    return Matrix(profile, cells.decided(profile, every, proofs.of(profile, every)))


def coming(found: Matrix, months: int) -> tuple[Coming, ...]:
    """Return what becomes mandatory for a type, and which evidence ends, within some months."""
    last = PRC.months_after(found.as_of, months, roll=False).day
    rows = [
        Coming(one.since, one, ends=False)
        for one in found.cells
        if one.state is CellState.NOT_YET and one.since and one.since <= last
    ]
    for one in found.cells:
        ends = _end(one)
        if one.state is CellState.MET and ends is not None and ends <= last:
            rows.append(Coming(ends, one, ends=True))
    return tuple(sorted(rows, key=lambda row: (row.day, row.cell.requirement.place)))


def _end(cell: Cell) -> date | None:
    """Return the last day on which the evidence of a cell is valid, if it ends."""
    valid = [one for one in (*cell.evidence, *cell.covered_by) if one.standing == "valid"]
    if not valid or any(one.valid_until is None for one in valid):
        return None
    return max(one.valid_until for one in valid if one.valid_until is not None)


def types(manufacturer_id: int) -> QuerySet[VehicleType]:
    """Return the types for which a matrix can be asked."""
    return vehicles.types(manufacturer_id)


def evidence(manufacturer_id: int, evidence_id: int) -> Evidence:
    """Return one piece of evidence.

    Raises:
        NoSuchEvidence: there is none, or it is another's.
    """
    found = _evidence(manufacturer_id).filter(pk=evidence_id).first()
    if found is None:
        raise NoSuchEvidence
    return found


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the rulebook last answered of an update of a type, by rule."""

    release: str  # its number
    as_of: date
    outcomes: Mapping[str, str]


def guarded(type_id: int, rules: Iterable[str]) -> Guarded | None:
    """Return how rules that hold each update stood for the type's last one; None without any.

    Some clauses bind single updates: only a release has the facts that such a rule asks for.
    """
    wanted = set(rules)
    found = Evaluation.objects.filter(release__types=type_id).select_related("release")
    last = found.order_by("-id").first() if wanted else None
    if last is None:
        return None
    told = {one["rule_id"]: one["outcome"] for one in last.result["findings"]}
    kept = {rule: told[rule] for rule in wanted & told.keys()}
    return Guarded(last.release.number, last.as_of, kept) if kept else None


def to_confirm(manufacturer_id: int) -> QuerySet[Evidence]:
    """Return what waits for somebody else's confirmation, longest first."""
    return _evidence(manufacturer_id).filter(state=EvidenceState.PROPOSED).order_by("attached_at")


def usable_reports(manufacturer_id: int) -> QuerySet[Report]:
    """Return the test reports that evidence can rest on."""
    return reports.usable(manufacturer_id)


def document(manufacturer_id: int, evidence_id: int) -> Document | Report:
    """Return the file of a piece of evidence.

    Raises:
        NoSuchEvidence: there is none, or it is another's.
    """
    found = evidence(manufacturer_id, evidence_id)
    shown = found.report or found.document
    assert shown is not None, "the table holds one of the two"
    return shown


def kept(manufacturer_id: int, sha256: str) -> Document:
    """Return a document of the manufacturer.

    Raises:
        NoSuchDocument: there is none, or it is another's.
    """
    return documents.document(manufacturer_id, sha256)


def open_notices(manufacturer_id: int) -> QuerySet[Notice]:
    """Return what nobody has read yet, by its day."""
    return notices(manufacturer_id).filter(state=NoticeState.OPEN)


def notices(manufacturer_id: int) -> QuerySet[Notice]:
    """Return what a manufacturer was told about standards, by its day."""
    found = Notice.objects.select_related("standard", "seen_by")
    return found.filter(manufacturer_id=manufacturer_id).order_by("day", "id")


def notice(manufacturer_id: int, notice_id: int) -> Notice:
    """Return one notice.

    Raises:
        NoSuchNotice: there is none, or it is another's.
    """
    found = notices(manufacturer_id).filter(pk=notice_id).first()
    if found is None:
        raise NoSuchNotice
    return found


def last_visit(user_id: int, organisation_id: int) -> Visit | None:
    """Return when a person last saw the page of changes."""
    return Visit.objects.filter(user_id=user_id, organisation_id=organisation_id).first()


def narrowed(rows: Iterable[Cell], state: str, standard: str, search: str) -> list[Cell]:
    """Narrow cells to a state, a standard, and words of the clause."""
    words = search.casefold().strip()
    return [
        one
        for one in rows
        if (not state or one.state == state)
        and (not standard or one.requirement.standard.number == standard)
        and (not words or words in _words(one))
    ]


def _words(cell: Cell) -> str:
    clause = cell.requirement
    told = (*clause.title.values(), *clause.text.values(), clause.number, clause.standard.number)
    return " ".join(map(str, told)).casefold()


def _evidence(manufacturer_id: int) -> QuerySet[Evidence]:
    return Evidence.objects.select_related(
        "type", "requirement__standard", "report", "document", "attached_by", "confirmed_by"
    ).filter(manufacturer_id=manufacturer_id)
