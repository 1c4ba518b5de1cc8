"""Levels that a manufacturer sets for itself, and the defect analysis that opens when one is hit.

* INC-08 opens an analysis at n similar events; no source gives n. It is the manufacturer's own,
  from a day on, with a reason; so is how often chance alone may raise an alarm.
* Similar: the same function and the same software version; of an incident of the platform, the
  versions of all ECUs that are known to have run. Where no version reaches the level alone, the
  function does. Counted are the manufacturer's own reports and the platform's incidents, each for
  itself, so that nothing counts twice.
* One subject raises one alarm under one level. A level that is set later may raise it again, by
  what happened since; the analysis that is still open then stays the one.
* Why an alarm rose is kept in numbers that anybody can check.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum

from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.incidents import queries as incidents
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.recalls import opening
from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.recalls.opening import Suspicion
from roadworthy.domains.recalls.states import Origin
from roadworthy.domains.surveillance import alarm_words, counting, errors, sequential
from roadworthy.domains.surveillance.counting import Narrowed
from roadworthy.domains.surveillance.importing import MAY
from roadworthy.domains.surveillance.models import Alarm, BulkReport, Cell, Level, Register
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import SHANGHAI, legal_day

_Subject = tuple[int | None, str, str]  # register, function, software


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
    since = legal_day(at) - timedelta(days=set_now.window_days)
    return [_raise(set_now, hit, at) for hit in _hits(_Look(set_now, since))]


class _Look:
    """One look under one level: what was raised before, and since when a subject counts."""

    def __init__(self, set_now: Level, since: date) -> None:
        self.level, self.since = set_now, since
        self._last: dict[_Subject, Alarm] = {
            (one.register_id, one.function, one.software): one
            for one in Alarm.objects.filter(manufacturer_id=set_now.manufacturer_id).order_by("pk")
        }

    def is_done(self, subject: _Subject) -> bool:
        """Say whether this very level has raised the subject already."""
        last = self._last.get(subject)
        return last is not None and last.level_id == self.level.pk

    def since_of(self, subject: _Subject) -> date:
        """Return from which day on a subject counts: what raised an alarm raises no other one."""
        last = self._last.get(subject)
        return self.since if last is None else max(self.since, _day_after(last))

    def after(self, subject: _Subject) -> date:
        """Return the day up to which everything has raised an alarm already."""
        last = self._last.get(subject)
        return date.min if last is None else legal_day(last.raised_at)


def _hits(looking: _Look) -> Iterator[Hit]:
    for register in Register.objects.filter(manufacturer_id=looking.level.manufacturer_id):
        seen = set()
        for hit in _many(looking, register):
            seen.add((hit.function, hit.software))
            yield hit
        for hit in _more_than_others(looking, register):
            if (hit.function, hit.software) not in seen:
                yield hit
    yield from _many_incidents(looking)


def _many(looking: _Look, register: Register) -> Iterator[Hit]:
    """Find n similar events: first by months, from the counts, then by days, from the reports."""
    fewest = looking.level.fewest
    if fewest is None:
        return
    candidates = (
        Cell.objects.filter(register=register, month__gte=looking.since.replace(day=1))
        .exclude(function="")
        .order_by()
        .values("function", "software")
        .annotate(n=Sum("incidents"))
        .filter(n__gte=fewest)
    )
    for row in candidates:
        subject = (register.pk, row["function"], row["software"])
        if looking.is_done(subject):
            continue
        found = BulkReport.objects.filter(
            register=register,
            function=row["function"],
            software=row["software"],
            occurred_on__gte=looking.since_of(subject),
            stands=True,
        ).count()
        if found >= fewest:
            yield Hit(*subject, _count(looking.level, found))


def _more_than_others(looking: _Look, register: Register) -> Iterator[Hit]:
    """Find versions with more incidents than the others of their function, by exposure."""
    rate = looking.level.false_alarm
    if rate is None:
        return
    functions = set(
        Cell.objects.filter(register=register)
        .exclude(function="")
        .values_list("function", flat=True)
    )
    exposed = counting.exposures(register.pk, functions)
    for function, software in exposed:
        subject = (register.pk, function, software)
        if not software or looking.is_done(subject):
            continue
        months = counting.months_beside(Narrowed(register.pk, function, software), exposed=exposed)
        later = [one for one in months if one.on > looking.after(subject)]
        made = sequential.looks(later, false_alarm=float(rate))
        first = next((one for one in made if one.is_alarm), None)
        if first is not None:
            yield Hit(*subject, _test(looking.level, first))


def _many_incidents(looking: _Look) -> Iterator[Hit]:
    """Find n incidents of the platform with one function and one software, else of the function."""
    fewest, mine = looking.level.fewest, looking.level.manufacturer_id
    if fewest is None:
        return
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    start = datetime.combine(looking.since, time.min, SHANGHAI)
    for code, software, learned_at in incidents.similar(mine, since=start):
        day = legal_day(learned_at)
        for name in {software, ""}:
            if day >= looking.since_of((None, code, name)):
                days[code, name].append(day)
    reached = {key for key, found in days.items() if len(found) >= fewest}
    versions = {code for code, software in reached if software}
    for code, software in sorted(reached):
        subject = (None, code, software)
        # The function by itself only where no version of it says more.
        if not looking.is_done(subject) and (software or code not in versions):
            yield Hit(*subject, _count(looking.level, len(days[code, software])))


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
    earlier = _earlier(set_now, hit)
    made, is_new = Alarm.objects.get_or_create(
        manufacturer_id=set_now.manufacturer_id,
        register_id=hit.register_id,
        function=hit.function,
        software=hit.software,
        level=set_now,
        defaults={"why": {**hit.why, **_again(set_now, hit, earlier)}, "raised_at": at},
    )
    if not is_new:
        return made
    made.defect_number = _still_open(set_now, earlier) or _opened(set_now, hit, made, at)
    made.save(update_fields=["defect_number"])
    ledger.record(
        event="signal:alarm",
        subject=f"alarm/{made.pk}",
        actor=witnessed(PLATFORM),
        at=at,
        data={"function": hit.function, "software": hit.software, **made.why},
    )
    return made


def _earlier(set_now: Level, hit: Hit) -> Sequence[Alarm]:
    """Return the alarms on the same subject, newest first, and on its function as a whole."""
    mine = Alarm.objects.filter(manufacturer_id=set_now.manufacturer_id, function=hit.function)
    found = (
        mine.filter(register__isnull=True)
        if hit.register_id is None
        else mine.filter(register_id=hit.register_id)
    ).order_by("-pk")
    return [one for one in found if not one.software or not hit.software or _same(one, hit)]


def _same(one: Alarm, hit: Hit) -> bool:
    return one.software == hit.software


def _again(set_now: Level, hit: Hit, earlier: Sequence[Alarm]) -> dict[str, Any]:
    last = next((one for one in earlier if _same(one, hit)), None)
    if last is None:
        return {}
    return {
        "again_after": legal_day(last.raised_at).isoformat(),
        "level_from": set_now.applies_from.isoformat(),
        "level_reason": set_now.reason,
    }


def _still_open(set_now: Level, earlier: Sequence[Alarm]) -> str:
    """Return the number of the analysis that earlier alarms opened, if it has not ended."""
    return next(
        (
            one.defect_number
            for one in earlier
            if one.defect_number and recalls.is_open(set_now.manufacturer_id, one.defect_number)
        ),
        "",
    )


def _opened(set_now: Level, hit: Hit, made: Alarm, at: datetime) -> str:
    functions = Function.objects.filter(manufacturer_id=set_now.manufacturer_id, code=hit.function)
    types = {one.type_id for one in functions} or _types_reported(set_now, hit)
    if not types:
        return ""
    one = functions.first()
    about = Suspicion(
        origin=Origin.SIGNAL,
        title=alarm_words.title(made),
        type_ids=types,
        reason=alarm_words.told(made),
        links={"signal": str(made.pk)},
        function_id=one.pk if one is not None and len(functions) == 1 else None,
    )
    return opening.opened(about, actor=PLATFORM, at=at).number


def _day_after(alarm: Alarm) -> date:
    return legal_day(alarm.raised_at) + timedelta(days=1)


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
