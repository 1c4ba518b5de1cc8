"""One product before both authorities: everything that happened to one vehicle type, in one line.

* What is public is the same for both. What lies before one authority is shown to the other where
  the sharing data shares it, and not at all otherwise: default deny, in the query itself.
* Of the other's matter the line shows the head; ``services.look`` opens it.
* One question to the database however long the story is: each source gives rows of the same shape,
  and the database unites, orders and pages them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from roadworthy.domains.aftersales import queries as complaints
from roadworthy.domains.conformity import queries as conformity
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.sharing.elements import KIND_OF, SOURCES, Asked, Source
from roadworthy.domains.sharing.policy import OTHER, Matter, policy
from roadworthy.domains.sharing.queries import starts
from roadworthy.domains.vehicles.models import VehicleType


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What of a case is wanted. ``whose`` is "ours", "theirs" or "public"; days are inclusive."""

    search: str = ""
    kind: str = ""
    whose: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """One line. ``owner_id`` None: public; ``is_ours`` says whose page shows it."""

    source: str
    id: int
    at: datetime
    owner_id: int | None
    is_ours: bool
    number: str
    state: str
    detail: str  # kind of a filing, series of a report, version of an approval

    @property
    def is_to_be_opened(self) -> bool:
        """Say whether it is the other authority's: its content needs a purpose.

        What the other authority itself told us of, from its own deployment, needs none.
        """
        told = self.source == Source.OTHER_DECISION
        return self.owner_id is not None and not self.is_ours and not told


@dataclass(frozen=True, slots=True)
class Case:
    """A product and what the reader may see of it."""

    type: VehicleType
    other: Organisation | None  # the authority whose matters are shared with the reader
    elements: QuerySet[Any, Any]
    complaints: Mapping[str, Any] | None  # counts, for whose they are
    opens_complaints: bool  # they are the other's, and may be opened

    def shown(self, rows: Sequence[tuple[Any, ...]], authority_id: int) -> Iterator[Element]:
        """Return rows of ``elements`` as elements."""
        for source, row, at, owner, name, stands, more in rows:
            yield Element(source, row, at, owner, owner == authority_id, name, stands, more)


def products(authority_id: int, *, search: str = "") -> QuerySet[VehicleType]:
    """Return the types whose case an authority may see, by manufacturer and code."""
    return conformity.supervised_types(authority_id, search=search)


def case(
    authority_id: int,
    type_id: int,
    *,
    on: date,
    narrowed: Narrowed = Narrowed(),
    sort: str = "-at",
) -> Case:
    """Return a product's case as one authority may see it on a day; newest first unless told.

    Raises:
        NoSuchType: there is none, or the authority may not see it.
    """
    found = conformity.supervised_type(authority_id, type_id)
    return of_type(authority_id, found, on=on, narrowed=narrowed, sort=sort)


def of_type(
    authority_id: int,
    found: VehicleType,
    *,
    on: date,
    narrowed: Narrowed = Narrowed(),
    sort: str = "-at",
) -> Case:
    """Return the case of a type that the authority may see: it was found for that authority."""
    other = _other(authority_id)
    asked = Asked(found, authority_id, other.pk if other else None, _shared(other, on))
    rows = [
        _narrow(one(asked), narrowed, asked)
        for source, one in SOURCES.items()
        if not narrowed.kind or KIND_OF[source] == narrowed.kind
    ]
    united = rows[0].union(*rows[1:], all=True)
    order = "e_at" if sort == "at" else "-e_at"
    counted = complaints.totals_seen_by(authority_id).filter(type=found.pk).first()
    return Case(
        type=found,
        other=other,
        elements=united.order_by(order, "e_source", "-e_row"),
        complaints=counted,
        opens_complaints=Matter.COMPLAINTS in asked.shared,
    )


def _other(authority_id: int) -> Organisation | None:
    """Return the other of the deployment's two authorities, if the reader is one of them."""
    for kind, other in OTHER.items():
        found = organisations.authority(kind)
        if found is not None and found.pk == authority_id:
            return organisations.authority(other)
    return None


def _shared(other: Organisation | None, on: date) -> frozenset[str]:
    if other is None:
        return frozenset()
    of = Party(other.kind)
    return frozenset(one.matter for one in policy().grants if one.of == of and one.holds(on))


def _narrow(found: QuerySet[Any, Any], to: Narrowed, asked: Asked) -> QuerySet[Any, Any]:
    if to.search:
        found = found.filter(e_number__icontains=to.search)
    if to.since:
        found = found.filter(e_at__gte=starts(to.since))
    if to.until:
        found = found.filter(e_at__lt=starts(to.until + timedelta(days=1)))
    return found.filter(_of(to.whose, asked)) if to.whose else found


def _of(whose: str, asked: Asked) -> Q:
    if whose == "public":
        return Q(e_owner__isnull=True)
    return Q(e_owner=asked.mine if whose == "ours" else asked.other or 0)
