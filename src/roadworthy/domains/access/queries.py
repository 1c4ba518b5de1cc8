"""What can be asked about approvals and applications; the manufacturer always comes first.

An approval is public, its application never is: only its manufacturer reads that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from roadworthy.domains.access.errors import NoSuchApplication, NoSuchApproval, NoSuchCondition
from roadworthy.domains.access.models import (
    Application,
    Approval,
    ApprovalVersion,
    Condition,
    Report,
)
from roadworthy.domains.access.states import Standing, State
from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.models import Report as HandedOver
from roadworthy.domains.vehicles.models import Ecu, VehicleType

_RELATED = ("manufacturer", "authority", "type")
_STANDING = {
    State.IN_FORCE: Standing.APPROVED,
    State.SUSPENDED: Standing.SUSPENDED,
    State.REVOKED: Standing.REVOKED,
    State.WITHDRAWN: Standing.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Current:
    """What is approved of a type now, or what was entered with it.

    ``content`` is as in ``content.py``: members "type", "parameters", "functions", "ecus",
    "ota", "recorder", "management", "evidence". Of an entered type some are missing.
    """

    type_id: int
    standing: Standing
    approval_number: str
    version: int  # 0: entered
    in_force_from: date
    content: Mapping[str, Any]


def approvals(manufacturer_id: int) -> QuerySet[Approval]:
    """Return a manufacturer's approvals, newest first, each with its newest ``version``."""
    return _versioned(Approval.objects.filter(manufacturer_id=manufacturer_id))


def of_authority(authority_id: int) -> QuerySet[Approval]:
    """Return the approvals that an authority granted, newest first."""
    return _versioned(Approval.objects.filter(authority_id=authority_id))


def published() -> QuerySet[Approval]:
    """Return every approval: that one exists, and how it stands, is public."""
    return _versioned(Approval.objects.all())


def approval(manufacturer_id: int, number: str) -> Approval:
    """Return a manufacturer's approval.

    Raises:
        NoSuchApproval: there is none, or it is another's.
    """
    return _one(approvals(manufacturer_id).filter(number=number))


def one(number: str) -> Approval:
    """Return an approval by its number alone: an authority reads those of every manufacturer.

    Raises:
        NoSuchApproval: there is none.
    """
    return _one(published().filter(number=number))


def granted(authority_id: int, number: str) -> Approval:
    """Return an approval that the authority granted.

    Raises:
        NoSuchApproval: there is none, or another authority granted it.
    """
    return _one(of_authority(authority_id).filter(number=number))


def public_approval(slug: str, number: str) -> Approval:
    """Return an approval by its manufacturer's public name and its number.

    Raises:
        NoSuchApproval: there is none.
    """
    return _one(published().filter(manufacturer__slug=slug, number=number))


def versions(approval_id: int) -> QuerySet[ApprovalVersion]:
    """Return what an approval said, newest first."""
    return ApprovalVersion.objects.filter(approval_id=approval_id).order_by("-version")


def version(approval_id: int, number: int) -> ApprovalVersion:
    """Return what an approval said in one version.

    Raises:
        NoSuchApproval: it has no such version.
    """
    found = versions(approval_id).filter(version=number).first()
    if found is None:
        raise NoSuchApproval
    return found


def conditions(approval_id: int) -> QuerySet[Condition]:
    """Return the conditions of an approval in their order."""
    return (
        Condition.objects.select_related("fulfilled_by", "document")
        .filter(approval_id=approval_id)
        .order_by("id")
    )


def open_conditions(manufacturer_id: int) -> QuerySet[Condition]:
    """Return what is still to be done for a manufacturer's approvals, dated ones first."""
    return (
        Condition.objects.select_related("approval")
        .filter(
            approval__manufacturer_id=manufacturer_id,
            approval__state__in=[State.IN_FORCE, State.SUSPENDED],
            fulfilled_at__isnull=True,
        )
        .order_by("due_on", "id")
    )


def standing(type_ids: Iterable[int]) -> Mapping[int, Standing]:
    """Return how each type stands; one that nobody approved here was entered with its number."""
    ids = list(type_ids)
    changed = ApprovalVersion.objects.filter(approval=OuterRef("pk"), version__gt=0)
    rows = Approval.objects.filter(type__in=ids).annotate(checked=Exists(changed))
    found = {
        type_id: _stands(State(state), checked=checked)
        for type_id, state, checked in rows.values_list("type_id", "state", "checked")
    }
    return {type_id: found.get(type_id, Standing.ENTERED) for type_id in ids}


def numbers(type_ids: Iterable[int]) -> Mapping[int, str]:
    """Return the approval numbers of those types that were approved here."""
    found = Approval.objects.filter(type__in=list(type_ids))
    return dict(found.values_list("type_id", "number"))


def not_in_force(types: Iterable[VehicleType]) -> tuple[Approval, ...]:
    """Return those approvals of some types that are suspended, revoked or given back."""
    found = Approval.objects.filter(type__in=[one.pk for one in types])
    return tuple(found.exclude(state=State.IN_FORCE).order_by("number"))


def current(type_id: int) -> Current | None:
    """Return what is approved of a type now; None if no such type is registered."""
    return currents([type_id]).get(type_id)


def currents(type_ids: Iterable[int]) -> Mapping[int, Current]:
    """Return what is approved of each of the types that are registered, in three queries."""
    types = {one.pk: one for one in VehicleType.objects.filter(pk__in=list(type_ids))}
    newest = (
        ApprovalVersion.objects.select_related("approval")
        .filter(approval__type__in=types)
        .order_by("approval_id", "-version")
        .distinct("approval_id")
    )
    found = {row.approval.type_id: _approved(row) for row in newest}
    ecus: dict[int, list[Ecu]] = {}
    for ecu in Ecu.objects.filter(type__in=types.keys() - found.keys()).order_by("id"):
        ecus.setdefault(ecu.type_id, []).append(ecu)
    return {
        type_id: found.get(type_id) or _entered(one, ecus.get(type_id, ()))
        for type_id, one in types.items()
    }


def applications(manufacturer_id: int) -> QuerySet[Application]:
    """Return a manufacturer's applications, newest first."""
    return (
        Application.objects.select_related("approval", "release", "saved_by")
        .filter(manufacturer_id=manufacturer_id)
        .order_by("-id")
    )


def application(manufacturer_id: int, application_id: int) -> Application:
    """Return one application.

    Raises:
        NoSuchApplication: there is none, or it is another manufacturer's.
    """
    found = applications(manufacturer_id).filter(pk=application_id).first()
    if found is None:
        raise NoSuchApplication
    return found


def reports(application_id: int) -> QuerySet[Report]:
    """Return the documents of an application, oldest first."""
    return (
        Report.objects.select_related("institution")
        .filter(application_id=application_id)
        .order_by("id")
    )


def searched(found: QuerySet[Approval], *, search: str = "", state: str = "") -> QuerySet[Approval]:
    """Narrow approvals to a number, a type or a manufacturer, and to a state."""
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(type__code__icontains=search)
            | Q(type__name__icontains=search)
            | Q(manufacturer__name__icontains=search)
        )
    return found.filter(state=state) if state else found


def open_applications(manufacturer_id: int) -> QuerySet[Application]:
    """Return the applications that are being written, newest first."""
    return applications(manufacturer_id).filter(closed_at__isnull=True)


def applications_for(report: HandedOver) -> QuerySet[Application]:
    """Return the open applications that do not have a test report yet; its own type's first."""
    return (
        open_applications(report.manufacturer_id)
        .exclude(pk__in=Report.objects.filter(envelope=report.envelope).values("application"))
        .annotate(is_other=~Q(code=report.type_code))
        .order_by("is_other", "code")
    )


def condition(approval_id: int, key: str) -> Condition:
    """Return one condition of an approval.

    Raises:
        NoSuchCondition: it has none of that key.
    """
    found = conditions(approval_id).filter(key=key).first()
    if found is None:
        raise NoSuchCondition
    return found


def releases_to_change(approval: Approval) -> tuple[str, ...]:
    """Return the numbers of the frozen and signed releases of an approval's type."""
    found = Release.objects.filter(types=approval.type_id, state__in=["frozen", "signed"])
    return tuple(found.order_by("-id").values_list("number", flat=True))


def institutions(application_id: int) -> Mapping[str, Mapping[str, str]]:
    """Return the names of the institutions that signed for an application, by their slugs."""
    return {
        report.institution.slug: report.institution.name
        for report in reports(application_id)
        if report.institution
    }


def names_in(content: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """Return the names of the institutions that a content knows by their slugs."""
    slugs = {one["institution"] for one in content.get("evidence", ()) if one["institution"]}
    return dict(Organisation.objects.filter(slug__in=slugs).values_list("slug", "name"))


def name_of(user_id: int) -> str:
    """Return the name by which colleagues know a person."""
    return str(User.objects.values_list("name", flat=True).get(pk=user_id))


def _versioned(found: QuerySet[Approval]) -> QuerySet[Approval]:
    newest = (
        ApprovalVersion.objects.filter(approval=OuterRef("pk"))
        .order_by()
        .values("approval")
        .annotate(newest=Max("version"))
        .values("newest")
    )
    return found.select_related(*_RELATED).annotate(version=Subquery(newest)).order_by("-id")


def _one(found: QuerySet[Approval]) -> Approval:
    one = found.first()
    if one is None:
        raise NoSuchApproval
    return one


def _stands(state: State, *, checked: bool) -> Standing:
    """Say how a type stands; what was only taken over and is in force was entered, not checked."""
    return Standing.ENTERED if state == State.IN_FORCE and not checked else _STANDING[state]


def _approved(row: ApprovalVersion) -> Current:
    return Current(
        type_id=row.approval.type_id,
        standing=_stands(State(row.approval.state), checked=row.version > 0),
        approval_number=row.approval.number,
        version=row.version,
        in_force_from=row.in_force_from,
        content=row.content,
    )


def _entered(one: VehicleType, ecus: Sequence[Ecu]) -> Current:
    return Current(
        type_id=one.pk,
        standing=Standing.ENTERED,
        approval_number=one.approval_number,
        version=0,
        in_force_from=one.approved_on,
        content={
            "type": {
                "code": one.code,
                "name": one.name,
                "automation_level": one.automation_level,
            },
            "parameters": one.parameters,
            "functions": [],
            "ecus": [
                {
                    "name": ecu.name,
                    "address": ecu.address,
                    "sub_address": ecu.sub_address,
                    "hardware_id": ecu.hardware_id,
                    "approval_relevant": ecu.approval_relevant,
                    "versions": [],
                }
                for ecu in ecus
            ],
        },
    )
