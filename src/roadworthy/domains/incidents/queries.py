"""What can be asked about incidents. The manufacturer comes first; nobody sees another's.

* Who may read an incident is asked here once more: other roles find nothing.
* An authority finds the reports that were sent to it, and of the incident what they say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Concat, TruncMonth

from roadworthy.domains.incidents import errors
from roadworthy.domains.incidents.models import (
    Account,
    AccountVersion,
    Copy,
    Incident,
    Known,
    Ran,
)
from roadworthy.domains.incidents.records import READERS
from roadworthy.domains.incidents.states import State
from roadworthy.domains.organisations.actors import Actor, commitment
from roadworthy.kernel.calendar import SHANGHAI

COUNTED: Final = (State.NEW, State.OPEN, State.CONCLUDED, State.CLOSED)
UNDONE: Final = (State.NEW, State.OPEN, State.CONCLUDED)
ORDERS: Final = {
    "number": "pk",
    "learned": "learned_at",
    "occurred": "occurred_at",
    "due": "next_due_at",
    "state": "state",
    "type": "type__code",
}
LATE, OWED, OPEN = "late", "owed", "open"
BY: Final[Mapping[str, str]] = {
    "type": "type_id",
    "function": "function_id",
    "trigger": "trigger",
    "level": "level",
    "province": "province",
    "month": "month",
    "ecu": "ecu_id",
    "version": "version",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """How many incidents, and of how many vehicles, share the values asked for."""

    key: Mapping[str, Any]  # by the names asked: "function" -> its id, "version" -> text, ...
    incidents: int
    vehicles: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One incident as statistics need it: no person, no VIN."""

    incident_id: int
    number: str
    trigger: str
    kinds: tuple[str, ...]
    occurred_at: datetime  # when it happened, or when it was learned if nobody knows
    learned_at: datetime
    type_id: int | None
    function_id: int | None
    level: int | None
    cdas_state: str
    casualties: bool | None
    province: str
    latitude: float | None
    longitude: float | None
    vehicle_id: int | None
    vehicle: str  # commitment; empty where the vehicle is not known
    versions: Mapping[int, str]  # by ECU id: what ran at that moment


def similar(manufacturer_id: int, *, since: datetime) -> Iterator[tuple[str, str, datetime]]:
    """Yield, for each incident of a function, the function's code, what ran, and when it was
    learned; what ran names every ECU whose version is known, and is "" where none is.
    """
    ran = (
        Ran.objects.filter(incident=OuterRef("pk"))
        .order_by()
        .values("incident")
        .annotate(
            told=StringAgg(
                Concat("ecu__name", Value(" "), "version", output_field=TextField()),
                delimiter=", ",
                order_by=("ecu__name", "ecu__address"),
            )
        )
        .values("told")
    )
    found = Incident.objects.filter(
        manufacturer_id=manufacturer_id,
        state__in=COUNTED,
        function__isnull=False,
        learned_at__gte=since,
    )
    rows = found.annotate(
        software=Coalesce(Subquery(ran), Value(""), output_field=TextField())
    ).order_by()
    yield from rows.values_list("function__code", "software", "learned_at").iterator()


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers above the list."""

    unqualified: int
    owed: int
    late: int
    unacknowledged: int


def incidents(
    actor: Actor,
    *,
    now: datetime,
    search: str = "",
    which: str = "",
    trigger: str = "",
    state: str = "",
    type_id: int | None = None,
    sort: str = "-learned",
) -> QuerySet[Incident]:
    """Return the incidents that the actor may read; ``which`` is one of late, owed, open."""
    found = readable(actor).select_related("type", "function", "vehicle")
    if trigger:
        found = found.filter(trigger=trigger)
    found = found.filter(state=state) if state else found.exclude(state=State.MERGED)
    if type_id is not None:
        found = found.filter(type_id=type_id)
    if which == LATE:
        found = found.filter(next_due_at__lt=now)
    elif which == OWED:
        found = found.filter(owes=True)
    elif which == OPEN:
        found = found.filter(state__in=UNDONE)
    if search:
        told = AccountVersion.objects.filter(
            account__manufacturer_id=actor.organisation_id, words__icontains=search
        ).values("account__incident_id")
        found = found.filter(
            Q(number__icontains=search)
            | Q(vehicle__vin__icontains=search)
            | Q(type__code__icontains=search)
            | Q(pk__in=told)
        )
    key = F(ORDERS.get(sort.removeprefix("-"), "learned_at"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-pk")


def incident(actor: Actor, incident_id: int) -> Incident:
    """Return one incident.

    Raises:
        NoSuchIncident: there is none that the actor may read.
    """
    found = (
        readable(actor)
        .select_related("type", "function", "vehicle", "manufacturer", "merged_into")
        .filter(pk=incident_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchIncident
    return found


def by_number(actor: Actor, number: str) -> Incident:
    """Return one incident by its number.

    Raises:
        NoSuchIncident: there is none that the actor may read.
    """
    found = readable(actor).filter(number=number.strip()).values_list("pk", flat=True).first()
    if found is None:
        raise errors.NoSuchIncident
    return incident(actor, found)


def figures(actor: Actor, *, now: datetime) -> Figures:
    """Return how many wait for what."""
    found = readable(actor)
    told = found.aggregate(
        unqualified=Count("pk", filter=Q(state=State.NEW)),
        owed=Count("pk", filter=Q(owes=True)),
        late=Count("pk", filter=Q(next_due_at__lt=now)),
    )
    waiting = Copy.objects.filter(report__incident__in=found, state="sent")
    return Figures(unacknowledged=waiting.count(), **told)


def owed(actor: Actor) -> int:
    """Count the incidents of which a report is owed, or that nobody has qualified."""
    return readable(actor).filter(Q(owes=True) | Q(state=State.NEW)).count()


def accounts(incident: Incident) -> Sequence[tuple[Account, Sequence[AccountVersion]]]:
    """Return who told of an incident, of those merged into it as well, with every version."""
    kept = list(
        Account.objects.filter(Q(incident=incident) | Q(incident__merged_into=incident))
        .select_related("incident")
        .order_by("pk")
    )
    versions: dict[int, list[AccountVersion]] = {one.pk: [] for one in kept}
    for one in (
        AccountVersion.objects.filter(account__in=kept).select_related("by").order_by("number")
    ):
        versions[one.account_id].append(one)
    return [(one, versions[one.pk]) for one in kept]


def merged(incident: Incident) -> Sequence[Incident]:
    """Return the incidents that were merged into this one."""
    return list(Incident.objects.filter(merged_into=incident).order_by("pk"))


def known(incident: Incident, *, at: datetime | None = None) -> Sequence[Known]:
    """Return every statement in the order in which it was written down; up to ``at`` if given."""
    found = Known.objects.filter(Q(incident=incident) | Q(incident__merged_into=incident))
    found = found.filter(at__lte=at) if at else found
    return list(found.select_related("by", "account").order_by("pk"))


def ran(incident: Incident) -> Sequence[Ran]:
    """Return what the vehicle ran at the moment, by ECU, and how that is known."""
    return list(Ran.objects.filter(incident=incident).select_related("ecu").order_by("ecu__name"))


def counts_by(
    manufacturer_id: int,
    by: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    **only: Any,
) -> list[Counted]:
    """Count a manufacturer's incidents by any of ``BY``, most first; ``only`` narrows by the same.

    With "ecu" or "version" an incident counts once for each ECU whose version is known.

    Raises:
        KeyError: a name is none of ``BY``.
    """
    of_ecu = bool({"ecu", "version"} & {*by, *only})
    prefix = "incident__" if of_ecu else ""
    found: QuerySet[Any] = Ran.objects.all() if of_ecu else Incident.objects.all()
    found = found.filter(
        **{f"{prefix}manufacturer_id": manufacturer_id, f"{prefix}state__in": COUNTED}
    )
    if since is not None:
        found = found.filter(**{f"{prefix}learned_at__gte": since})
    if until is not None:
        found = found.filter(**{f"{prefix}learned_at__lt": until})
    if "month" in {*by, *only}:
        found = found.annotate(month=TruncMonth(f"{prefix}learned_at", tzinfo=SHANGHAI))
    columns = {name: _column(name, prefix) for name in {*by, *only}}
    found = found.filter(**{columns[name]: value for name, value in only.items()})
    rows = found.order_by().values(*(columns[name] for name in by))
    rows = rows.annotate(
        incidents=Count(f"{prefix}pk" if not prefix else "incident", distinct=True),
        vehicles=Count(f"{prefix}vehicle", distinct=True),
        first_at=_edge(prefix, first=True),
        last_at=_edge(prefix, first=False),
    ).order_by("-incidents")
    return [
        Counted(
            {name: row[columns[name]] for name in by},
            row["incidents"],
            row["vehicles"],
            row["first_at"],
            row["last_at"],
        )
        for row in rows
    ]


def rows_for_signals(
    manufacturer_id: int, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[SignalRow]:
    """Yield a manufacturer's incidents, oldest first; merged and set aside ones do not count."""
    found = Incident.objects.filter(manufacturer_id=manufacturer_id, state__in=COUNTED)
    found = found.filter(learned_at__gte=since) if since else found
    found = found.filter(learned_at__lt=until) if until else found
    for batch in _batches(found.select_related("vehicle").order_by("pk")):
        versions: dict[int, dict[int, str]] = {one.pk: {} for one in batch}
        for row in Ran.objects.filter(incident__in=batch):
            versions[row.incident_id][row.ecu_id] = row.version
        for one in batch:
            yield _signal(one, versions[one.pk])


def readable(actor: Actor) -> QuerySet[Incident]:
    """Return the incidents that a person of the manufacturer may read; others find nothing."""
    if actor.role not in READERS:
        return Incident.objects.none()
    return Incident.objects.filter(manufacturer_id=actor.organisation_id or 0)


def _signal(one: Incident, versions: Mapping[int, str]) -> SignalRow:
    car = one.vehicle
    return SignalRow(
        incident_id=one.pk,
        number=one.number,
        trigger=one.trigger,
        kinds=tuple(one.kinds or ()),
        occurred_at=one.occurred_at or one.learned_at,
        learned_at=one.learned_at,
        type_id=one.type_id,
        function_id=one.function_id,
        level=one.level,
        cdas_state=one.cdas_state,
        casualties=one.casualties,
        province=one.province,
        latitude=one.latitude,
        longitude=one.longitude,
        vehicle_id=one.vehicle_id,
        vehicle=commitment(bytes(car.salt), f"vehicle/{car.pk}") if car else "",
        versions=versions,
    )


def _batches(found: QuerySet[Incident], size: int = 2000) -> Iterator[list[Incident]]:
    last = 0
    while batch := list(found.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk


def _column(name: str, prefix: str) -> str:
    column = BY[name]
    return column if name in {"ecu", "version", "month"} else f"{prefix}{column}"


def _edge(prefix: str, *, first: bool) -> Any:
    return (Min if first else Max)(f"{prefix}learned_at")
