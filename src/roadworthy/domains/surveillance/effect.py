"""Whether a remedy does: incidents of the recalled vehicles, before and after each was remedied.

* Each vehicle is its own comparison: until the day it is proven to be remedied it drives on the
  side before, from then on after. A vehicle that is not remedied stays before.
* The test is the one of the signals (``sequential``), asked once a month in both directions:
  whether there are fewer than before, and whether there are more.
* Without vehicle days on both sides, or without the manufacturer's own rate of false alarms, the
  answer is that it cannot be said, and what is missing. Nothing is predicted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Coalesce

from roadworthy.domains.incidents.models import Incident
from roadworthy.domains.incidents.queries import COUNTED
from roadworthy.domains.recalls.models import InScope, RecallPlan, Remedied
from roadworthy.domains.remedies import queries as remedies
from roadworthy.domains.surveillance import alarms, sequential
from roadworthy.domains.surveillance.models import EffectCheck
from roadworthy.kernel.calendar import legal_day

# Vehicles are first counted by the two days that matter, so that months are few times few.
_EXPOSURE = """
WITH cars AS (
    SELECT v.registered_at::date AS since, r.at::date AS done, count(*) AS n
    FROM recalls_inscope s JOIN vehicles_vehicle v ON v.id = s.vehicle_id
    LEFT JOIN recalls_remedied r ON r.recall_id = %(recall)s AND r.vehicle_id = s.vehicle_id
    WHERE s.plan_id = %(plan)s AND s.included GROUP BY 1, 2
), spans AS (
    SELECT 0 AS side, since AS a, least(coalesce(done, %(on)s), %(on)s) AS b, n FROM cars
    UNION ALL
    SELECT 1, greatest(done, since), %(on)s, n FROM cars WHERE done IS NOT NULL
)
SELECT side, month::date,
    sum(n * (least(b, (month + interval '1 month')::date) - greatest(a, month::date)))
FROM spans
CROSS JOIN LATERAL generate_series(date_trunc('month', a), b - 1, interval '1 month') AS month
WHERE b > a GROUP BY 1, 2
"""


class Verdict(StrEnum):
    GONE = "gone"  # none is left, and equal rates do not explain it
    FEWER = "fewer"
    NOT_SHOWN = "not-shown"  # equal rates explain what is seen
    MORE = "more"
    UNDETERMINED = "undetermined"


class Missing(StrEnum):
    """What has to be known before anything can be said."""

    NOT_COUNTED = "not-counted"
    NO_VEHICLE_DAYS = "no-vehicle-days"  # on one of the sides
    NO_LEVEL = "no-level"  # the manufacturer's own rate of false alarms


@dataclass(frozen=True, slots=True)
class Side:
    """Incidents and vehicle days on one side, with the rate and its exact 95 % interval."""

    incidents: int
    vehicle_days: int

    @property
    def per_million(self) -> float | None:
        return self.incidents / self.vehicle_days * 1e6 if self.vehicle_days else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.vehicle_days:
            return None
        low, high = sequential.interval(self.incidents, self.vehicle_days)
        return low * 1e6, high * 1e6


@dataclass(frozen=True, slots=True)
class Effect:
    """What can be said of a remedy. ``look``: the look that decides, or the last one."""

    verdict: Verdict
    missing: Missing | None
    as_of: date | None
    function: str
    before: Side
    after: Side
    months: Sequence[sequential.Month]  # before | after ("other")
    look: sequential.Look | None
    false_alarm: str

    def as_json(self) -> dict[str, Any]:
        """Return it as a report states it."""
        return {
            "verdict": str(self.verdict),
            "missing": self.missing and str(self.missing),
            "as_of": self.as_of and self.as_of.isoformat(),
            "function": self.function,
            "incidents_before": self.before.incidents,
            "vehicle_days_before": self.before.vehicle_days,
            "incidents_after": self.after.incidents,
            "vehicle_days_after": self.after.vehicle_days,
            "chance": f"{self.look.chance:.3g}" if self.look else None,
            "spends": f"{self.look.spends:.3g}" if self.look else None,
            "false_alarm": self.false_alarm or None,
        }


def count_all(*, at: datetime) -> int:
    """Count every recall that is carried out; return how many there are."""
    plans = remedies.running()
    for plan_id in plans:
        count(plan_id=plan_id, at=at)
    return len(plans)


@transaction.atomic(durable=True)
def count(*, plan_id: int, at: datetime) -> EffectCheck:
    """Count what the vehicles of a plan drove and what happened to them, to the day before."""
    plan = RecallPlan.objects.select_related("defect__function").get(pk=plan_id)
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"recall": plan.recall_id, "plan": plan.pk, "on": legal_day(at)}
        cursor.execute(_EXPOSURE, told)
        for side, month, days in cursor.fetchall():
            sums[month][2 * side + 1] += int(days)
    for side, month in _incidents(plan, at):
        sums[month][2 * side] += 1
    made, _new = EffectCheck.objects.update_or_create(
        recall_id=plan.recall_id,
        defaults={
            "plan": plan,
            "as_of": legal_day(at),
            "function": plan.defect.function.code if plan.defect.function else "",
            "months": [[month.isoformat(), *sums[month]] for month in sorted(sums)],
            "at": at,
        },
    )
    return made


def of_plan(plan: RecallPlan, *, on: date) -> Effect:
    """Say what the last count shows."""
    kept = EffectCheck.objects.filter(recall_id=plan.recall_id).first()
    if kept is None:
        nothing = Side(0, 0)
        return Effect(
            *(Verdict.UNDETERMINED, Missing.NOT_COUNTED, None, "", nothing, nothing, (), None, "")
        )
    months = [sequential.Month(date.fromisoformat(month), *rest) for month, *rest in kept.months]
    before = Side(sum(one.incidents for one in months), sum(one.days for one in months))
    after = Side(sum(one.other_incidents for one in months), sum(one.other_days for one in months))
    level = alarms.level(plan.manufacturer_id, on)
    rate = level.false_alarm if level else None
    missing: Missing | None = None
    verdict, look = Verdict.UNDETERMINED, None
    if not before.vehicle_days or not after.vehicle_days:
        missing = Missing.NO_VEHICLE_DAYS
    elif rate is None:
        missing = Missing.NO_LEVEL
    else:
        verdict, look = judged(months, float(rate))
    shown = str(rate.normalize()) if rate is not None else ""
    return Effect(verdict, missing, kept.as_of, kept.function, before, after, months, look, shown)


def judged(
    months: Sequence[sequential.Month], false_alarm: float
) -> tuple[Verdict, sequential.Look | None]:
    """Say what the months show; each direction has half of the rate of false alarms."""
    fewer = sequential.looks(months, false_alarm=false_alarm / 2)
    more = sequential.looks([_turned(one) for one in months], false_alarm=false_alarm / 2)
    worse = next((one for one in more if one.is_alarm), None)
    if worse is not None:
        return Verdict.MORE, worse
    better = next((one for one in fewer if one.is_alarm), None)
    if better is not None:
        gone = not fewer[-1].other_incidents
        return (Verdict.GONE if gone else Verdict.FEWER), better
    return Verdict.NOT_SHOWN, fewer[-1] if fewer else None


def _turned(one: sequential.Month) -> sequential.Month:
    return sequential.Month(one.on, one.other_incidents, one.other_days, one.incidents, one.days)


def _incidents(plan: RecallPlan, at: datetime) -> list[tuple[int, date]]:
    """Return side and month of each incident of a vehicle in scope, up to the day before."""
    scope = InScope.objects.filter(plan_id=plan.pk, included=True)
    found = Incident.objects.filter(
        manufacturer_id=plan.manufacturer_id,
        state__in=COUNTED,
        vehicle__in=scope.values("vehicle_id"),
    ).annotate(moment=Coalesce("occurred_at", "learned_at"))
    if plan.defect.function_id is not None:
        found = found.filter(function_id=plan.defect.function_id)
    rows = list(found.values_list("vehicle_id", "moment"))
    done = dict(
        Remedied.objects.filter(
            recall_id=plan.recall_id, vehicle_id__in={vehicle for vehicle, _moment in rows}
        ).values_list("vehicle_id", "at")
    )
    today = legal_day(at)
    told = []
    for vehicle_id, moment in rows:
        since = done.get(vehicle_id)
        if legal_day(moment) < today:
            side = int(since is not None and moment >= since)
            told.append((side, legal_day(moment).replace(day=1)))
    return told
