"""A manufacturer's own service levels and thresholds. No law gives these numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from roadworthy.domains.aftersales import errors
from roadworthy.domains.aftersales.models import Policy
from roadworthy.domains.aftersales.records import READERS
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.kernel.transitions import WrongRole


@dataclass(frozen=True, slots=True)
class Levels:
    """None: not set, and then nothing is counted out or marked by it."""

    answer_days: int | None = None  # working days to answer a complaint
    settle_days: int | None = None  # working days to settle a dispute
    fewest_vehicles: int | None = None  # that complained within the window
    per_thousand: Decimal | None = None  # of the vehicles exposed
    window_days: int | None = None  # calendar days back


@transaction.atomic(durable=True)
def set_levels(*, levels: Levels, actor: Actor, at: datetime) -> Policy:
    """Set the manufacturer's service levels; complaints that are open keep their days.

    Raises:
        NotAMember, WrongRole.
        WrongPolicy: there is a threshold and no window.
    """
    by = witnessed(actor)
    if actor.role not in READERS:
        raise WrongRole(roles=", ".join(READERS), action="set")
    has_threshold = levels.fewest_vehicles is not None or levels.per_thousand is not None
    if has_threshold and levels.window_days is None:
        raise errors.WrongPolicy
    policy, _ = Policy.objects.update_or_create(
        manufacturer_id=actor.organisation_id, defaults={**asdict(levels), "changed_at": at}
    )
    told = {name: None if value is None else str(value) for name, value in asdict(levels).items()}
    ledger.record(
        event="complaint-policy:set",
        subject=f"organisation/{actor.organisation_id}",
        actor=by,
        at=at,
        data=told,
    )
    return policy
