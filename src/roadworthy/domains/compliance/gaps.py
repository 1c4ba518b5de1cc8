"""What a type lacks or will lack, kept as rows so that the work list can sort and count it.

A row is there as long as its cell is: settling again on the same facts changes nothing. Only what
can be shown by evidence is a gap; what is undetermined needs a fact first, not a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from roadworthy.domains.compliance import queries
from roadworthy.domains.compliance.cells import Cell
from roadworthy.domains.compliance.models import Gap, Requirement, Unclear
from roadworthy.domains.compliance.states import CellState
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import legal_day

AHEAD_MONTHS = 24  # how far ahead the work list looks: a reader's choice, not a period of the law


def settle_all(*, at: datetime) -> int:
    """Settle every type, each by itself; return how many rows changed."""
    every = tuple(queries.requirements())
    if not every:
        return 0
    ids = VehicleType.objects.order_by("pk").values_list("pk", flat=True)
    return sum(_settle(one, at, every) for one in ids)


@transaction.atomic(durable=True)
def _settle(type_id: int, at: datetime, every: Sequence[Requirement]) -> int:
    kind = VehicleType.objects.select_for_update(no_key=True).get(pk=type_id)
    return settled(kind, at, every)


def settled(kind: VehicleType, at: datetime, every: Sequence[Requirement] = ()) -> int:
    """Bring the rows of one type, which the caller has locked, in line with its matrix today.

    Returns how many came, changed or went.
    """
    found = queries.of_type(kind, legal_day(at), every or tuple(queries.requirements()))
    unclear = found.tally.get(CellState.UNDETERMINED, 0)
    Unclear.objects.update_or_create(type=kind, defaults={"requirements": unclear})
    wanted = _wanted(found)
    rows = {one.requirement_id: one for one in Gap.objects.filter(type=kind)}
    changed = sum(_keep(kind, rows.get(pk), cell, at) for pk, cell in wanted.items())
    gone = [row.pk for pk, row in rows.items() if pk not in wanted]
    Gap.objects.filter(pk__in=gone).delete()
    return changed + len(gone)


def _wanted(found: queries.Matrix) -> dict[int, Cell]:
    """Return the cells that lack evidence; what stands under one that does is not told again."""
    soon = {one.cell.requirement.pk for one in queries.coming(found, AHEAD_MONTHS)}
    lacking = {
        one.requirement.pk: one
        for one in found.cells
        if one.lacks and (one.state is not CellState.NOT_YET or one.requirement.pk in soon)
    }
    return {pk: one for pk, one in lacking.items() if one.requirement.under_id not in lacking}


def _keep(kind: VehicleType, row: Gap | None, cell: Cell, at: datetime) -> bool:
    # A standard that is older than the type binds it from its approval on.
    due = max(cell.since, kind.approved_on) if cell.since else None
    told = {"cell": str(cell.state), "due_on": due, "rule_id": cell.rule_id}
    if row is None:
        Gap.objects.create(
            manufacturer_id=kind.manufacturer_id,
            type=kind,
            requirement=cell.requirement,
            found_at=at,
            changed_at=at,
            **told,
        )
        return True
    if all(getattr(row, name) == value for name, value in told.items()):
        return False
    for name, value in told.items():
        setattr(row, name, value)
    row.changed_at = at
    row.save(update_fields=[*told, "changed_at"])
    return True
