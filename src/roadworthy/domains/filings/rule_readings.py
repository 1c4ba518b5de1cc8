"""Which of two readings of a provision a manufacturer goes by.

SOTA21 wants form and package "在OTA发布前5个工作日内": within the five working days before release,
literally; at least five working days before it, as the careful read it. The rules know both and
say in each answer which one they applied.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.filings import assessment
from roadworthy.domains.filings.errors import NoSuchReading
from roadworthy.domains.filings.models import RuleReading
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State
from roadworthy.kernel.transitions import WrongRole

FACT = "samr_package_reading"
READINGS = ("lead_time", "window")  # of FACT, the default of the rules first
_UNDER_WAY = (State.FROZEN, State.SIGNED)


@transaction.atomic(durable=True)
def choose(*, reading: str, actor: Actor, at: datetime) -> RuleReading:
    """Go by a reading from now on; releases that are under way are assessed again.

    Raises:
        NotAMember, WrongRole.
        NoSuchReading: the rules know no such reading.
    """
    by = witnessed(actor)
    if actor.role != Role.COMPLIANCE_OFFICER:
        raise WrongRole(roles=(Role.COMPLIANCE_OFFICER,), action="choose")
    if reading not in READINGS:
        raise NoSuchReading(reading=reading)
    row, _ = RuleReading.objects.update_or_create(
        manufacturer_id=actor.organisation_id,
        defaults={"samr_package": reading, "chosen_at": at, "chosen_by_id": actor.person_id},
    )
    ledger.record(
        event="rules:reading-chosen",
        subject=f"organisation/{actor.organisation_id}",
        actor=by,
        at=at,
        data={FACT: reading},
    )
    under_way = Release.objects.filter(manufacturer_id=actor.organisation_id, state__in=_UNDER_WAY)
    for release in under_way.order_by("pk"):
        assessment.assess(release, by=by, at=at)
    return row


def chosen(manufacturer_id: int) -> str:
    """Return the reading that a manufacturer goes by."""
    row = RuleReading.objects.filter(manufacturer_id=manufacturer_id).first()
    return row.samr_package if row else READINGS[0]
