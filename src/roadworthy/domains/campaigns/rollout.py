"""Take a running campaign forward: pause, open groups, offer, time out, complete.

* One campaign is advanced by one engine at a time; others skip it.
* Nothing is offered without the owner's "yes" on file, beyond the rate cap, to a vehicle that the
  release does not fit any more, or to one that another campaign has under way.
* A group passes when all who agreed were offered and enough of those are proven. Installed is not
  proven, and a declined owner is no success.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from roadworthy.domains.campaigns import lifecycle, targets
from roadworthy.domains.campaigns.models import Action, Campaign, Group
from roadworthy.domains.campaigns.moves import Moves, locked_actions
from roadworthy.domains.campaigns.states import (
    UNDER_WAY,
    Act,
    ActionAct,
    ActionState,
    Actor,
    State,
)
from roadworthy.domains.campaigns.targets import Target
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.rules.text import NOTHING, Text

OFFERS_AT_ONCE = 1000  # an emergency stop waits for one such batch at most
TIME_OUTS_AT_ONCE = 1000
WHOLE = 100
MINUTE = timedelta(minutes=1)
_OFFERED = UNDER_WAY | {ActionState.PROVEN, ActionState.FAILED, ActionState.TIMED_OUT}


@dataclass(frozen=True)
class Standing:
    """Where a group stands, counted by state."""

    group: Group
    counts: dict[str, int]
    agreed_waiting: int

    def count(self, states: Iterable[ActionState]) -> int:
        """How many actions are in one of these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def offered(self) -> int:
        return self.count(_OFFERED)

    @property
    def failures(self) -> int:
        return self.count(lifecycle.FAILURES)

    @property
    def has_failed(self) -> bool:
        """Whether more failed than a person has accepted, and too many of those offered."""
        beyond = self.failures > self.group.failures_accepted
        return beyond and self.failures * WHOLE >= self.group.error_percent * self.offered

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens unless an owner answers."""
        return not self.agreed_waiting and not self.count(UNDER_WAY)

    @property
    def has_passed(self) -> bool:
        if self.agreed_waiting:
            return False
        if not self.offered:
            return lifecycle.is_over(self.counts)
        proven = self.counts.get(ActionState.PROVEN, 0)
        enough = proven * WHOLE >= self.group.success_percent * self.offered
        return enough or (self.is_settled and self._is_accepted)

    @property
    def has_missed(self) -> bool:
        """Whether the success threshold is out of reach and nobody has accepted that."""
        return self.is_settled and self.offered > 0 and not self.has_passed

    @property
    def _is_accepted(self) -> bool:
        return 0 < self.failures <= self.group.failures_accepted


def to_advance() -> list[int]:
    """Return the campaigns that may have a next step."""
    return list(Campaign.objects.filter(state=State.RUNNING).values_list("pk", flat=True))


@transaction.atomic(durable=True)
def advance(campaign_id: int, *, at: datetime) -> int:
    """Take the next steps of one campaign; return how many things were done."""
    campaign = (
        Campaign.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("release", "manufacturer")
        .filter(pk=campaign_id, state=State.RUNNING)
        .first()
    )
    if campaign is None:
        return 0
    standings = _standings(campaign)
    reason = _reason_to_pause(campaign, standings)
    if reason:
        _perform(Act.PAUSE, campaign, at, reason)
        return 1
    opened = _open_groups(standings, at)
    offered = _offer(campaign, standings, at)
    if not opened and not offered and all(lifecycle.is_over(s.counts) for s in standings):
        _perform(Act.COMPLETE, campaign, at, NOTHING)
        return 1
    return opened + offered


@transaction.atomic(durable=True)
def time_out(*, at: datetime) -> int:
    """End what has been silent for too long; clocks of campaigns that stand still stand still."""
    change = Moves(witnessed(PLATFORM))
    silent = Action.objects.filter(deadline_at__lte=at).exclude(
        campaign__state__in=[State.PAUSED, State.STOPPED]
    )
    first = silent.order_by("deadline_at").values("pk")[:TIME_OUTS_AT_ONCE]
    for action in locked_actions(silent.filter(pk__in=first), skip_locked=True):
        detail = {"reason": "no-proof" if action.state == ActionState.INSTALLED else "no-word"}
        change.move(action, ActionAct.TIME_OUT, Actor.PLATFORM, at, detail=detail)
    change.write()
    return len(change.changed)


def _perform(act: Act, campaign: Campaign, at: datetime, reason: Text) -> None:
    lifecycle.perform(act, campaign, Role.PLATFORM, witnessed(PLATFORM), at, reason)


def _standings(campaign: Campaign) -> list[Standing]:
    counts: dict[int, dict[str, int]] = {}
    agreed: dict[int, int] = {}
    rows = (
        Action.objects.filter(campaign=campaign)
        .values_list("group_id", "state", "consented")
        .annotate(Count("pk"))
    )
    for group_id, state, consented, count in rows:
        of_group = counts.setdefault(group_id, {})
        of_group[state] = of_group.get(state, 0) + count
        if consented and state == ActionState.WAITING:
            agreed[group_id] = count
    return [
        Standing(group, counts.get(group.pk, {}), agreed.get(group.pk, 0))
        for group in Group.objects.filter(campaign=campaign).order_by("number")
    ]


def _reason_to_pause(campaign: Campaign, standings: list[Standing]) -> Text:
    if campaign.release.state != ReleaseState.RELEASED:
        return Text("软件版本已撤回。", "The release has been withdrawn.")
    for standing in standings:
        group = standing.group
        if group.opened_at and standing.has_failed:
            return Text(
                f"批次{group.number}：已推送{standing.offered}辆，失败{standing.failures}辆，"
                f"上限为{group.error_percent}%。",
                f"Group {group.number}: {standing.failures} of {standing.offered} failed; "
                f"the limit is {group.error_percent}%.",
            )
    waits = [s for s in standings if not s.group.opened_at]
    last = [s for s in standings if s.group.opened_at][-1:]
    if waits and last and last[0].has_missed:
        group = last[0].group
        return Text(
            f"批次{group.number}：已证实不足{group.success_percent}%，且该批次已没有升级中的车辆。",
            f"Group {group.number}: fewer than {group.success_percent}% "
            "are proven and no vehicle of it is under way any more.",
        )
    return NOTHING


def _open_groups(standings: list[Standing], at: datetime) -> int:
    """Open the next group while the one before has passed; note which groups are over."""
    done = 0
    before: Standing | None = None
    for standing in standings:
        group = standing.group
        if not group.opened_at and before is not None and before.group.opened_at:
            if not before.has_passed:
                break
            group.opened_at = at
            group.save(update_fields=["opened_at"])
            done += 1
        if group.opened_at and not group.closed_at and lifecycle.is_over(standing.counts):
            group.closed_at = at
            group.save(update_fields=["closed_at"])
        before = standing
    return done


def _offer(campaign: Campaign, standings: list[Standing], at: datetime) -> int:
    opened = [s.group.pk for s in standings if s.group.opened_at]
    allowed = _allowance(campaign, at)
    if allowed <= 0 or not any(s.agreed_waiting for s in standings if s.group.opened_at):
        return 0
    ready = Action.objects.filter(
        group_id__in=opened, state=ActionState.WAITING, consented=True
    ).exclude(
        vehicle_id__in=Action.objects.filter(state__in=UNDER_WAY)
        .exclude(campaign=campaign)
        .values("vehicle_id")
    )
    first = list(ready.order_by("group_id", "id").values_list("pk", flat=True)[:allowed])
    actions = locked_actions(ready.filter(pk__in=first), skip_locked=True)
    if not actions:
        return 0
    misfits = targets.misfits(
        targets.fitting(campaign.release),
        [Target(a.vehicle_id, a.vehicle.type_id, a.vehicle.vin is not None) for a in actions],
    )
    change = Moves(witnessed(PLATFORM))
    for action in actions:
        wrong = misfits.get(action.vehicle_id)
        if wrong is None:
            change.move(action, ActionAct.OFFER, Actor.PLATFORM, at)
        else:
            detail = {"reason": str(wrong.reason), "ecu": wrong.ecu_name, "found": wrong.found}
            change.move(action, ActionAct.CANCEL, Actor.PLATFORM, at, detail=detail)
    change.write()
    return len(actions)


def _allowance(campaign: Campaign, at: datetime) -> int:
    """How many more vehicles may be offered the update now."""
    if campaign.rate_per_minute is None:
        return OFFERS_AT_ONCE
    recent = Action.objects.filter(campaign=campaign, offered_at__gt=at - MINUTE).count()
    return min(OFFERS_AT_ONCE, campaign.rate_per_minute - recent)
