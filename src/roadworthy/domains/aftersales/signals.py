"""What complaints add up to: how many vehicles of how many, and where a threshold is reached.

* A vehicle counts once, however often its owner complained; what was taken back does not count.
* Exposure of a type or a function: vehicles of that type. Of a software version: vehicles that were
  ever known to run it on that ECU, those that complained included.
* Nothing is estimated or predicted. A mark says that the manufacturer's own threshold is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from roadworthy.domains.aftersales.models import Complaint, Policy, Running
from roadworthy.domains.aftersales.states import State
from roadworthy.domains.vehicles.models import Vehicle

_EXPOSED = """
    SELECT ecu_id, version, count(DISTINCT vehicle_id) FROM (
        SELECT ecu_id, version, vehicle_id FROM vehicles_installedsoftware WHERE ecu_id = ANY(%s)
        UNION ALL
        SELECT ecu_id, version, vehicle_id FROM vehicles_ecureport WHERE ecu_id = ANY(%s)
        UNION ALL
        SELECT r.ecu_id, r.version, c.vehicle_id
        FROM aftersales_running r JOIN aftersales_complaint c ON c.id = r.complaint_id
        WHERE r.ecu_id = ANY(%s)
    ) seen GROUP BY ecu_id, version
"""
_THOUSAND = 1000


class By(StrEnum):
    """What complaints are counted by."""

    TYPE = "type"
    FUNCTION = "function"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Signal:
    """A count beside what it is a count of. ``reached`` is None where no threshold is set."""

    by: By
    type_code: str
    type_name: Mapping[str, str]
    function_id: int | None
    function_name: Mapping[str, str]
    ecu: str
    version: str
    complaints: int
    vehicles: int  # that complained
    exposed: int
    reached: bool | None

    @property
    def per_thousand(self) -> Decimal | None:
        """Return the vehicles that complained per thousand exposed."""
        if not self.exposed:
            return None
        return Decimal(_THOUSAND * self.vehicles) / self.exposed


def signals(
    manufacturer_id: int, policy: Policy | None, *, by: By, at: datetime
) -> Sequence[Signal]:
    """Return the counts within the policy's window (all time without one), most vehicles first."""
    counted = _counted(manufacturer_id, policy, at)
    rows = {By.TYPE: _by_type, By.FUNCTION: _by_function, By.VERSION: _by_version}[by](counted)
    made = [_signal(by, row, policy) for row in rows]
    order = {True: 0, False: 1, None: 1}
    return sorted(made, key=lambda one: (order[one.reached], -one.vehicles, one.type_code))


def reached(vehicles: int, exposed: int, policy: Policy | None) -> bool | None:
    """Say whether a count reaches the threshold; None where none is set. Both parts must hold."""
    if policy is None or (policy.fewest_vehicles is None and policy.per_thousand is None):
        return None
    if policy.fewest_vehicles is not None and vehicles < policy.fewest_vehicles:
        return False
    if policy.per_thousand is not None:
        return bool(exposed) and _THOUSAND * vehicles >= policy.per_thousand * exposed
    return True


def _counted(manufacturer_id: int, policy: Policy | None, at: datetime) -> QuerySet[Complaint]:
    found = Complaint.objects.filter(manufacturer_id=manufacturer_id, received_at__lte=at)
    if policy and policy.window_days is not None:
        found = found.filter(received_at__gt=at - timedelta(days=policy.window_days))
    return found.exclude(state=State.TAKEN_BACK).order_by()


_NUMBERS = {"complaints": Count("pk"), "vehicles": Count("vehicle", distinct=True)}


def _by_type(counted: QuerySet[Complaint]) -> Iterable[dict[str, Any]]:
    rows = list(counted.values("type_id", "type__code", "type__name").annotate(**_NUMBERS))
    return _with_type_exposure(rows)


def _by_function(counted: QuerySet[Complaint]) -> Iterable[dict[str, Any]]:
    named = counted.filter(function__isnull=False)
    fields = ("type_id", "type__code", "type__name", "function_id", "function__name")
    return _with_type_exposure(list(named.values(*fields).annotate(**_NUMBERS)))


def _by_version(counted: QuerySet[Complaint]) -> Iterable[dict[str, Any]]:
    rows = list(
        Running.objects.filter(complaint__in=counted)
        .order_by()
        .values("ecu_id", "ecu__name", "version", "ecu__type__code", "ecu__type__name")
        .annotate(
            complaints=Count("complaint", distinct=True),
            vehicles=Count("complaint__vehicle", distinct=True),
        )
    )
    ecus = sorted({row["ecu_id"] for row in rows})
    with connection.cursor() as cursor:
        cursor.execute(_EXPOSED, [ecus, ecus, ecus])
        exposed = {(ecu, version): count for ecu, version, count in cursor.fetchall()}
    return [
        {
            "type__code": row["ecu__type__code"],
            "type__name": row["ecu__type__name"],
            "exposed": exposed.get((row["ecu_id"], row["version"]), 0),
            **row,
        }
        for row in rows
    ]


def _with_type_exposure(rows: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    exposed = dict(
        Vehicle.objects.filter(type__in={row["type_id"] for row in rows})
        .order_by()
        .values_list("type")
        .annotate(Count("pk"))
    )
    return [{**row, "exposed": exposed.get(row["type_id"], 0)} for row in rows]


def _signal(by: By, row: Mapping[str, Any], policy: Policy | None) -> Signal:
    return Signal(
        by=by,
        type_code=row["type__code"],
        type_name=row["type__name"],
        function_id=row.get("function_id"),
        function_name=row.get("function__name") or {},
        ecu=row.get("ecu__name") or "",
        version=row.get("version") or "",
        complaints=row["complaints"],
        vehicles=row["vehicles"],
        exposed=row["exposed"],
        reached=reached(row["vehicles"], row["exposed"], policy),
    )
