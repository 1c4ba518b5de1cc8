"""What can be asked about findings and comparisons. Who asks comes first; nobody sees another's.

A manufacturer sees its own. An authority sees what was put before it, and types and comparisons of
the manufacturers that have filed something with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet

from roadworthy.domains.conformity import errors
from roadworthy.domains.conformity.models import Explanation, Finding, Referral, Snapshot
from roadworthy.domains.conformity.states import (
    BEFORE_AUTHORITIES,
    FINDING,
    REFERRAL,
    UNSETTLED,
    Act,
    ReferralAct,
    ReferralState,
    State,
)
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.errors import NoSuchType
from roadworthy.domains.vehicles.models import (
    InstalledSoftware,
    UnknownSoftware,
    Vehicle,
    VehicleType,
)

ORDERS: Final = {
    "age": "first_seen_at",
    "vehicles": "vehicles",
    "due": "explain_by",
    "version": "version",
    "state": "state",
}
_VIEWS = {
    "waiting": [State.REPORTED],
    "answered": [State.ANSWERED],
    "closed": [State.CLOSED],
}
_RELATED = ("manufacturer", "type", "ecu", "release")


@dataclass(frozen=True, slots=True)
class Detail:
    """A finding with all that was said about it."""

    finding: Finding
    explanations: Sequence[Explanation]  # newest first; the first may stand
    referrals: Sequence[Referral]
    running: int  # vehicles that run it now

    @property
    def explanation(self) -> Explanation | None:
        """The one that stands."""
        return next((one for one in self.explanations if one.undone_at is None), None)


def findings(
    manufacturer_id: int,
    *,
    search: str = "",
    kind: str = "",
    state: str = "",
    type_id: int | None = None,
    order: str = "age",
) -> QuerySet[Finding]:
    """Return a manufacturer's findings; ``order`` is one of ``ORDERS``, "-" before it reverses."""
    found = Finding.objects.select_related(*_RELATED).filter(manufacturer_id=manufacturer_id)
    return _narrow(found, search=search, kind=kind, state=state, type_id=type_id, order=order)


def before_authority(
    authority_id: int,
    *,
    view: str = "waiting",
    search: str = "",
    kind: str = "",
    order: str = "age",
) -> QuerySet[Finding]:
    """Return what was put before an authority and waits, was answered, or is settled by it."""
    mine = Referral.objects.filter(authority_id=authority_id)
    if view == "settled":
        mine = mine.filter(state=ReferralState.SETTLED)
    elif view in _VIEWS:
        mine = mine.filter(state=ReferralState.WAITING)
    found = Finding.objects.select_related(*_RELATED).filter(
        pk__in=mine.values("finding"), state__in=[str(state) for state in BEFORE_AUTHORITIES]
    )
    if view in _VIEWS:
        found = found.filter(state__in=_VIEWS[view])
    return _narrow(found, search=search, kind=kind, order=order)


def counts_before(authority_id: int) -> dict[str, int]:
    """Return how many findings wait for an authority, by state, and how many it has settled."""
    rows = (
        Referral.objects.filter(authority_id=authority_id)
        .order_by()
        .values_list("state", "finding__state")
        .annotate(Count("pk"))
    )
    found = {"waiting": 0, "answered": 0, "settled": 0}
    for referral, finding, count in rows:
        if referral == ReferralState.SETTLED:
            found["settled"] += count
        elif finding == State.ANSWERED:
            found["answered"] += count
        else:
            found["waiting"] += count
    return found


def own(manufacturer_id: int, finding_id: int) -> Detail:
    """Return one of the manufacturer's findings.

    Raises:
        NoSuchFinding: there is none, or it is another's.
    """
    return _detail(Finding.objects.filter(manufacturer_id=manufacturer_id), finding_id)


def addressed(authority_id: int, finding_id: int) -> Detail:
    """Return a finding that was put before the authority.

    Raises:
        NoSuchFinding: there is none, or it was not.
    """
    mine = Referral.objects.filter(authority_id=authority_id).values("finding")
    states = [str(state) for state in BEFORE_AUTHORITIES]
    return _detail(Finding.objects.filter(pk__in=mine, state__in=states), finding_id)


def available(finding: Finding, role: Role) -> tuple[Act, ...]:
    """Return what a role can do with a finding now: a page's buttons."""
    return tuple(dict.fromkeys(FINDING.available(State(finding.state), role)))


def available_to(referral: Referral, role: Role) -> tuple[ReferralAct, ...]:
    """Return what a reviewer can do with their authority's copy."""
    return tuple(REFERRAL.available(ReferralState(referral.state), role))


def unsettled(manufacturer_id: int) -> int:
    """Count the findings that nobody has explained."""
    states = [str(state) for state in UNSETTLED]
    return Finding.objects.filter(manufacturer_id=manufacturer_id, state__in=states).count()


def seen_on(finding: Finding) -> QuerySet[UnknownSoftware]:
    """Return the vehicles that have reported what a finding is about, first seen first."""
    found = UnknownSoftware.objects.select_related("vehicle").filter(
        vehicle__manufacturer_id=finding.manufacturer_id,
        vehicle__type=finding.type,
        version=finding.version,
    )
    found = found.filter(ecu__isnull=True) if finding.ecu is None else found.filter(ecu=finding.ecu)
    return found.order_by("first_seen_at", "pk")


def snapshots(manufacturer_id: int) -> QuerySet[Snapshot]:
    """Return a manufacturer's comparisons, newest first."""
    return (
        Snapshot.objects.select_related("release", "campaign", "manufacturer")
        .filter(manufacturer_id=manufacturer_id)
        .defer("content")
        .order_by("-pk")
    )


def snapshot(manufacturer_id: int, snapshot_id: int) -> Snapshot:
    """Return one comparison.

    Raises:
        NoSuchSnapshot: there is none, or it is another's.
    """
    return _snapshot(snapshots(manufacturer_id), snapshot_id)


def supervised(authority_id: int) -> QuerySet[Organisation]:
    """Return the manufacturers that have submitted something to an authority."""
    submitted = Filing.objects.filter(authority_id=authority_id, submitted_at__isnull=False)
    return Organisation.objects.filter(pk__in=submitted.values("manufacturer"))


def supervised_snapshots(authority_id: int) -> QuerySet[Snapshot]:
    """Return the comparisons that an authority may see, newest first."""
    return (
        Snapshot.objects.select_related("release", "campaign", "manufacturer")
        .filter(manufacturer__in=supervised(authority_id))
        .defer("content")
        .order_by("-pk")
    )


def supervised_snapshot(authority_id: int, snapshot_id: int) -> Snapshot:
    """Return one comparison that an authority may see.

    Raises:
        NoSuchSnapshot: there is none, or it may not.
    """
    return _snapshot(supervised_snapshots(authority_id), snapshot_id)


def supervised_types(authority_id: int, *, search: str = "") -> QuerySet[VehicleType]:
    """Return the types that an authority may see, by manufacturer and code."""
    found = VehicleType.objects.select_related("manufacturer").filter(
        manufacturer__in=supervised(authority_id)
    )
    if search:
        found = found.filter(
            Q(code__icontains=search)
            | Q(name__icontains=search)
            | Q(approval_number__icontains=search)
            | Q(manufacturer__slug__icontains=search)
        )
    return found.order_by("manufacturer__slug", "code")


def supervised_type(authority_id: int, type_id: int) -> VehicleType:
    """Return one type that an authority may see.

    Raises:
        NoSuchType: there is none, or it may not.
    """
    found = supervised_types(authority_id).filter(pk=type_id).first()
    if found is None:
        raise NoSuchType
    return found


def supervised_vehicle(authority_id: int, vin: str) -> Vehicle:
    """Return the vehicle of a VIN, if its manufacturer has filed with the authority.

    Raises:
        NoSuchVin: none is registered, or its manufacturer has not.
    """
    found = (
        Vehicle.objects.select_related("type", "manufacturer")
        .filter(
            vin=vin.strip().upper(),
            type__isnull=False,
            manufacturer__in=supervised(authority_id),
        )
        .order_by("pk")
        .first()
    )
    if found is None:
        raise errors.NoSuchVin
    return found


def _narrow(
    found: QuerySet[Finding],
    *,
    search: str = "",
    kind: str = "",
    state: str = "",
    type_id: int | None = None,
    order: str = "age",
) -> QuerySet[Finding]:
    if search:
        found = found.filter(
            Q(version__icontains=search)
            | Q(ecu__name__icontains=search)
            | Q(type__code__icontains=search)
            | Q(release__number__icontains=search)
            | Q(manufacturer__slug__icontains=search)
        )
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    if type_id is not None:
        found = found.filter(type_id=type_id)
    minus = "-" if order.startswith("-") else ""
    return found.order_by(minus + ORDERS.get(order.removeprefix("-"), "first_seen_at"), "pk")


def _detail(found: QuerySet[Finding], finding_id: int) -> Detail:
    finding = (
        found.select_related(*_RELATED, "first_vehicle", "first_vehicle__type")
        .filter(pk=finding_id)
        .first()
    )
    if finding is None:
        raise errors.NoSuchFinding
    running = 0
    if finding.ecu_id is not None and finding.version:
        running = InstalledSoftware.objects.filter(
            ecu_id=finding.ecu_id, version=finding.version
        ).count()
    return Detail(
        finding=finding,
        explanations=tuple(
            Explanation.objects.select_related("by").filter(finding=finding).order_by("-pk")
        ),
        referrals=tuple(
            Referral.objects.select_related("authority").filter(finding=finding).order_by("pk")
        ),
        running=running,
    )


def _snapshot(found: QuerySet[Snapshot], snapshot_id: int) -> Snapshot:
    one = found.filter(pk=snapshot_id).first()
    if one is None:
        raise errors.NoSuchSnapshot
    return one
