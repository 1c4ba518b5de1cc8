"""What an export rests on: the company's own statements, its group, its security assessments."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import counters, counting, countries, errors, records
from roadworthy.domains.processing.models import Assessment, Group, Item, Profile, Recipient
from roadworthy.domains.processing.states import AssessmentState, Purpose

_CODE_BYTES = 9


@dataclass(frozen=True, slots=True)
class Statement:
    """What a company says about itself."""

    critical_infrastructure: bool | None
    responsible: str = ""
    user_contact: str = ""
    province: str = ""
    protection: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the authority's assessment covers."""

    number: str
    state: AssessmentState
    persons: int
    purposes: Sequence[Purpose] = ()
    item_codes: Sequence[str] = ()
    recipient_ids: Sequence[int] = ()
    countries: Sequence[str] = ()
    covers_remote_access: bool = False
    result_on: date | None = None
    expires_on: date | None = None


@transaction.atomic(durable=True)
def state(*, statement: Statement, actor: Actor, at: datetime) -> Profile:
    """Write down what the company says about itself.

    Raises:
        NotAMember, WrongRole.
    """
    by = records.writer(actor, action="state")
    row, _new = Profile.objects.select_for_update(no_key=True).update_or_create(
        manufacturer_id=records.mine(actor),
        defaults={
            "critical_infrastructure": statement.critical_infrastructure,
            "responsible": statement.responsible.strip(),
            "user_contact": statement.user_contact.strip(),
            "province": statement.province.strip(),
            "protection": dict(statement.protection or {}),
            "changed_at": at,
        },
    )
    data = {"critical_infrastructure": statement.critical_infrastructure}
    records.log("data-profile:stated", f"data-profile/{row.pk}", by, at, data)
    return row


@transaction.atomic(durable=True)
def form_group(*, name: str, actor: Actor, at: datetime) -> Group:
    """Form a group whose exports are counted together; its code lets other companies join.

    Raises:
        NotAMember, WrongRole.
        NameMissing: the group has no name.
    """
    by = records.writer(actor, action="form", roles=(Role.COMPLIANCE_OFFICER,))
    if not name.strip():
        raise errors.NameMissing
    group = Group.objects.create(
        name=name.strip(), code=secrets.token_urlsafe(_CODE_BYTES), formed_at=at
    )
    _enter(group, actor, at)
    records.log("data-group:formed", f"data-group/{group.pk}", by, at, {})
    return group


@transaction.atomic(durable=True)
def join_group(*, code: str, actor: Actor, at: datetime) -> Group:
    """Join a group; from now on exports are counted with it, for this year from its counters.

    Raises:
        NotAMember, WrongRole.
        NoSuchGroup: no group has that code.
        InAGroup: the company is in one already.
    """
    by = records.writer(actor, action="join", roles=(Role.COMPLIANCE_OFFICER,))
    group = Group.objects.filter(code=code.strip()).first()
    if group is None:
        raise errors.NoSuchGroup
    _enter(group, actor, at)
    records.log("data-group:joined", f"data-group/{group.pk}", by, at, {})
    return group


@transaction.atomic(durable=True)
def enter_assessment(*, assessed: Assessed, actor: Actor, at: datetime) -> Assessment:
    """Enter a security assessment with all that it covers.

    Raises:
        NotAMember, WrongRole, NoSuchItem, NoSuchRecipient, NoSuchCountry.
        AssessmentTaken: it is entered already.
    """
    by = records.writer(actor, action="enter")
    mine = records.mine(actor)
    items = list(Item.objects.filter(manufacturer_id=mine, code__in=assessed.item_codes))
    if len(items) != len(set(assessed.item_codes)):
        raise errors.NoSuchItem
    found = list(Recipient.objects.filter(manufacturer_id=mine, pk__in=assessed.recipient_ids))
    if len(found) != len(set(assessed.recipient_ids)):
        raise errors.NoSuchRecipient
    try:
        with transaction.atomic():
            made = Assessment.objects.create(
                manufacturer_id=mine,
                number=assessed.number.strip(),
                state=assessed.state,
                result_on=assessed.result_on,
                expires_on=assessed.expires_on,
                purposes=sorted(map(str, assessed.purposes)),
                countries=countries.all_checked(assessed.countries),
                covers_remote_access=assessed.covers_remote_access,
                persons=assessed.persons,
                entered_at=at,
            )
    except IntegrityError:
        raise errors.AssessmentTaken(number=assessed.number) from None
    made.items.set(items)
    made.recipients.set(found)
    data = {"number": made.number, "state": made.state, "persons": made.persons}
    records.log("export-assessment:entered", f"export-assessment/{made.pk}", by, at, data)
    return made


def _enter(group: Group, actor: Actor, at: datetime) -> None:
    mine = records.mine(actor)
    if Profile.objects.filter(manufacturer_id=mine, group__isnull=False).exists():
        raise errors.InAGroup
    counting.add_to(f"group/{group.pk}", counters.party_of(mine), at=at)
    Profile.objects.select_for_update(no_key=True).update_or_create(
        manufacturer_id=mine, defaults={"group": group, "changed_at": at}
    )
