"""What can be done to a campaign. Each function is one durable transaction.

Creating one is in ``creation``, the owners' answers in ``consents``; the engine's own work in
``rollout`` and ``intake``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from roadworthy.domains.campaigns import access, feed, lifecycle, moves
from roadworthy.domains.campaigns.consents import answer_consent, record_shown
from roadworthy.domains.campaigns.creation import (
    Created,
    GroupPlan,
    create_campaign,
    renew_consent_token,
)
from roadworthy.domains.campaigns.models import Action, Campaign
from roadworthy.domains.campaigns.states import Act, State
from roadworthy.domains.notices import services as notices
from roadworthy.domains.notices.models import Notice
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import Conflict

__all__ = [
    "Created",
    "GroupPlan",
    "answer_consent",
    "create_campaign",
    "publish_notice",
    "publish_tenant",
    "publish_vehicles",
    "record_shown",
    "renew_consent_token",
    "take",
]


class NoticeIsFixed(Conflict):
    code = "notice-is-fixed"
    message = "The campaign is {state}: owners have answered the notice as it stands."


@transaction.atomic(durable=True)
def publish_notice(
    *,
    campaign_id: int,
    content: Mapping[str, Mapping[str, str]],
    actor: Actor,
    at: datetime,
) -> Notice:
    """Publish what owners are shown. A new version voids what was answered to the one before.

    Raises:
        NoSuchCampaign, NotAMember, NotYourTask.
        NoticeIsFixed: the campaign has started.
        NoticeIncomplete: something that the law asks for is missing; it names what.
    """
    campaign, by = access.locked(campaign_id, actor)
    if actor.role != Role.COMPLIANCE_OFFICER:
        raise access.NotYourTask(roles=Role.COMPLIANCE_OFFICER)
    if campaign.state not in {State.DRAFT, State.NOTIFYING}:
        raise NoticeIsFixed(state=campaign.state)
    notice = notices.publish(
        manufacturer_id=campaign.manufacturer_id,
        subject=f"campaign/{campaign.pk}",
        content=content,
        at=at,
    )
    campaign.notice = notice
    campaign.save(update_fields=["notice"])
    agreed = moves.lock(Action.objects.filter(campaign=campaign, consented=True))
    Action.objects.filter(pk__in=agreed).update(consented=False)
    access.log(
        "notice:published",
        campaign,
        by,
        at,
        version=notice.version,
        notice_sha256=notice.sha256,
        languages=sorted(notice.content),
    )
    return notice


@transaction.atomic(durable=True)
def take(act: Act, *, campaign_id: int, actor: Actor, at: datetime, reason: str = "") -> Campaign:
    """Take a campaign along its table.

    Raises:
        NoSuchCampaign, NotAMember, WrongState, WrongRole.
        NoticeMissing: owners cannot be notified without a notice.
        ReleaseNotOut: the release was withdrawn.
        ReasonMissing: an emergency stop says why.
        VehiclesUnderWay: it cannot be completed while vehicles install.
    """
    campaign, by = access.locked(campaign_id, actor)
    return lifecycle.perform(act, campaign, actor.role, by, at, reason)


@transaction.atomic(durable=True)
def publish_tenant(*, manufacturer_id: int, polling_sleep: str = "00:05:00") -> None:
    """Tell the gateways of a manufacturer; after its gateway token or its pace has changed."""
    feed.publish_tenant(manufacturer_id, polling_sleep)


@transaction.atomic(durable=True)
def publish_vehicles(*, manufacturer_id: int, vehicle_ids: Sequence[int] | None = None) -> int:
    """Tell the gateways of vehicles and their tokens; return how many were new or changed."""
    return feed.publish_vehicles(manufacturer_id, vehicle_ids)
