"""All types of a manufacturer with what each lacks, and what a form may choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from roadworthy.domains.compliance import profile as profiles
from roadworthy.domains.compliance import proofs
from roadworthy.domains.compliance.errors import NoSuchRequirement, NotToBeStated
from roadworthy.domains.compliance.models import Gap, Requirement, Unclear
from roadworthy.domains.compliance.states import CellState
from roadworthy.domains.software import reports
from roadworthy.domains.software.models import Report
from roadworthy.domains.standards.models import Standard
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.law.rulebook import rulebook

_ORDERS: Final = {
    "code": "code",
    "missing": "missing",
    "unclear": "unclear",
    "ahead": "ahead",
    "next": "next_on",
}
_LACKING: Final = [CellState.MISSING, CellState.EXPIRED]


def types(
    manufacturer_id: int, *, sort: str = "-missing", search: str = ""
) -> QuerySet[VehicleType]:
    """Return the types: ``missing``, ``unclear``, ``ahead``, ``next_on``, as last settled."""
    found = VehicleType.objects.filter(manufacturer_id=manufacturer_id)
    if search:
        found = found.filter(Q(code__icontains=search) | Q(name__icontains=search))
    found = found.annotate(
        missing=_counted(cell__in=_LACKING),
        unclear=Subquery(Unclear.objects.filter(type=OuterRef("pk")).values("requirements")),
        ahead=_counted(cell=CellState.NOT_YET),
        next_on=Subquery(_gaps(cell=CellState.NOT_YET).order_by("due_on").values("due_on")[:1]),
    )
    key = _ORDERS.get(sort.removeprefix("-"), "missing")
    order = F(key).desc(nulls_last=True) if sort.startswith("-") else F(key).asc(nulls_last=True)
    return found.order_by(order, "code")


def _gaps(**which: Any) -> QuerySet[Gap]:
    return Gap.objects.filter(type=OuterRef("pk"), **which)


def _counted(**which: Any) -> Coalesce:
    number = _gaps(**which).order_by().values("type").annotate(number=Count("pk"))
    return Coalesce(Subquery(number.values("number"), output_field=IntegerField()), 0)


@dataclass(frozen=True, slots=True)
class Unshown:
    """A standard that binds a type and that nothing valid shows to be met."""

    type: VehicleType
    standard: Standard
    requirements: int
    since: date | None  # the first day on which one of them binds
    grade: str  # how well the weakest of the answers is known


def unshown(manufacturer_id: int, types: Iterable[VehicleType]) -> tuple[Unshown, ...]:
    """Return what types lack today, standard by standard, as last settled."""
    rows = Gap.objects.select_related("type", "requirement__standard").filter(
        manufacturer_id=manufacturer_id, type__in=list(types), cell__in=_LACKING
    )
    together: dict[tuple[int, int], list[Gap]] = {}
    for row in rows.order_by("type__code", "requirement__standard__sort_key", "pk"):
        together.setdefault((row.type_id, row.requirement.standard_id), []).append(row)
    return tuple(
        Unshown(
            found[0].type,
            found[0].requirement.standard,
            len(found),
            min((one.due_on for one in found if one.due_on), default=None),
            max(_grade(one) for one in found),
        )
        for found in together.values()
    )


def _grade(row: Gap) -> str:
    return str(rulebook().rule(row.rule_id).grade) if row.rule_id else row.requirement.grade


def alike(found: Gap) -> int:
    """Return how many gaps of a type are in the same state."""
    return Gap.objects.filter(type=found.type_id, cell=found.cell).count()


def gap(manufacturer_id: int, gap_id: int) -> Gap:
    """Return one gap.

    Raises:
        NoSuchRequirement: there is none (any more), or it is another's.
    """
    rows = Gap.objects.select_related("requirement").filter(manufacturer_id=manufacturer_id)
    found = rows.filter(pk=gap_id).first()
    if found is None:
        raise NoSuchRequirement
    return found


def reports_for(requirement: Requirement, kind: VehicleType) -> tuple[Report, ...]:
    """Return the handed-over reports that can show a requirement for a type, newest first."""
    number = requirement.standard.number
    return tuple(
        one
        for one in reports.usable(kind.manufacturer_id)
        if proofs.is_about(one.standard, number) and one.type_code in {"", kind.code}
    )


def own_type(manufacturer_id: int, type_id: int, fact: str, on: date) -> VehicleType:
    """Return a type of which a fact may be stated.

    Raises:
        NoSuchType: the manufacturer has none of that id.
        NotToBeStated: the approval says it, or the rulebook knows no such fact.
    """
    kind = vehicles.vehicle_type(manufacturer_id, type_id)
    profile = profiles.of(kind, on)
    if fact not in rulebook().facts or not profiles.may_be_stated(profile, [fact]):
        raise NotToBeStated(fact=fact)
    return kind
