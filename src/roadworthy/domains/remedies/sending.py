"""Hand queued notices out to be sent, and keep what became of each.

A notice is taken up in one transaction and reported in another: if the sender dies in between, its
end is not known, and it is not sent a second time by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.recalls import records
from roadworthy.domains.recalls.states import IN_FORCE
from roadworthy.domains.remedies import counting, telling
from roadworthy.domains.remedies.models import Contact, Mailing, OwnerNotice
from roadworthy.domains.remedies.states import Channel, Figure


@dataclass(frozen=True, slots=True)
class ToSend:
    """One notice and whom it goes to."""

    mailing_id: int
    vehicle_id: int
    plan_id: int
    content: Mapping[str, Any]
    language: str
    vin: str
    name: str
    email: str
    phone: str


@transaction.atomic(durable=True)
def take_up(*, channel: Channel, most: int, at: datetime) -> Sequence[ToSend]:
    """Take queued notices of a channel, and mark them as tried."""
    mailing = (
        Mailing.objects.filter(channel=channel, queued__gt=F("sent"), plan__state__in=IN_FORCE)
        .filter(pk__in=OwnerNotice.objects.filter(sent_at=None, tried_at=None).values("mailing_id"))
        .order_by("pk")
        .first()
    )
    if mailing is None:
        return ()
    waiting = list(
        OwnerNotice.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("vehicle")
        .filter(mailing=mailing, sent_at=None, tried_at=None)
        .order_by("vehicle_id")[:most]
    )
    ids = [one.vehicle_id for one in waiting]
    OwnerNotice.objects.filter(mailing=mailing, vehicle_id__in=ids).update(tried_at=at)
    contacts = Contact.objects.in_bulk(ids)
    return [_to_send(mailing, one, contacts.get(one.vehicle_id)) for one in waiting]


@transaction.atomic(durable=True)
def sent(*, one: ToSend, proof: str, at: datetime) -> None:
    """Write down that a notice was taken by who carries it, and what proves that."""
    changed = OwnerNotice.objects.filter(
        mailing_id=one.mailing_id, vehicle_id=one.vehicle_id, sent_at=None
    ).update(sent_at=at, proof=proof[:120])
    if not changed:
        return
    Mailing.objects.filter(pk=one.mailing_id).update(sent=F("sent") + 1)
    mailing = Mailing.objects.get(pk=one.mailing_id)
    plan, _ = records.locked_plan(one.plan_id, PLATFORM)
    counting.add(plan.recall_id, {Figure.SENT: 1}, at)
    telling.note_all_told(plan, mailing, at)


@transaction.atomic(durable=True)
def not_taken(*, one: ToSend) -> None:
    """Put a notice back: it was certainly not taken, and is tried again."""
    OwnerNotice.objects.filter(
        mailing_id=one.mailing_id, vehicle_id=one.vehicle_id, sent_at=None
    ).update(tried_at=None)


def _to_send(mailing: Mailing, one: OwnerNotice, contact: Contact | None) -> ToSend:
    return ToSend(
        mailing_id=mailing.pk,
        vehicle_id=one.vehicle_id,
        plan_id=mailing.plan_id,
        content=mailing.content,
        language=one.language,
        vin=one.vehicle.vin or "",
        name=contact.name if contact else "",
        email=contact.email if contact else "",
        phone=contact.phone if contact else "",
    )
