"""Tell the owners: order a mailing, queue it for every vehicle, write down what was sent.

What an owner must be told stands in the plan (REG626 18, IMP176 26): the defect, what to do until
it is removed, the remedy, that it is free of charge, the hotline. The words are frozen when the
mailing is ordered; a changed plan is told anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, connection, transaction

from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import records, running
from roadworthy.domains.recalls.models import RecallPlan
from roadworthy.domains.remedies import counting, errors, rights
from roadworthy.domains.remedies.models import Mailing
from roadworthy.domains.remedies.states import Channel, Figure, Reason
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest

LANGUAGES: Final = ("zh-hans", "en")
FIELDS: Final = ("defect", "consequence", "emergency_advice", "remedy")
NEEDED: Final = ("defect", "emergency_advice", "remedy")  # REG626 18
# An owner is reached by a channel if its address is not empty. On the vehicle's own screen the
# notice of the update's campaign stands.
_REACHED: Final[Mapping[Channel, str]] = {
    Channel.LETTER: "contact.address <> ''",
    Channel.EMAIL: "contact.email <> ''",
    Channel.SMS: "contact.phone <> ''",
}
_QUEUE: Final = """
INSERT INTO remedies_ownernotice
    (mailing_id, vehicle_id, language, proof, bounce_reason)
SELECT %s, scope.vehicle_id, coalesce(contact.language, 'zh-hans'), '', ''
FROM recalls_inscope scope
LEFT JOIN remedies_contact contact ON contact.vehicle_id = scope.vehicle_id
WHERE scope.plan_id = %s AND scope.included AND {reached}
"""
# Who is reached by no channel that was ordered has to be looked for; who was reached by one of
# them before is not.
_MISSING: Final = """
INSERT INTO remedies_followup (recall_id, vehicle_id, reason, since)
SELECT %s, scope.vehicle_id, %s, %s
FROM recalls_inscope scope
LEFT JOIN remedies_contact contact ON contact.vehicle_id = scope.vehicle_id
WHERE scope.plan_id = %s AND scope.included AND ({reached}) IS NOT TRUE
  AND NOT EXISTS (
      SELECT FROM remedies_ownernotice notice
      JOIN remedies_mailing mailing ON mailing.id = notice.mailing_id
      WHERE mailing.plan_id = scope.plan_id AND notice.vehicle_id = scope.vehicle_id
        AND notice.bounced_at IS NULL
  )
  AND NOT EXISTS (
      SELECT FROM recalls_remedied done
      WHERE done.recall_id = %s AND done.vehicle_id = scope.vehicle_id
  )
ON CONFLICT DO NOTHING
"""
_POSTED: Final = """
UPDATE remedies_ownernotice SET sent_at = %s, tried_at = %s, proof = %s
WHERE mailing_id = %s AND sent_at IS NULL
"""
# A later channel reached somebody who had no address in an earlier one.
_FOUND: Final = """
UPDATE remedies_followup follow SET ended_at = %s
WHERE follow.recall_id = %s AND follow.reason = %s AND follow.ended_at IS NULL
  AND EXISTS (
      SELECT FROM remedies_ownernotice notice
      WHERE notice.mailing_id = %s AND notice.vehicle_id = follow.vehicle_id
  )
"""


@transaction.atomic(durable=True)
def queue_notices(*, plan_id: int, channel: Channel, actor: Actor, at: datetime) -> Mailing:
    """Order that every owner in the plan's scope is told by a channel.

    Returns at once; the platform queues the notices (``fill``) within its next turn.

    Raises:
        NoSuchPlan, NotAMember, NotYourTask, NotInForce.
        WordsMissing: the plan does not say all that owners must be told, in both languages.
        MailingExists: it was ordered before.
    """
    plan, by = rights.plan_in_force(plan_id, actor, (Role.RECALL,))
    content = words_of(plan)
    try:
        with transaction.atomic():
            mailing = Mailing.objects.create(
                manufacturer_id=plan.manufacturer_id,
                plan=plan,
                channel=channel,
                content=content,
                sha256=digest(content),
                ordered_at=at,
                ordered_by_id=actor.person_id,
            )
    except IntegrityError:
        raise errors.MailingExists from None
    records.log_plan(
        "recall:notices:ordered", plan, by, at, channel=str(channel), sha256=mailing.sha256
    )
    return mailing


@transaction.atomic(durable=True)
def fill(*, mailing_id: int, at: datetime) -> Mailing:
    """Queue an ordered mailing: one row for each owner, and the others on the follow-up list."""
    mailing = (
        Mailing.objects.select_for_update(no_key=True).select_related("plan").get(pk=mailing_id)
    )
    if mailing.queued_at is not None:
        return mailing
    plan, reached = mailing.plan, _REACHED[Channel(mailing.channel)]
    root = plan.recall_id
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE.format(reached=reached), [mailing.pk, plan.pk])
        queued = cursor.rowcount
        cursor.execute(_FOUND, [at, root, Reason.NO_ADDRESS, mailing.pk])
        found = cursor.rowcount
        cursor.execute(
            _MISSING.format(reached=reached), [root, Reason.NO_ADDRESS, at, plan.pk, root]
        )
        missing = cursor.rowcount
    mailing.queued_at, mailing.queued = at, queued
    mailing.without_address = plan.vehicles - queued
    mailing.save(update_fields=["queued_at", "queued", "without_address"])
    counting.add(root, {Figure.QUEUED: queued, Figure.FOLLOW_UP: missing - found}, at)
    by = witnessed(PLATFORM)
    records.log_plan(
        "recall:notices:queued", plan, by, at, channel=mailing.channel, notices=queued,
        without_address=mailing.without_address,
    )  # fmt: skip
    return mailing


@transaction.atomic(durable=True)
def record_posted(*, mailing_id: int, proof: str, actor: Actor, at: datetime) -> Mailing:
    """Write down that all letters that wait were posted, and what proves it.

    Returns at once; the platform notes it with each letter (``post``) within its next turn.

    Raises:
        NoSuchMailing, NotAMember, NotYourTask, NotInForce, ProofMissing.
    """
    mailing = (
        Mailing.objects.select_for_update(no_key=True)
        .filter(pk=mailing_id, manufacturer_id=actor.organisation_id, queued_at__isnull=False)
        .first()
    )
    if mailing is None or mailing.channel != Channel.LETTER:
        raise errors.NoSuchMailing
    plan, by = rights.plan_in_force(mailing.plan_id, actor, (Role.RECALL,))
    if not proof.strip():
        raise errors.ProofMissing
    mailing.posted_at, mailing.posting_proof = at, proof.strip()[:120]
    mailing.save(update_fields=["posted_at", "posting_proof"])
    records.log_plan("recall:notices:posted", plan, by, at, channel=mailing.channel)
    return mailing


@transaction.atomic(durable=True)
def post(*, mailing_id: int, at: datetime) -> int:
    """Note the posting with each letter that waits; say how many there were."""
    mailing = Mailing.objects.select_for_update(no_key=True).get(pk=mailing_id)
    if mailing.posted_at is None:
        return 0
    plan, by = records.locked_plan(mailing.plan_id, PLATFORM)
    with connection.cursor() as cursor:
        posted = mailing.posted_at
        cursor.execute(_POSTED, [posted, posted, mailing.posting_proof, mailing.pk])
        sent: int = cursor.rowcount
    mailing.sent += sent
    mailing.save(update_fields=["sent"])
    counting.add(plan.recall_id, {Figure.SENT: sent}, posted)
    if sent:
        records.log_plan("recall:notices:sent", plan, by, at, channel=mailing.channel, notices=sent)
        note_all_told(plan, mailing, at)
    return sent


def note_all_told(plan: RecallPlan, mailing: Mailing, at: datetime) -> None:
    """Note on the plan that every owner was told, once one channel has reached all of them."""
    everybody = mailing.queued == plan.vehicles and mailing.sent == mailing.queued
    if everybody and plan.vehicles and plan.owners_told_on is None:
        running.noted(plan, {"owners_told_on": legal_day(at)}, actor=PLATFORM, at=at)


def words_of(plan: RecallPlan) -> dict[str, dict[str, str]]:
    """Return what owners are told, by language.

    Raises:
        WordsMissing: names the fields that the plan lacks.
    """
    missing = [
        name for name in NEEDED if not all(plan.texts.get(name, {}).get(one) for one in LANGUAGES)
    ]
    if not plan.hotline:
        missing.append("hotline")
    if missing:
        raise errors.WordsMissing(fields=", ".join(missing))
    return {one: _in(plan, one) for one in LANGUAGES}


def _in(plan: RecallPlan, language: str) -> dict[str, Any]:
    told = {name: plan.texts.get(name, {}).get(language, "") for name in FIELDS}
    maker = plan.manufacturer.name.get(language, "")
    return told | {
        "number": plan.number,
        "manufacturer": maker,
        "hotline": plan.hotline,
        "path": plan.remedy,
        "starts_on": plan.starts_on.isoformat(),
    }
