"""From the words of a scope to its vehicles: one statement for the whole fleet.

* Only registered vehicles of the manufacturer are looked at; of each row stays which clause
  decided. A vehicle that no clause speaks of has no row.
* A vehicle that no update over the air reaches goes to the workshop, and the row says why.
* Whoever asks about one vehicle gets the reason by the pure reading of the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Q

from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.recalls import records, scope, scope_sql
from roadworthy.domains.recalls.models import InScope, PlanRelease, RecallPlan
from roadworthy.domains.recalls.scope import Clause, Known, Scope
from roadworthy.domains.recalls.scope_sql import Names, Sql
from roadworthy.domains.recalls.states import PlanState
from roadworthy.domains.software.models import Change
from roadworthy.domains.vehicles.models import Ecu, InstalledSoftware, Vehicle, VehicleType

OTA, WORKSHOP, BOTH = "ota", "workshop", "both"
NEVER_HEARD, OTHER_TYPE, OTHER_VERSION = "never-heard", "other-type", "other-version"
AT_ONCE = 50_000  # vehicles of a maker up to which a page may wait for the answer
_INSERT = """
INSERT INTO recalls_inscope (plan_id, vehicle_id, included, clause, path, why_workshop)
SELECT %s, d.id, CASE WHEN d.code = 0 THEN NULL ELSE d.code > 0 END, abs(d.code),
       CASE WHEN d.code <= 0 THEN '' WHEN d.why = '' THEN 'ota' ELSE 'workshop' END,
       CASE WHEN d.code > 0 AND d.why <> 'plan' THEN d.why ELSE '' END
FROM (SELECT v.id, {decision} AS code, {why} AS why FROM ({looked_at}) v {fence}) d
WHERE d.code IS NOT NULL
"""
_RUNS = (
    "SELECT s.vehicle_id FROM vehicles_installedsoftware s "
    "WHERE s.ecu_id = ANY(%s::bigint[]) AND s.version = ANY(%s::text[])"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one vehicle is in, out or open, and how it would be remedied."""

    included: bool | None
    clause: Clause | None  # None: no clause speaks of it
    path: str
    why_workshop: str


@transaction.atomic(durable=True)
def resolve(*, plan_id: int, at: datetime) -> RecallPlan | None:
    """Write the vehicles of a draft's scope and count them; None if nothing is to be done."""
    plan = (
        RecallPlan.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related("defect")
        .filter(pk=plan_id, state=PlanState.DRAFT, resolved_at__isnull=True)
        .first()
    )
    return None if plan is None else resolved(plan, at)


def resolved(plan: RecallPlan, at: datetime) -> RecallPlan:
    """Resolve a locked plan inside the caller's transaction."""
    read = scope.parse(plan.scope["text"])
    names = _names(plan.manufacturer_id, read)
    InScope.objects.filter(plan_id=plan.pk).delete()
    statement = _statement(plan, read, names)
    with connection.cursor() as cursor:
        # What millions of vehicles run is looked up in one hash table each; without room for it
        # PostgreSQL would read it anew for every vehicle.
        cursor.execute("SET LOCAL work_mem = '512MB'")
        cursor.execute(statement.text, statement.parameters)
    counted = InScope.objects.filter(plan_id=plan.pk).aggregate(
        vehicles=Count("vehicle_id", filter=Q(included=True)),
        by_ota=Count("vehicle_id", filter=Q(path=OTA)),
        by_workshop=Count("vehicle_id", filter=Q(path=WORKSHOP)),
        left_out=Count("vehicle_id", filter=Q(included=False)),
        undecided=Count("vehicle_id", filter=Q(included__isnull=True)),
    )
    for name, value in counted.items():
        setattr(plan, name, value)
    plan.resolved_at = at
    plan.save(update_fields=["resolved_at", *counted])
    records.log_plan("recall-plan:resolved", plan, witnessed(PLATFORM), at, **counted)
    return plan


def is_quick(manufacturer_id: int) -> bool:
    """Say whether a page may wait until a scope of this manufacturer is resolved."""
    some = Vehicle.objects.filter(manufacturer_id=manufacturer_id)[: AT_ONCE + 1]
    return some.count() <= AT_ONCE


def explain(plan: RecallPlan, vehicle: Vehicle) -> Reason:
    """Say why a vehicle of the same manufacturer is in the plan's scope, or not."""
    read = scope.parse(plan.scope["text"])
    verdict = read.verdict(known(vehicle))
    clause = next((one for one in read.clauses if one.number == verdict.clause), None)
    if not verdict.included:
        return Reason(verdict.included, clause, "", "")
    row = InScope.objects.filter(plan_id=plan.pk, vehicle_id=vehicle.pk).first()
    path, why = (row.path, row.why_workshop) if row else ("", "")
    return Reason(included=True, clause=clause, path=path, why_workshop=why)


def known(vehicle: Vehicle) -> Known:
    """Return what is known of a vehicle, as a scope reads it."""
    code = vehicle.type.code if vehicle.type else None
    own = Ecu.objects.filter(type_id=vehicle.type_id or 0)
    ecus: dict[str, tuple[str, ...]] = dict.fromkeys(own.values_list("name", flat=True), ())
    runs = InstalledSoftware.objects.filter(vehicle=vehicle, ecu__in=own)
    for name, version in runs.values_list("ecu__name", "version"):
        ecus[name] = (*ecus[name], version)
    return Known(vehicle.vin, code, vehicle.built_on, ecus)


def _names(manufacturer_id: int, read: Scope) -> Names:
    terms = [one.term for one in read.clauses]
    types = VehicleType.objects.filter(manufacturer_id=manufacturer_id)
    of_types: dict[str, dict[int, list[int]]] = {}
    rows = Ecu.objects.filter(type__in=types, name__in=scope.ecus(terms)).order_by("pk")
    for name, type_id, ecu_id in rows.values_list("name", "type_id", "pk"):
        of_types.setdefault(name, {}).setdefault(type_id, []).append(ecu_id)
    return Names(
        types=dict(types.filter(code__in=scope.types(terms)).values_list("code", "pk")),
        types_with={name: list(by_type) for name, by_type in of_types.items()},
        ecus={
            name: [
                {type_id: ids[n] for type_id, ids in by_type.items() if n < len(ids)}
                for n in range(max(map(len, by_type.values())))
            ]
            for name, by_type in of_types.items()
        },
    )


def _statement(plan: RecallPlan, read: Scope, names: Names) -> Sql:
    looked_at = scope_sql.looked_at(read, names, plan.manufacturer_id)
    why = _why_workshop(plan)
    text = _INSERT.format(
        decision=scope_sql.decision(read),
        why=why.text,
        looked_at=looked_at.text,
        fence=scope_sql.FENCE if why.parameters or scope_sql.is_costly(read) else "",
    )
    return Sql(text, [plan.pk, *why.parameters, *looked_at.parameters])


def _why_workshop(plan: RecallPlan) -> Sql:
    """Return an expression: '' if the vehicle can be updated over the air, else why it cannot."""
    if plan.remedy == WORKSHOP:
        return Sql("'plan'")
    releases = list(PlanRelease.objects.filter(plan=plan).values_list("release_id", flat=True))
    cases, parameters = [f"WHEN v.last_seen_at IS NULL THEN '{NEVER_HEARD}'"], []
    if releases:
        types, ecus, versions = _of_releases(releases)
        cases.append(f"WHEN v.type_id <> ALL(%s::bigint[]) THEN '{OTHER_TYPE}'")
        cases.append(f"WHEN v.id NOT IN ({_RUNS}) THEN '{OTHER_VERSION}'")
        parameters += [types, ecus, versions]
    return Sql(f"CASE {' '.join(cases)} ELSE '' END", parameters)


def _of_releases(release_ids: list[int]) -> tuple[list[int], list[int], list[str]]:
    """Return the types, the ECUs and the versions from and to which the releases go."""
    changes = Change.objects.filter(release_id__in=release_ids)
    types = set(changes.values_list("release__types", flat=True)) - {None}
    ecus = Ecu.objects.filter(type_id__in=types, name__in=changes.values("ecu_name"))
    versions = {v for pair in changes.values_list("from_version", "to_version") for v in pair}
    return sorted(types), list(ecus.values_list("pk", flat=True)), sorted(versions - {""})
