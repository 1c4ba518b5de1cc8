"""What can be asked about complaints. The manufacturer comes first; nobody sees another's.

* Who may read a complaint is asked here once more: other roles find nothing.
* The authority gets numbers, and of disputes the summary: no vehicle, no owner, no words of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, F, Max, Min, Prefetch, Q, QuerySet

from roadworthy.domains.aftersales import errors, intake
from roadworthy.domains.aftersales.models import Attachment, Complaint, Message, Policy, Running
from roadworthy.domains.aftersales.records import INSIDE, READERS
from roadworthy.domains.aftersales.states import Category, State
from roadworthy.domains.documents.models import Document
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Kind, Role

ORDERS: Final = {
    "number": "pk",
    "received": "received_at",
    "due": "answer_due_on",
    "state": "state",
    "type": "type__code",
}
OPEN = (State.RECEIVED, State.IN_DISPUTE)  # somebody has to do something
LATE, MINE, UNDONE = "late", "mine", "open"


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers above the list."""

    unanswered: int
    late: int
    in_dispute: int
    ended: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as SAMR reads it."""

    number: str
    manufacturer: Mapping[str, str]
    type_code: str
    type_name: Mapping[str, str]
    function: Mapping[str, str]
    category: Category
    release: str
    state: State
    summary: Mapping[str, str]
    disputed_at: datetime


@dataclass(frozen=True, slots=True)
class OwnersComplaint:
    """A complaint as its owner sees it behind the link."""

    id: int
    number: str
    state: State
    words: str
    received_at: datetime
    messages: Sequence[Message]


def complaints(
    actor: Actor,
    *,
    on: date,
    search: str = "",
    which: str = "",
    category: str = "",
    state: str = "",
    type_id: int | None = None,
    sort: str = "-received",
) -> QuerySet[Complaint]:
    """Return the complaints that the actor may read; ``which`` is one of late, mine, open."""
    found = _readable(actor).select_related("type", "function", "vehicle", "assigned_to", "release")
    if category:
        found = found.filter(category=category)
    if state:
        found = found.filter(state=state)
    if type_id is not None:
        found = found.filter(type_id=type_id)
    if which == LATE:
        found = found.filter(_late(on))
    elif which == MINE:
        found = found.filter(assigned_to_id=actor.user_id, state__in=OPEN)
    elif which == UNDONE:
        found = found.filter(state__in=OPEN)
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(vehicle__vin__icontains=search)
            | Q(words__icontains=search)
            | Q(release__number__icontains=search)
        )
    key = F(ORDERS.get(sort.removeprefix("-"), "received_at"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-pk")


def complaint(actor: Actor, complaint_id: int) -> Complaint:
    """Return one complaint with what ran in the vehicle and what was said.

    Raises:
        NoSuchComplaint: there is none that the actor may read.
    """
    found = (
        _readable(actor)
        .select_related("type", "function", "vehicle", "assigned_to", "release", "manufacturer")
        .prefetch_related(
            Prefetch("software", Running.objects.select_related("ecu").order_by("ecu__name")),
            Prefetch("messages", Message.objects.select_related("author").order_by("pk")),
        )
        .filter(pk=complaint_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchComplaint
    return found


def attachments(complaint_id: int) -> QuerySet[Attachment]:
    """Return the files of a complaint that was asked for by its reader, oldest first."""
    return (
        Attachment.objects.select_related("document")
        .filter(complaint_id=complaint_id)
        .order_by("pk")
    )


def document(actor: Actor, complaint_id: int, sha256: str) -> Document:
    """Return a file of a complaint that the actor may read.

    Raises:
        NoSuchComplaint: there is none, or the complaint has no such file.
    """
    found = attachments(complaint(actor, complaint_id).pk).filter(document__sha256=sha256).first()
    if found is None:
        raise errors.NoSuchComplaint
    return found.document


def figures(actor: Actor, *, on: date) -> Figures:
    """Return how many complaints stand where."""
    counted = _readable(actor).aggregate(
        unanswered=Count("pk", filter=Q(state=State.RECEIVED)),
        late=Count("pk", filter=_late(on)),
        in_dispute=Count("pk", filter=Q(state=State.IN_DISPUTE)),
        ended=Count("pk", filter=Q(ended_at__isnull=False)),
    )
    return Figures(**counted)


def waiting(actor: Actor) -> int:
    """Return how many complaints the actor may read wait for somebody."""
    return _readable(actor).filter(state__in=OPEN).count()


def policy(manufacturer_id: int) -> Policy | None:
    """Return the manufacturer's own service levels, if it has set any."""
    return intake.policy_of(manufacturer_id)


def colleagues(manufacturer_id: int) -> tuple[tuple[int, str], ...]:
    """Return who can be given a complaint: id and name."""
    rows = organisations.people(manufacturer_id, [Role.AFTER_SALES])
    return tuple(rows.order_by("user__name").values_list("user_id", "user__name"))


def unfinished(manufacturer_id: int) -> QuerySet[Complaint]:
    """Return what waits for after-sales service; whose it is and what it says is for readers."""
    return Complaint.objects.filter(manufacturer_id=manufacturer_id, state__in=OPEN)


def of_owner(token: str) -> Sequence[OwnersComplaint]:
    """Return what the holder of a notice's link has complained of, newest first.

    Raises:
        NoSuchLink: the token is unknown, or its notice is not published yet.
    """
    action = intake.behind(token)
    to_owner = Message.objects.exclude(direction=INSIDE).order_by("pk")
    rows = (
        Complaint.objects.filter(
            vehicle_id=action.vehicle_id,
            release_id=action.campaign.release_id,
            channel=intake.WEB,
        )
        .prefetch_related(Prefetch("messages", to_owner))
        .order_by("-pk")
    )
    return [
        OwnersComplaint(
            row.pk,
            row.number,
            State(row.state),
            row.words,
            row.received_at,
            tuple(row.messages.all()),
        )
        for row in rows
    ]


def totals_seen_by(authority_id: int, *, search: str = "") -> QuerySet[Complaint, dict[str, Any]]:
    """Return, for SAMR, how many complaints each type has and how many are in dispute."""
    found = _seen_by(authority_id)
    if search:
        found = found.filter(
            Q(type__code__icontains=search) | Q(manufacturer__name__icontains=search)
        )
    return (
        found.values("manufacturer__name", "type_id", "type__code", "type__name")
        .annotate(
            complaints=Count("pk"),
            vehicles=Count("vehicle", distinct=True),
            unanswered=Count("pk", filter=Q(state=State.RECEIVED)),
            in_dispute=Count("pk", filter=Q(state=State.IN_DISPUTE)),
            settled=Count("pk", filter=Q(state=State.SETTLED)),
            first=Min("received_at"),
            last=Max("received_at"),
        )
        .order_by("-in_dispute", "-complaints", "type__code")
    )


def in_dispute(authority_id: int) -> QuerySet[Complaint]:
    """Return, for SAMR, the complaints in dispute; nothing for anybody else."""
    return _seen_by(authority_id).filter(state=State.IN_DISPUTE)


def disputes_seen_by(authority_id: int, *, type_id: int | None = None) -> Sequence[Dispute]:
    """Return, for SAMR, what owners and manufacturers do not agree on, longest first."""
    found = in_dispute(authority_id)
    if type_id is not None:
        found = found.filter(type=type_id)
    rows = found.select_related("manufacturer", "type", "function", "release")
    rows = rows.order_by("disputed_at", "pk")
    return [
        Dispute(
            number=row.number,
            manufacturer=row.manufacturer.name,
            type_code=row.type.code,
            type_name=row.type.name,
            function=row.function.name if row.function else {},
            category=Category(row.category),
            release=row.release.number if row.release and row.release.released_at else "",
            state=State(row.state),
            summary=row.public_summary,
            disputed_at=row.disputed_at or row.received_at,
        )
        for row in rows
    ]


def _seen_by(authority_id: int) -> QuerySet[Complaint]:
    samr = organisations.authority(Kind.SAMR)
    if samr is None or samr.pk != authority_id:
        return Complaint.objects.none()
    return Complaint.objects.exclude(state=State.TAKEN_BACK)


def _readable(actor: Actor) -> QuerySet[Complaint]:
    if actor.role not in READERS or actor.organisation_id is None:
        return Complaint.objects.none()
    return Complaint.objects.filter(manufacturer_id=actor.organisation_id)


def _late(on: date) -> Q:
    return Q(state=State.RECEIVED, answer_due_on__lt=on) | Q(
        state=State.IN_DISPUTE, settle_due_on__lt=on
    )
