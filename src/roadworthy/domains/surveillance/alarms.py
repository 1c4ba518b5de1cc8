"""Levels that a manufacturer sets for itself, and the defect analysis that opens when one is hit.

* INC-08 opens an analysis at n similar events; no source gives n. It is the manufacturer's own,
  from a day on, with a reason; so is how often chance alone may raise an alarm.
* Similar: the same function and the same software version. Counted are the manufacturer's own
  reports and the platform's incidents, each for itself, so that nothing counts twice.
* One subject raises one alarm. Why it did is kept in numbers that anybody can check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum

from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.incidents import queries as incidents
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.recalls import opening
from roadworthy.domains.recalls.opening import Suspicion
from roadworthy.domains.recalls.states import Origin
from roadworthy.domains.surveillance import counting, errors, sequential
from roadworthy.domains.surveillance.counting import Narrowed
from roadworthy.domains.surveillance.importing import MAY
from roadworthy.domains.surveillance.models import Alarm, BulkReport, Cell, Level, Register
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import legal_day


@dataclass(frozen=True, slots=True)
class Levels:
    """What a manufacturer sets. At least one of the two levels must be there."""

    fewest: int | None
    window_days: int
    false_alarm: Decimal | None
    reason: str
    applies_from: date


@dataclass(frozen=True, slots=True)
class Hit:
    """A level that is reached. ``why`` are the numbers."""

    register_id: int | None  # None: the platform's incidents
    function: str
    software: str
    why: Mapping[str, Any]


@transaction.atomic(durable=True)
def set_levels(*, levels: Levels, actor: Actor, at: datetime) -> Level:
    """Set from when on a count opens an analysis; what was set before stays for its days.

    Raises:
        NotAMember, NotYourTask: the actor may not.
        NoLevel: neither a number of incidents nor a rate of false alarms is given.
        LevelBackdated: the first day lies before today.
    """
    by = witnessed(actor)
    if actor.role not in MAY or actor.organisation_id is None:
        raise errors.NotYourTask
    if levels.fewest is None and levels.false_alarm is None:
        raise errors.NoLevel
    if levels.applies_from < legal_day(at):
        raise errors.LevelBackdated
    made, _ = Level.objects.update_or_create(
        manufacturer_id=actor.organisation_id,
        applies_from=levels.applies_from,
        defaults={
            "fewest": levels.fewest,
            "window_days": levels.window_days,
            "false_alarm": levels.false_alarm,
            "reason": levels.reason,
            "set_at": at,
            "set_by_id": actor.user_id,
        },
    )
    ledger.record(
        event="signal-level:set",
        subject=f"organisation/{actor.organisation_id}",
        actor=by,
        at=at,
        data={
            "applies_from": levels.applies_from.isoformat(),
            "fewest": levels.fewest,
            "window_days": levels.window_days,
            "false_alarm": None if levels.false_alarm is None else str(levels.false_alarm),
        },
    )
    return made


def level(manufacturer_id: int, on: date) -> Level | None:
    """Return the levels that apply on a day."""
    return (
        Level.objects.filter(manufacturer_id=manufacturer_id, applies_from__lte=on)
        .order_by("-applies_from")
        .first()
    )


def levels(manufacturer_id: int) -> QuerySet[Level]:
    """Return all levels that were ever set, newest first."""
    return Level.objects.filter(manufacturer_id=manufacturer_id).order_by("-applies_from")


def alarms(manufacturer_id: int) -> QuerySet[Alarm]:
    """Return the alarms, newest first."""
    return (
        Alarm.objects.select_related("register", "level")
        .filter(manufacturer_id=manufacturer_id)
        .order_by("-pk")
    )


def with_levels() -> list[int]:
    """Return the manufacturers that have set levels."""
    return list(Level.objects.values_list("manufacturer_id", flat=True).distinct())


def look(*, manufacturer_id: int, at: datetime) -> list[Alarm]:
    """Look at all counts of a manufacturer and open an analysis for each level newly reached."""
    set_now = level(manufacturer_id, legal_day(at))
    if set_now is None:
        return []
    known = set(
        Alarm.objects.filter(manufacturer_id=manufacturer_id).values_list(
            "register_id", "function", "software"
        )
    )
    return [
        _raise(set_now, hit, at)
        for hit in _hits(set_now, at)
        if (hit.register_id, hit.function, hit.software) not in known
    ]


def _hits(set_now: Level, at: datetime) -> Iterator[Hit]:
    since = legal_day(at) - timedelta(days=set_now.window_days)
    for register in Register.objects.filter(manufacturer_id=set_now.manufacturer_id):
        seen = set()
        for hit in _many(set_now, register, since):
            seen.add((hit.function, hit.software))
            yield hit
        for hit in _more_than_others(set_now, register):
            if (hit.function, hit.software) not in seen:
                yield hit
    yield from _many_incidents(set_now, at)


def _many(set_now: Level, register: Register, since: date) -> Iterator[Hit]:
    """Find n similar events: first by months, from the counts, then by days, from the reports."""
    if set_now.fewest is None:
        return
    candidates = (
        Cell.objects.filter(register=register, month__gte=since.replace(day=1))
        .exclude(function="")
        .order_by()
        .values("function", "software")
        .annotate(n=Sum("incidents"))
        .filter(n__gte=set_now.fewest)
    )
    for row in candidates:
        found = BulkReport.objects.filter(
            register=register,
            function=row["function"],
            software=row["software"],
            occurred_on__gte=since,
            stands=True,
        ).count()
        if found >= set_now.fewest:
            yield Hit(register.pk, row["function"], row["software"], _count(set_now, found))


def _more_than_others(set_now: Level, register: Register) -> Iterator[Hit]:
    """Find versions with more incidents than the others of their function, by exposure."""
    if set_now.false_alarm is None:
        return
    functions = set(
        Cell.objects.filter(register=register)
        .exclude(function="")
        .values_list("function", flat=True)
    )
    exposed = counting.exposures(register.pk, functions)
    for function, software in exposed:
        if not software:
            continue
        months = counting.months_beside(Narrowed(register.pk, function, software), exposed=exposed)
        made = sequential.looks(months, false_alarm=float(set_now.false_alarm))
        first = next((one for one in made if one.is_alarm), None)
        if first is not None:
            yield Hit(register.pk, function, software, _test(set_now, first))


def _many_incidents(set_now: Level, at: datetime) -> Iterator[Hit]:
    """Find functions with n incidents: several ECUs ran, so versions are not told apart."""
    if set_now.fewest is None:
        return
    codes = dict(
        Function.objects.filter(manufacturer_id=set_now.manufacturer_id).values_list("pk", "code")
    )
    start = at - timedelta(days=set_now.window_days)
    found: dict[str, int] = {}
    for row in incidents.counts_by(set_now.manufacturer_id, ("function",), since=start):
        code = codes.get(row.key["function"])
        if code is not None:
            found[code] = found.get(code, 0) + row.incidents
    for code, number in found.items():
        if number >= set_now.fewest:
            yield Hit(None, code, "", _count(set_now, number))


def _count(set_now: Level, found: int) -> dict[str, Any]:
    return {
        "test": "count",
        "incidents": found,
        "fewest": set_now.fewest,
        "window_days": set_now.window_days,
    }


def _test(set_now: Level, one: sequential.Look) -> dict[str, Any]:
    return {
        "test": "rate",
        "month": one.on.isoformat(),
        "look": one.number,
        "incidents": one.incidents,
        "vehicle_days": one.days,
        "other_incidents": one.other_incidents,
        "other_vehicle_days": one.other_days,
        "chance": f"{one.chance:.3g}",
        "spends": f"{one.spends:.3g}",
        "false_alarm": str(set_now.false_alarm),
    }


@transaction.atomic(durable=True)
def _raise(set_now: Level, hit: Hit, at: datetime) -> Alarm:
    made, is_new = Alarm.objects.get_or_create(
        manufacturer_id=set_now.manufacturer_id,
        register_id=hit.register_id,
        function=hit.function,
        software=hit.software,
        defaults={"level": set_now, "why": dict(hit.why), "raised_at": at},
    )
    if not is_new:
        return made
    functions = Function.objects.filter(manufacturer_id=set_now.manufacturer_id, code=hit.function)
    types = {one.type_id for one in functions} or _types_reported(set_now, hit)
    if types:
        one = functions.first()
        about = Suspicion(
            origin=Origin.SIGNAL,
            title=_title(hit),
            type_ids=types,
            reason=told(made),
            links={"signal": str(made.pk)},
            function_id=one.pk if one is not None and len(functions) == 1 else None,
        )
        made.defect_number = opening.opened(about, actor=PLATFORM, at=at).number
        made.save(update_fields=["defect_number"])
    ledger.record(
        event="signal:alarm",
        subject=f"alarm/{made.pk}",
        actor=witnessed(PLATFORM),
        at=at,
        data={"function": hit.function, "software": hit.software, **hit.why},
    )
    return made


def _types_reported(set_now: Level, hit: Hit) -> set[int]:
    """Return the types that the reports themselves name, where no function has that code."""
    if hit.register_id is None:
        return set()
    models = (
        counting.reports(Narrowed(hit.register_id, hit.function, hit.software))
        .order_by()
        .values_list("model", flat=True)
        .distinct()
    )
    rows = VehicleType.objects.filter(manufacturer_id=set_now.manufacturer_id, code__in=models)
    return set(rows.values_list("pk", flat=True))


def _title(hit: Hit) -> dict[str, str]:
    what = f"{hit.function} {hit.software}".strip()
    return {"zh-hans": f"事件信号：{what}", "en": f"Signal from incidents: {what}"}


def told(alarm: Alarm) -> dict[str, str]:
    """Say in both languages why an alarm was raised, in numbers that can be checked."""
    why = alarm.why
    if why["test"] == "count":
        return {
            "zh-hans": (
                f"最近{why['window_days']}天内发生{why['incidents']}起同类事件，"
                f"达到企业自行设定的{why['fewest']}起。"
            ),
            "en": (
                f"{why['incidents']} similar incidents in the last {why['window_days']} days; "
                f"the manufacturer's own level is {why['fewest']}."
            ),
        }
    return {
        "zh-hans": (
            f"截至{why['month'][:7]}，该版本{why['vehicle_days']}车日发生{why['incidents']}起，"
            f"其他版本{why['other_vehicle_days']}车日发生{why['other_incidents']}起；"
            f"若风险相同，出现该结果的概率为{why['chance']}，"
            f"低于本次检验可用的{why['spends']}（第{why['look']}次检验，"
            f"企业自行设定的总误报率为{why['false_alarm']}）。"
        ),
        "en": (
            f"Up to {why['month'][:7]}, {why['incidents']} incidents in {why['vehicle_days']} "
            f"vehicle days of this version, {why['other_incidents']} in "
            f"{why['other_vehicle_days']} of the others. Equal rates give this with a chance of "
            f"{why['chance']}; look {why['look']} may spend {why['spends']} of the manufacturer's "
            f"own false alarm rate of {why['false_alarm']}."
        ),
    }
