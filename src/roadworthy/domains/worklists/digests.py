"""The work list by mail: once a legal day and person, or not at all.

* A row for each person and day is made before anything is sent; a second is impossible.
* Before a mail is handed over the row says "sending" in a transaction of its own. A process that
  dies then leaves a row that nobody touches again: better no mail than two.
* A mail server that is away or refuses is asked again, later each time, until the day is over.
* Nothing due, no mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from roadworthy.domains.organisations.actors import Actor, NotAMember
from roadworthy.domains.worklists import feeds
from roadworthy.domains.worklists.errors import WrongDigestTime
from roadworthy.domains.worklists.feeds import Agenda
from roadworthy.domains.worklists.items import Urgency, WorkItem
from roadworthy.domains.worklists.models import (
    Delivery,
    DigestDelivery,
    DigestSetting,
    Frequency,
)
from roadworthy.kernel.calendar import SHANGHAI, legal_day

HORIZON = timedelta(days=7)  # what is due later can wait for a later mail
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_DOUBTFUL = timedelta(minutes=15)  # nobody hands a mail over for so long
_HOURS, _WEEKDAYS = range(24), range(7)


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody wants to be told."""

    frequency: str = Frequency.OFF
    hour: int = 8
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """One mail that is to be sent now."""

    delivery_id: int
    setting_id: int
    day: date
    agenda: Agenda

    @property
    def items(self) -> tuple[WorkItem, ...]:
        return self.agenda.items


@transaction.atomic(durable=True)
def choose(*, choice: Choice, actor: Actor, at: datetime) -> DigestSetting:
    """Keep how often and when the actor wants their work list by mail.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
        WrongDigestTime: no such frequency, hour or day of the week.
    """
    user_id, organisation_id = feeds.member(actor)
    known = choice.frequency in Frequency.values
    if not (known and choice.hour in _HOURS and choice.weekday in _WEEKDAYS):
        raise WrongDigestTime
    setting, _made = DigestSetting.objects.update_or_create(
        user_id=user_id,
        organisation_id=organisation_id,
        defaults={
            "frequency": choice.frequency,
            "hour": choice.hour,
            "weekday": choice.weekday,
            "changed_at": at,
        },
    )
    return setting


@transaction.atomic(durable=True)
def stop(*, setting_id: int, at: datetime) -> bool:
    """Send somebody no more mail: what the link in each mail does. Say whether there was any."""
    found = DigestSetting.objects.filter(pk=setting_id).exclude(frequency=Frequency.OFF)
    return bool(found.update(frequency=Frequency.OFF, changed_at=at))


def chosen(actor: Actor) -> Choice:
    """Return how the actor wants to be told; nobody is told who has not asked."""
    user_id, organisation_id = feeds.member(actor)
    row = DigestSetting.objects.filter(user_id=user_id, organisation_id=organisation_id).first()
    return Choice(row.frequency, row.hour, row.weekday) if row else Choice()


def due(*, at: datetime) -> list[int]:
    """Open a delivery for everybody whose hour has come, and return which are to be tried now.

    A wish that was changed after today's hour counts from tomorrow on.
    """
    day, now = legal_day(at), at.astimezone(SHANGHAI)
    wanted = DigestSetting.objects.filter(
        Q(frequency=Frequency.DAILY) | Q(frequency=Frequency.WEEKLY, weekday=day.weekday()),
        hour__lte=now.hour,
    )
    rows = [
        DigestDelivery(setting=one, day=day, next_try_at=at, changed_at=at)
        for one in wanted
        if one.changed_at.astimezone(SHANGHAI)
        < now.replace(hour=one.hour, minute=0, second=0, microsecond=0)
    ]
    # Another worker may be as fast: the unique day lets one of them in.
    DigestDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    _give_up(day, at)
    waiting = DigestDelivery.objects.filter(
        stage=Delivery.WAITING, day=day, next_try_at__lte=at
    ).order_by("next_try_at", "pk")
    return list(waiting.values_list("pk", flat=True))


@transaction.atomic(durable=True)
def begin(*, delivery_id: int, at: datetime) -> Digest | None:
    """Take a delivery to send it now; None if another has it, it is done, or nothing is due."""
    row = (
        DigestDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("setting")
        .filter(pk=delivery_id, stage=Delivery.WAITING)
        .first()
    )
    if row is None:
        return None
    row.attempts, row.changed_at = row.attempts + 1, at
    agenda = _agenda(row.setting, row.day)
    row.stage = Delivery.SENDING if agenda and agenda.items else Delivery.NOTHING
    row.save()
    if agenda is None or row.stage == Delivery.NOTHING:
        return None
    return Digest(row.pk, row.setting_id, row.day, agenda)


@transaction.atomic(durable=True)
def sent(*, delivery_id: int, at: datetime) -> None:
    """Write down that the mail server has taken the mail."""
    _end(delivery_id, Delivery.SENT, "", at)


@transaction.atomic(durable=True)
def not_sent(*, delivery_id: int, problem: str, at: datetime) -> None:
    """Write down that the mail server certainly has not taken it: it is tried again, later."""
    row = DigestDelivery.objects.select_for_update().get(pk=delivery_id)
    pause = min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE)
    row.stage, row.next_try_at = Delivery.WAITING, at + pause
    row.problem, row.changed_at = problem[:200], at
    row.save()


@transaction.atomic(durable=True)
def doubtful(*, delivery_id: int, problem: str, at: datetime) -> None:
    """Write down that nobody can know whether the mail server has taken it: never sent again."""
    _end(delivery_id, Delivery.GIVEN_UP, problem, at)


def pressing(items: Iterable[WorkItem], *, today: date) -> tuple[WorkItem, ...]:
    """Return what is worth a mail: not what waits for an event or is due much later."""
    return tuple(
        item
        for item in items
        if item.urgency(today) != Urgency.LATER
        and (item.day is None or item.day <= today + HORIZON)
    )


def _agenda(setting: DigestSetting, day: date) -> Agenda | None:
    if setting.frequency == Frequency.OFF:
        return None
    try:
        found = feeds.agenda(setting.user_id, setting.organisation_id, today=day)
    except NotAMember:
        return None
    return feeds.narrowed(found, pressing(found.items, today=day))


def _give_up(day: date, at: datetime) -> None:
    over = Q(stage=Delivery.WAITING, day__lt=day)
    lost = Q(stage=Delivery.SENDING, changed_at__lt=at - _DOUBTFUL)
    DigestDelivery.objects.filter(over | lost).update(stage=Delivery.GIVEN_UP, changed_at=at)


def _end(delivery_id: int, stage: Delivery, problem: str, at: datetime) -> None:
    DigestDelivery.objects.filter(pk=delivery_id, stage=Delivery.SENDING).update(
        stage=stage, problem=problem[:200], changed_at=at
    )
