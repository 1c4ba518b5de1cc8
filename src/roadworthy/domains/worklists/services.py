"""Hand work over and take it back. Who has it is a chain that is only added to."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from roadworthy.domains.accounts.models import User
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, NotAMember, commitment, witnessed
from roadworthy.domains.worklists import queries
from roadworthy.domains.worklists.errors import (
    GivenElsewhere,
    HandedOverMeanwhile,
    NobodyToGiveItTo,
    NotYourItem,
)
from roadworthy.domains.worklists.items import GIVEN_ELSEWHERE, WorkItem
from roadworthy.domains.worklists.models import Assignment
from roadworthy.kernel.calendar import legal_day


@transaction.atomic(durable=True)
def hand_over(*, item: str, to_user_id: int, seen: int, actor: Actor, at: datetime) -> Assignment:
    """Give a piece of work to somebody of the same organisation who may do it.

    ``seen`` is the number of the assignment that the actor looked at, 0 for none.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
        NoSuchItem: no such work, or another organisation's, or it is done.
        NotYourItem: neither the actor's role does this work, nor was it given to them.
        GivenElsewhere: work of this kind is handed over on its own page.
        NobodyToGiveItTo: the other is not of the organisation, or not in a role that may do it.
        HandedOverMeanwhile: somebody was faster.
    """
    organisation_id, found, by = _own(item, actor, at)
    if to_user_id not in {person.id for person in queries.team(organisation_id, found.roles)}:
        raise NobodyToGiveItTo(roles=", ".join(found.roles))
    return _add(organisation_id, found, to_user_id, seen, actor, by, at)


@transaction.atomic(durable=True)
def take_back(*, item: str, seen: int, actor: Actor, at: datetime) -> Assignment:
    """Give a piece of work back to everybody whose role it is.

    Raises:
        NotAMember, NoSuchItem, NotYourItem, HandedOverMeanwhile: as with ``hand_over``.
    """
    organisation_id, found, by = _own(item, actor, at)
    return _add(organisation_id, found, None, seen, actor, by, at)


def _own(item: str, actor: Actor, at: datetime) -> tuple[int, WorkItem, ledger.Named]:
    by = witnessed(actor)
    if actor.organisation_id is None:
        raise NotAMember(role=actor.role)
    party = queries.party_of(actor.organisation_id)
    found = queries.find(actor.organisation_id, party, item, today=legal_day(at))
    if found.kind in GIVEN_ELSEWHERE:
        raise GivenElsewhere
    has_it = found.person is not None and found.person.id == actor.user_id
    if not has_it and actor.role not in found.roles:
        raise NotYourItem(roles=", ".join(found.roles))
    return actor.organisation_id, found, by


def _add(
    organisation_id: int,
    found: WorkItem,
    to_user_id: int | None,
    seen: int,
    actor: Actor,
    by: ledger.Named,
    at: datetime,
) -> Assignment:
    if seen != found.given:
        raise HandedOverMeanwhile
    try:
        with transaction.atomic():
            made = Assignment.objects.create(
                organisation_id=organisation_id,
                item=found.key,
                number=found.given + 1,
                to_id=to_user_id,
                by_id=actor.person_id,
                at=at,
            )
    except IntegrityError:  # two at once: the chain has one next link
        raise HandedOverMeanwhile from None
    ledger.record(
        event="work:handed-over" if to_user_id else "work:taken-back",
        subject=f"work/{found.key}",
        actor=by,
        at=at,
        data={"item": found.key, "to": _committed(to_user_id)},
    )
    return made


def _committed(user_id: int | None) -> str | None:
    if user_id is None:
        return None
    return commitment(User.objects.get(pk=user_id).salt, f"user/{user_id}")
