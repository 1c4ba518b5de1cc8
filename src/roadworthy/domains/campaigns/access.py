"""Get hold of a campaign to change it, and write down that it was changed.

* A campaign row is locked before its actions, actions in the order of their ids, and the feed to
  the gateways last: whoever keeps this order cannot deadlock with anybody else here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.kernel.errors import Forbidden, NotFound

BELL = "campaigns"  # channel on which the engine hears that something was decided


class NoSuchCampaign(NotFound):
    code = "no-such-campaign"
    message = "There is no such campaign."


class NotYourTask(Forbidden):
    code = "not-your-task"
    message = "Only {roles} may do this."


def locked(campaign_id: int, actor: Actor) -> tuple[Campaign, Witnessed]:
    """Return the actor's campaign with its row locked, and the actor as the ledger names them.

    Raises:
        NoSuchCampaign: nothing has that id, or it is another manufacturer's.
        NotAMember: the actor does not hold the membership they act under.
    """
    by = witnessed(actor)
    campaign = (
        Campaign.objects.select_for_update(no_key=True, of=("self",))
        .select_related("release", "notice", "manufacturer")
        .filter(pk=campaign_id)
        .first()
    )
    if campaign is None or campaign.manufacturer_id != actor.organisation_id:
        raise NoSuchCampaign
    return campaign, by


def log(event: str, campaign: Campaign, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write one step of a campaign into the ledger, inside the caller's transaction."""
    ledger.record(
        event=event,
        subject=f"campaign/{campaign.pk}",
        actor=by,
        at=at,
        release_id=campaign.release_id,
        data=data,
    )


def ring() -> None:
    """Wake the engine when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [BELL])
