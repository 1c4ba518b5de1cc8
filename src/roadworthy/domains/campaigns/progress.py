"""How far a campaign is. Proven is success; installed is not, declined is not, silence is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from django.db.models import Count

from roadworthy.domains.campaigns.lifecycle import FAILURES
from roadworthy.domains.campaigns.models import Action, Campaign, Group
from roadworthy.domains.campaigns.states import UNDER_WAY, ActionState

BUCKETS = 60
CAUSES = 10
_S = ActionState
_INSTALLING = frozenset({_S.RETRIEVED, _S.RUNNING, _S.CANCELLING})
_OFFERED = UNDER_WAY | {_S.PROVEN, _S.FAILED, _S.TIMED_OUT}

_SERIES = """
SELECT
    least(%(buckets)s - 1, floor(
        extract(epoch FROM e.at - %(start)s) / %(step)s))::int AS bucket,
    count(*) FILTER (WHERE e.act = 'prove'),
    count(*) FILTER (WHERE e.act IN ('fail', 'time-out')),
    count(*) FILTER (WHERE e.act = 'offer'),
    a.group_id
FROM campaigns_actionevent e JOIN campaigns_action a ON a.id = e.action_id
WHERE a.campaign_id = %(campaign)s AND e.act IN ('prove', 'fail', 'time-out', 'offer')
    AND e.at <= %(end)s
GROUP BY bucket, a.group_id ORDER BY bucket
"""


@dataclass(frozen=True)
class Counted:
    """Vehicles by state, and what is usually asked of that."""

    counts: Mapping[ActionState, int]
    agreed: int  # waiting, with the owner's consent

    def of(self, states: Iterable[ActionState]) -> int:
        """How many are in one of these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def proven(self) -> int:
        return self.counts.get(_S.PROVEN, 0)

    @property
    def awaiting_proof(self) -> int:
        """Installed as they say, but the new version was not yet seen running."""
        return self.counts.get(_S.INSTALLED, 0)

    @property
    def installing(self) -> int:
        return self.of(_INSTALLING)

    @property
    def told(self) -> int:
        """Offered, and the vehicle has not fetched the instruction."""
        return self.counts.get(_S.OFFERED, 0)

    @property
    def failed(self) -> int:
        return self.of(FAILURES)

    @property
    def declined(self) -> int:
        return self.counts.get(_S.DECLINED, 0)

    @property
    def cancelled(self) -> int:
        return self.counts.get(_S.CANCELLED, 0)

    @property
    def waiting(self) -> int:
        return self.counts.get(_S.WAITING, 0)

    @property
    def unanswered(self) -> int:
        return self.waiting - self.agreed

    @property
    def offered(self) -> int:
        """Everyone who was told, whatever came of it: what the thresholds are of."""
        return self.of(_OFFERED)

    @property
    def is_over(self) -> bool:
        return not self.waiting and not self.of(UNDER_WAY)

    def percent(self, count: int) -> float:
        """Return the share of all vehicles, rounded down: 99.9 is not yet 100."""
        return count * 1000 // self.total / 10 if self.total else 0.0

    @property
    def proven_percent(self) -> float:
        return self.percent(self.proven)

    @property
    def failed_percent(self) -> float:
        """Failures of those who were offered it, as the threshold counts."""
        return self.failed * 10000 // self.offered / 100 if self.offered else 0.0


@dataclass(frozen=True)
class GroupProgress(Counted):
    """One stage."""

    number: int
    size: int
    success_percent: int
    error_percent: int
    opened_at: datetime | None
    closed_at: datetime | None

    @property
    def passed_percent(self) -> float:
        """Proven of those who were offered it, as the threshold counts."""
        return self.proven * 1000 // self.offered / 10 if self.offered else 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """What had happened by an instant, since the start."""

    at: datetime
    proven: int
    failed: int
    offered: int


@dataclass(frozen=True, slots=True)
class Cause:
    """What failed vehicles said last, and how many said it."""

    state: ActionState
    detail: str
    count: int


@dataclass(frozen=True)
class Progress(Counted):
    """A whole campaign."""

    at: datetime
    groups: Sequence[GroupProgress]
    series: Sequence[Point]
    by_group: Mapping[int, Sequence[Point]]
    causes: Sequence[Cause]


def progress(campaign: Campaign, at: datetime) -> Progress:
    """Return how far a campaign is, in four queries whatever its size."""
    per_group: dict[int, dict[ActionState, int]] = {}
    agreed: dict[int, int] = {}
    rows = (
        Action.objects.filter(campaign=campaign)
        .values_list("group_id", "state", "consented")
        .annotate(Count("pk"))
    )
    for group_id, state, consented, count in rows:
        of_group = per_group.setdefault(group_id, {})
        of_group[ActionState(state)] = of_group.get(ActionState(state), 0) + count
        if consented and state == _S.WAITING:
            agreed[group_id] = count
    groups = list(Group.objects.filter(campaign=campaign).order_by("number"))
    totals: dict[ActionState, int] = {}
    for counts in per_group.values():
        for name, count in counts.items():
            totals[name] = totals.get(name, 0) + count
    everywhere, by_group = _series(campaign, groups, at)
    return Progress(
        counts=totals,
        agreed=sum(agreed.values()),
        at=at,
        groups=[_group(g, per_group.get(g.pk, {}), agreed.get(g.pk, 0)) for g in groups],
        series=everywhere,
        by_group=by_group,
        causes=_causes(campaign),
    )


def _group(group: Group, counts: Mapping[ActionState, int], agreed: int) -> GroupProgress:
    return GroupProgress(
        counts=counts,
        agreed=agreed,
        number=group.number,
        size=group.size,
        success_percent=group.success_percent,
        error_percent=group.error_percent,
        opened_at=group.opened_at,
        closed_at=group.closed_at,
    )


def _series(
    campaign: Campaign, groups: Sequence[Group], at: datetime
) -> tuple[list[Point], dict[int, list[Point]]]:
    """Return cumulative counts from the start until now (or the end), all and by group number."""
    if campaign.started_at is None:
        return [], {}
    start, end = campaign.started_at, max(campaign.completed_at or at, campaign.started_at)
    step = max((end - start).total_seconds() / BUCKETS, 1.0)
    with connection.cursor() as cursor:
        cursor.execute(
            _SERIES,
            {
                "buckets": BUCKETS,
                "start": start,
                "end": end,
                "step": step,
                "campaign": campaign.pk,
            },
        )
        rows = cursor.fetchall()
    count = min(BUCKETS, int((end - start).total_seconds() / step) + 1)
    points = partial(_points, start=start, step=step, count=count)
    by_group = {g.number: points([row[:4] for row in rows if row[4] == g.pk]) for g in groups}
    return points([row[:4] for row in rows]), by_group


def _points(
    rows: Iterable[tuple[int, int, int, int]], *, start: datetime, step: float, count: int
) -> list[Point]:
    proven, failed, offered = [0] * count, [0] * count, [0] * count
    for bucket, now_proven, now_failed, now_offered in rows:
        place = min(max(bucket, 0), count - 1)
        proven[place] += now_proven
        failed[place] += now_failed
        offered[place] += now_offered
    points, sums = [], (0, 0, 0)
    for number, now in enumerate(zip(proven, failed, offered, strict=True), start=1):
        sums = (sums[0] + now[0], sums[1] + now[1], sums[2] + now[2])
        points.append(Point(start + timedelta(seconds=number * step), *sums))
    return points


def _causes(campaign: Campaign) -> list[Cause]:
    rows = (
        Action.objects.filter(campaign=campaign, state__in=FAILURES)
        .values_list("state", "detail")
        .annotate(count=Count("pk"))
        .order_by("-count", "detail")[:CAUSES]
    )
    return [Cause(ActionState(state), detail, count) for state, detail, count in rows]
