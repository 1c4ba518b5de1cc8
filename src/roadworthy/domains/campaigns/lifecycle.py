"""What each act of a campaign's table does beyond the state, inside the caller's transaction.

Persons act through ``services.take``, the platform through ``rollout``; both end up here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Greatest

from roadworthy.domains.access import queries as approvals
from roadworthy.domains.campaigns import access, feed, moves
from roadworthy.domains.campaigns.models import Action, Campaign, Group
from roadworthy.domains.campaigns.states import (
    ACTION,
    CAMPAIGN,
    UNDER_WAY,
    Act,
    ActionAct,
    ActionState,
    Actor,
    State,
)
from roadworthy.domains.filings import services as filings
from roadworthy.domains.notices.services import REQUIRED_BY_OTA22
from roadworthy.domains.organisations.actors import PLATFORM, Witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Change
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import Conflict, Invalid
from roadworthy.rules.text import Text

FAILURES = (ActionState.FAILED, ActionState.TIMED_OUT)


class NoticeMissing(Conflict):
    code = "notice-missing"
    message = "Owners must be told before an update. Publish the notice first (OTA22)."


class ReleaseNotOut(Conflict):
    code = "release-not-out"
    message = "This release is {state}: vehicles may not be told to install it."


class ApprovalNotInForce(Conflict):
    code = "campaign-approval-not-in-force"
    message = (
        "The approval {numbers} is not in force: vehicles of the type may not be updated. "
        "Go on when the authority has put it back into force."
    )


class ReasonMissing(Invalid):
    code = "reason-missing"
    message = "Say why. The reason goes into the log."


class VehiclesUnderWay(Conflict):
    code = "vehicles-under-way"
    message = "{count} vehicles have been told and have not come to an end yet."


def perform(
    act: Act, campaign: Campaign, role: Role, by: Witnessed, at: datetime, reason: str | Text = ""
) -> Campaign:
    """Take one act with a locked campaign: the table decides, the effects follow.

    A person's reason stays in their words; the platform's own is in both languages.

    Raises:
        WrongState, WrongRole: the table has no such step.
        NoticeMissing, ReleaseNotOut, ApprovalNotInForce, ReasonMissing, VehiclesUnderWay:
            something else is missing.
    """
    before = State(campaign.state)
    after = CAMPAIGN.next_state(before, act, role)
    why = reason.to_json() if isinstance(reason, Text) else reason.strip()
    _check(act, campaign, why)
    campaign.state = after
    campaign.pause_reason = why if after in {State.PAUSED, State.STOPPED} else ""
    campaign.save(update_fields=["state", "pause_reason"])
    log: dict[str, Any] = {"action": act, "before": before, "after": after}
    if why:
        log["reason"] = why
    access.log("campaign:state:changed", campaign, by, at, **log, **_effect(act, campaign, by, at))
    access.ring()
    return campaign


def _check(act: Act, campaign: Campaign, why: str | dict[str, str]) -> None:
    if act == Act.NOTIFY and campaign.notice_id is None:
        raise NoticeMissing
    if act in {Act.START, Act.RESUME} and campaign.release.state != ReleaseState.RELEASED:
        raise ReleaseNotOut(state=campaign.release.state)
    if act in {Act.START, Act.RESUME}:
        ended = approvals.not_in_force(campaign.release.types.all())
        if ended:
            raise ApprovalNotInForce(numbers=", ".join(one.number for one in ended))
    if act == Act.STOP and not why:
        raise ReasonMissing
    if act == Act.COMPLETE:
        under_way = _actions(campaign).filter(state__in=UNDER_WAY).count()
        if under_way:
            raise VehiclesUnderWay(count=under_way)


def _effect(act: Act, campaign: Campaign, by: Witnessed, at: datetime) -> dict[str, Any]:
    """Do what the act means; return what the ledger shall say of it."""
    if act == Act.NOTIFY:
        filings.reassess(campaign.release_id, stated=_told(), by=by, at=at)
    elif act == Act.START or (act == Act.RESUME and campaign.started_at is None):
        feed.lift_stop(campaign.pk)
        _begin(campaign, by, at)
    elif act == Act.PAUSE:
        feed.reflect(_ids(_actions(campaign).filter(state=ActionState.OFFERED)))
    elif act == Act.RESUME:
        _resume(campaign, at)
    elif act == Act.STOP:
        feed.stop(campaign.pk, at)
    elif act == Act.CANCEL:
        return _cancel(campaign, by, at)
    elif act == Act.COMPLETE:
        return _complete(campaign, by, at)
    return {}


def _begin(campaign: Campaign, by: Witnessed, at: datetime) -> None:
    campaign.started_at = at
    campaign.save(update_fields=["started_at"])
    changes = list(
        Change.objects.select_related("image", "release__manufacturer").filter(
            release=campaign.release_id
        )
    )
    type_ids = list(campaign.release.types.values_list("id", flat=True))
    for change in changes:
        # From now on vehicles may run it: seeing it there is no finding.
        vehicles.learn_firmware(
            manufacturer_id=campaign.manufacturer_id,
            type_ids=type_ids,
            ecu_name=change.ecu_name,
            version=change.to_version,
            actor=PLATFORM,
            at=at,
            release_id=campaign.release_id,
        )
    filings.reassess(
        campaign.release_id, stated={"started_on": legal_day(at), **_told()}, by=by, at=at
    )
    Group.objects.filter(campaign=campaign, number=1).update(opened_at=at)
    feed.publish_deployment(campaign.pk, changes)


def _resume(campaign: Campaign, at: datetime) -> None:
    """Go on: failures so far are accepted, clocks that stood still start again."""
    failures = dict(
        _actions(campaign).filter(state__in=FAILURES).values_list("group").annotate(Count("pk"))
    )
    for group in Group.objects.filter(campaign=campaign, opened_at__isnull=False):
        group.failures_accepted = failures.get(group.pk, 0)
        group.save(update_fields=["failures_accepted"])
    waits = timedelta(hours=campaign.time_out_hours)
    under_way = moves.lock(_actions(campaign).filter(state__in=UNDER_WAY))
    Action.objects.filter(pk__in=under_way).update(
        deadline_at=Greatest(F("deadline_at"), at + waits)
    )
    feed.lift_stop(campaign.pk)
    feed.reflect(_ids(_actions(campaign).filter(state=ActionState.OFFERED)))


def _cancel(campaign: Campaign, by: Witnessed, at: datetime) -> dict[str, Any]:
    """Vehicles that were not told never will be; those that were are asked to stop."""
    change = moves.Moves(by)
    not_told = {ActionState.WAITING, ActionState.DECLINED}
    told = {ActionState.OFFERED, ActionState.RETRIEVED, ActionState.RUNNING}
    for action in moves.locked_actions(_actions(campaign).filter(state__in=not_told | told)):
        act = ActionAct.CANCEL if action.state in not_told else ActionAct.ASK_CANCEL
        change.move(
            action, act, Actor.COMPLIANCE_OFFICER, at, detail={"reason": "campaign-cancelled"}
        )
    change.write()
    return {"actions": _counts(campaign)}


def _complete(campaign: Campaign, by: Witnessed, at: datetime) -> dict[str, Any]:
    """Close: who never answered is not asked any more, and the report of the activity falls due."""
    change = moves.Moves(by)
    actor = Actor.PLATFORM if by.role == Role.PLATFORM else Actor.COMPLIANCE_OFFICER
    for action in moves.locked_actions(_actions(campaign).filter(state=ActionState.WAITING)):
        change.move(action, ActionAct.CANCEL, actor, at, detail={"reason": "campaign-completed"})
    campaign.completed_at = at
    campaign.save(update_fields=["completed_at"])
    Group.objects.filter(campaign=campaign, closed_at__isnull=True).update(closed_at=at)
    # The owner's page shows the result from the moment there is one (OTA22-09).
    stated = {"completed_on": legal_day(at), "result_told": True}
    filings.reassess(campaign.release_id, stated=stated, by=by, at=at)
    change.write()
    return {"actions": _counts(campaign)}


def is_over(counts: dict[str, int]) -> bool:
    """Tell whether every action has come to an end or was declined."""
    ended = ACTION.final | {ActionState.DECLINED}
    return all(state in ended for state, count in counts.items() if count)


def _told() -> dict[str, list[str]]:
    return {"notice_fields": list(REQUIRED_BY_OTA22)}


def _counts(campaign: Campaign) -> dict[str, int]:
    return dict(_actions(campaign).values_list("state").annotate(Count("pk")).order_by("state"))


def _actions(campaign: Campaign) -> QuerySet[Action]:
    return Action.objects.filter(campaign=campaign)


def _ids(actions: QuerySet[Action]) -> list[int]:
    return list(actions.values_list("pk", flat=True))
