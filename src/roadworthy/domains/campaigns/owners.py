"""What an owner sees of the update of their own vehicle, and nothing of any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roadworthy.domains.campaigns.consents import NO, YES, NoSuchLink
from roadworthy.domains.campaigns.creation import token_digest
from roadworthy.domains.campaigns.models import Action, Consent
from roadworthy.domains.campaigns.states import ACTION, ActionAct, ActionState, Actor, State
from roadworthy.kernel.transitions import WrongState

SHOWN_DIGITS = 4  # of the VIN: enough to know one's car, not enough to name it


class Result(StrEnum):
    """What came of it, in the owner's terms (GB 44496 5.2.8: the owner is told)."""

    NONE_YET = "none-yet"
    UNDER_WAY = "under-way"
    AWAITING_PROOF = "awaiting-proof"
    SUCCESS = "success"
    FAILED = "failed"  # the previous version runs, or a safe state holds
    UNKNOWN = "unknown"  # the vehicle has not reported in time
    NOT_DONE = "not-done"  # declined or cancelled


_RESULTS = {
    ActionState.WAITING: Result.NONE_YET,
    ActionState.DECLINED: Result.NOT_DONE,
    ActionState.OFFERED: Result.UNDER_WAY,
    ActionState.RETRIEVED: Result.UNDER_WAY,
    ActionState.RUNNING: Result.UNDER_WAY,
    ActionState.CANCELLING: Result.UNDER_WAY,
    ActionState.INSTALLED: Result.AWAITING_PROOF,
    ActionState.PROVEN: Result.SUCCESS,
    ActionState.FAILED: Result.FAILED,
    ActionState.CANCELLED: Result.NOT_DONE,
    ActionState.TIMED_OUT: Result.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class OwnerView:
    """The owner's page."""

    manufacturer: Mapping[str, str]
    is_demo: bool
    vehicle_type: Mapping[str, str]
    vin_ending: str
    title: Mapping[str, str]  # of the campaign
    release_id: int
    release: str
    labels: tuple[str, ...]
    notice: Mapping[str, Mapping[str, str]]  # by language, then field
    notice_version: int
    notice_sha256: str
    published_at: datetime
    choice: str  # "yes", "no" or "" while there is none; of the notice as it stands
    chosen_at: datetime | None
    state: ActionState
    result: Result
    closed_at: datetime | None
    seen_version: str
    can_agree: bool
    can_decline: bool


def owner_view(token: str) -> OwnerView:
    """Return what the holder of a link sees.

    Raises:
        NoSuchLink: the token is unknown, or nothing is published yet.
    """
    action = (
        Action.objects.select_related(
            "campaign__release", "campaign__notice", "vehicle__manufacturer", "vehicle__type"
        )
        .filter(token_sha256=token_digest(token))
        .first()
    )
    if action is None or action.campaign.notice is None or action.campaign.state == State.DRAFT:
        raise NoSuchLink
    notice, vehicle = action.campaign.notice, action.vehicle
    answer = (
        Consent.objects.filter(action=action, notice=notice, choice__in=[YES, NO])
        .order_by("-pk")
        .first()
    )
    is_open = action.campaign.state not in {State.COMPLETED, State.CANCELLED}
    state = ActionState(action.state)
    return OwnerView(
        manufacturer=vehicle.manufacturer.name,
        is_demo=vehicle.manufacturer.is_demo,
        vehicle_type=vehicle.type.name if vehicle.type else {},
        vin_ending=(vehicle.vin or "")[-SHOWN_DIGITS:],
        title=action.campaign.name,
        release_id=action.campaign.release_id,
        release=action.campaign.release.number,
        labels=tuple(action.campaign.release.labels),
        notice=notice.content,
        notice_version=notice.version,
        notice_sha256=notice.sha256,
        published_at=notice.published_at,
        choice=answer.choice if answer else "",
        chosen_at=answer.at if answer else None,
        state=state,
        result=_RESULTS[state],
        closed_at=action.closed_at,
        seen_version=action.seen_version,
        can_agree=is_open and not action.consented and _can_agree(state),
        can_decline=is_open and _may(state, ActionAct.DECLINE),
    )


def _can_agree(state: ActionState) -> bool:
    return state == ActionState.WAITING or _may(state, ActionAct.RECONSIDER)


def _may(state: ActionState, act: ActionAct) -> bool:
    try:
        ACTION.next_state(state, act, Actor.OWNER)
    except WrongState:
        return False
    return True
