"""Notices that came back: each is written down, followed up, and sent again where that is possible.

* A notice that came back reached nobody: it is taken off what was sent when it is sent again, and
  its row stays whatever becomes of it.
* E-mail and text messages are queued again; a letter is posted again by a person, with a proof.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.recalls import records
from roadworthy.domains.recalls.models import RecallPlan
from roadworthy.domains.remedies import answering, counting, errors, rights
from roadworthy.domains.remedies.models import Contact, FollowUp, Mailing, OwnerNotice, Returned
from roadworthy.domains.remedies.states import Channel, Figure, Reason
from roadworthy.domains.vehicles.models import Vehicle

_LONGEST_REASON: Final = 200
_ADDRESS: Final = {Channel.LETTER: "address", Channel.EMAIL: "email", Channel.SMS: "phone"}


@transaction.atomic(durable=True)
def record_bounce(
    *, mailing_id: int, vehicle_id: int, reason: str, actor: Actor, at: datetime
) -> Returned:
    """Write down that a notice came back; the vehicle is to be followed up.

    Raises:
        NoSuchMailing: there is none.
        NoticeNotSent: no such notice was sent, or it came back before.
        NoSuchPlan, NotAMember, NotYourTask, NotInForce.
    """
    mailing = Mailing.objects.filter(pk=mailing_id).first()
    if mailing is None:
        raise errors.NoSuchMailing
    plan, by = rights.plan_in_force(mailing.plan_id, actor, rights.REPORTS)
    made = came_back(plan, mailing, vehicle_id, reason, at)
    records.log_plan("recall:notice:bounced", plan, by, at, channel=mailing.channel)
    return made


@transaction.atomic(durable=True)
def record_returned(
    *, plan_id: int, vin: str, channel: str, reason: str, actor: Actor, at: datetime
) -> Returned:
    """Do what ``record_bounce`` does, for who holds a returned letter: by VIN and channel.

    Raises:
        NoSuchPlan, NotAMember, NotYourTask, NotInForce, NotInScope, NoticeNotSent.
    """
    plan, by = rights.plan_in_force(plan_id, actor, rights.REPORTS)
    vehicle = Vehicle.objects.filter(manufacturer_id=plan.manufacturer_id, vin=vin).first()
    if vehicle is None:
        raise errors.NotInScope
    mailing = _mailing(plan, channel)
    made = came_back(plan, mailing, vehicle.pk, reason, at)
    records.log_plan("recall:notice:bounced", plan, by, at, channel=mailing.channel)
    return made


@transaction.atomic(durable=True)
def send_again(
    *, returned_id: int, address: str, proof: str = "", actor: Actor, at: datetime
) -> Returned:
    """Send a notice again to another address; the letter with the proof of its second posting.

    Raises:
        NotReturned: nothing has that id, or it was sent again already.
        NoSuchPlan, NotAMember, NotYourTask, NotInForce.
        AddressMissing, ProofMissing.
    """
    row = (
        Returned.objects.select_for_update(no_key=True, of=("self",))
        .select_related("mailing")
        .filter(pk=returned_id, again_at__isnull=True)
        .first()
    )
    if row is None:
        raise errors.NotReturned
    mailing = row.mailing
    plan, by = rights.plan_in_force(mailing.plan_id, actor, rights.REPORTS)
    channel = Channel(mailing.channel)
    is_letter = channel == Channel.LETTER
    if not address.strip():
        raise errors.AddressMissing
    if is_letter and not proof.strip():
        raise errors.ProofMissing
    Contact.objects.filter(vehicle_id=row.vehicle_id).update(
        **{_ADDRESS[channel]: address.strip()}, updated_at=at
    )
    sent = {"tried_at": at, "sent_at": at, "proof": proof.strip()[:120]}
    OwnerNotice.objects.filter(mailing=mailing, vehicle_id=row.vehicle_id).update(
        bounced_at=None,
        bounce_reason="",
        **(sent if is_letter else {"tried_at": None, "sent_at": None, "proof": ""}),
    )
    row.again_at = at
    row.save(update_fields=["again_at"])
    _count_again(plan, mailing, row, at, is_sent=is_letter)
    records.log_plan("recall:notice:sent-again", plan, by, at, channel=mailing.channel)
    return row


def came_back(
    plan: RecallPlan, mailing: Mailing, vehicle_id: int, reason: str, at: datetime
) -> Returned:
    """Write one down inside the caller's transaction.

    Raises:
        NoticeNotSent: no such notice was sent, or it came back before.
    """
    notice = (
        OwnerNotice.objects.select_for_update(of=("self",))
        .filter(
            mailing_id=mailing.pk,
            vehicle_id=vehicle_id,
            sent_at__isnull=False,
            bounced_at__isnull=True,
        )
        .first()
    )
    if notice is None or notice.sent_at is None:
        raise errors.NoticeNotSent
    said = reason.strip()[:_LONGEST_REASON]
    OwnerNotice.objects.filter(mailing_id=mailing.pk, vehicle_id=vehicle_id).update(
        bounced_at=at, bounce_reason=said
    )
    Mailing.objects.filter(pk=mailing.pk).update(bounced=F("bounced") + 1)
    begun = answering.follow_up(plan.recall_id, vehicle_id, Reason.BOUNCED, at)
    counting.add(plan.recall_id, {Figure.BOUNCED: 1, Figure.FOLLOW_UP: begun}, at)
    return Returned.objects.create(
        recall_id=plan.recall_id,
        vehicle_id=vehicle_id,
        mailing=mailing,
        reason=said,
        sent_at=notice.sent_at,
        proof=notice.proof,
        at=at,
    )


def _mailing(plan: RecallPlan, channel: str) -> Mailing:
    """Return the newest mailing of a recall by a channel, of any version of its plan."""
    versions = RecallPlan.objects.filter(
        manufacturer_id=plan.manufacturer_id, number=plan.number
    ).values("pk")
    found = Mailing.objects.filter(plan__in=versions, channel=channel).order_by("-pk").first()
    if found is None:
        raise errors.NoticeNotSent
    return found


def _count_again(
    plan: RecallPlan, mailing: Mailing, row: Returned, at: datetime, *, is_sent: bool
) -> None:
    """Take back what the notice was counted as; what is queued again counts when it is sent."""
    Mailing.objects.filter(pk=mailing.pk).update(
        bounced=F("bounced") - 1, **({} if is_sent else {"sent": F("sent") - 1})
    )
    still = Returned.objects.filter(
        recall_id=plan.recall_id, vehicle_id=row.vehicle_id, again_at__isnull=True
    ).exists()
    ended = 0
    if not still:
        ended = FollowUp.objects.filter(
            recall_id=plan.recall_id,
            vehicle_id=row.vehicle_id,
            reason=Reason.BOUNCED,
            ended_at__isnull=True,
        ).update(ended_at=at)
    counts = {Figure.BOUNCED: -1, Figure.FOLLOW_UP: -ended}
    if not is_sent:
        counts[Figure.SENT] = -1
    counting.add(plan.recall_id, counts, at)
