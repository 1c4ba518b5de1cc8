"""When a vehicle is remedied: its running version shows it, or a workshop proves the repair.

* Over the air: an action of a campaign of the plan's release that is *proven* - the vehicle said
  later that it runs the new version. "Sent", "downloaded" and "installed" count for nothing.
* In a workshop: the version that was read back is the one that removes the defect, or there is
  evidence of the repair (a work order, the digest of a document).
* A vehicle is remedied once; a second report of it is a duplicate and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction

from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.recalls import records
from roadworthy.domains.recalls.models import InScope, PlanRelease, RecallPlan, Remedied
from roadworthy.domains.recalls.states import IN_FORCE
from roadworthy.domains.remedies import consenting, counting, errors, feed, rights
from roadworthy.domains.remedies.models import Completion, FollowUp
from roadworthy.domains.remedies.states import Figure, Proof
from roadworthy.domains.software.models import Change
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel import vin
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError, Invalid

BATCH: Final = 1000
_AMONG: Final = "AND action.id = ANY(%(actions)s)"
_PROVEN: Final = """
WITH done AS (
    INSERT INTO recalls_remedied (recall_id, vehicle_id, at, proof, reference)
    SELECT DISTINCT ON (action.vehicle_id) %(recall)s, action.vehicle_id,
           coalesce(action.closed_at, %(at)s), %(proof)s, 'action/' || action.id
    FROM recalls_planrelease link
    JOIN campaigns_campaign campaign ON campaign.release_id = link.release_id
    JOIN campaigns_action action ON action.campaign_id = campaign.id AND action.state = 'proven'
    JOIN recalls_inscope scope
      ON scope.plan_id = %(plan)s AND scope.vehicle_id = action.vehicle_id AND scope.included
    WHERE link.plan_id = %(plan)s {news}
      AND NOT EXISTS (
          SELECT FROM recalls_remedied known
          WHERE known.recall_id = %(recall)s AND known.vehicle_id = action.vehicle_id
      )
    ORDER BY action.vehicle_id, action.id
    ON CONFLICT DO NOTHING
    RETURNING vehicle_id, (at AT TIME ZONE 'Asia/Shanghai')::date AS "on"
), ended AS (
    UPDATE remedies_followup follow SET ended_at = %(at)s
    FROM done
    WHERE follow.recall_id = %(recall)s AND follow.vehicle_id = done.vehicle_id
      AND follow.ended_at IS NULL
    RETURNING follow.vehicle_id
)
SELECT "on", count(*), (SELECT count(*) FROM ended) FROM done GROUP BY "on" ORDER BY "on"
"""


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """What a workshop reports. ``number`` is where it stands in its file or request."""

    number: int
    vin: str
    workshop: str
    done_on: str
    versions: Mapping[str, str] = field(default_factory=dict)  # ECU -> as read back
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    number: int
    column: str
    value: str
    error: DomainError


@dataclass
class Taken:
    """What became of the rows: their sum is ``rows``."""

    rows: int = 0
    taken: int = 0
    duplicates: int = 0
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Good:
    vehicle_id: int
    row: CompletionRow
    done_on: date


class _Fault(Exception):
    def __init__(self, column: str, value: str, error: DomainError) -> None:
        super().__init__(column)
        self.column, self.value, self.error = column, value, error


@transaction.atomic(durable=True)
def record_completions(
    *, plan_id: int, rows: Sequence[CompletionRow], channel: str, actor: Actor, at: datetime
) -> Taken:
    """Take what workshops report; a bad row costs only itself.

    Raises:
        NoSuchPlan, NotAMember, NotYourTask, NotInForce.
    """
    plan, by = rights.plan_in_force(plan_id, actor, rights.REPORTS)
    done, root = Taken(rows=len(rows)), plan.recall_id
    wanted = _wanted(plan)
    for start in range(0, len(rows), BATCH):
        good = _sorted(plan, rows[start : start + BATCH], wanted, done, at)
        _keep(root, good, channel, at)
    if done.taken:
        records.log_plan(
            "recall:completions", plan, by, at, vehicles=done.taken, proof=str(Proof.WORKSHOP)
        )
    return done


def record_completion(
    *, plan_id: int, row: CompletionRow, channel: str, actor: Actor, at: datetime
) -> bool:
    """Take one vehicle's repair; say whether it was news.

    Raises:
        What is wrong with the row, and what ``record_completions`` raises.
    """
    done = record_completions(plan_id=plan_id, rows=[row], channel=channel, actor=actor, at=at)
    if done.refused:
        raise done.refused[0].error
    return bool(done.taken)


@transaction.atomic(durable=True)
def follow(*, plan_id: int, at: datetime) -> int:
    """Count the vehicles whose running version proves the remedy; say how many are new.

    Only actions that something happened to since the last time are looked at (``feed``).
    Owners who decline the update are put on the list of those to follow up.
    """
    plan = RecallPlan.objects.select_for_update(no_key=True).get(pk=plan_id)
    if plan.state not in IN_FORCE or not PlanRelease.objects.filter(plan=plan).exists():
        return 0
    actions = feed.since_last(plan, at).actions
    if actions == []:
        return 0
    consenting.take(plan, at, actions)
    given: dict[str, Any] = {
        "plan": plan.pk, "recall": plan.recall_id, "at": at, "proof": Proof.RUNNING_VERSION,
        "actions": actions,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PROVEN.format(news="" if actions is None else _AMONG), given)
        days = cursor.fetchall()
    if not days:
        return 0
    for on, count, _ended in days:
        counting.add(plan.recall_id, {Figure.BY_VERSION: count}, on)
    counting.add(plan.recall_id, {Figure.FOLLOW_UP: -days[0][2]}, at)
    news: int = sum(count for _on, count, _ended in days)
    records.log_plan(
        "recall:completions", plan, witnessed(PLATFORM), at, vehicles=news,
        proof=str(Proof.RUNNING_VERSION),
    )  # fmt: skip
    return news


def _wanted(plan: RecallPlan) -> dict[str, set[str]]:
    """Return by ECU the versions that remove the defect."""
    releases = PlanRelease.objects.filter(plan=plan).values("release_id")
    found: dict[str, set[str]] = {}
    for ecu, version in Change.objects.filter(release__in=releases).values_list(
        "ecu_name", "to_version"
    ):
        found.setdefault(ecu, set()).add(version)
    return found


def _sorted(
    plan: RecallPlan,
    rows: Sequence[CompletionRow],
    wanted: Mapping[str, set[str]],
    done: Taken,
    at: datetime,
) -> list[_Good]:
    """Return the rows that are news; refuse and count the others."""
    scoped, known = _known(plan, rows)
    today, good = legal_day(at), []
    seen: set[int] = set()
    for row in rows:
        try:
            vehicle_id = _vehicle(row, scoped, seen)
            done_on = _checked(row, wanted, today)
        except _Fault as fault:
            done.refused.append(Refusal(row.number, fault.column, fault.value, fault.error))
            continue
        seen.add(vehicle_id)
        if vehicle_id in known:
            done.duplicates += 1
        else:
            done.taken += 1
            good.append(_Good(vehicle_id, row, done_on))
    return good


def _known(plan: RecallPlan, rows: Iterable[CompletionRow]) -> tuple[dict[str, int], set[int]]:
    """Return the vehicles in scope by VIN, and which of them are remedied."""
    vins = {"".join(row.vin.split()).upper() for row in rows}
    by_vin = dict(
        Vehicle.objects.filter(manufacturer_id=plan.manufacturer_id, vin__in=vins).values_list(
            "vin", "pk"
        )
    )
    inside = set(
        InScope.objects.filter(
            plan=plan, included=True, vehicle_id__in=by_vin.values()
        ).values_list("vehicle_id", flat=True)
    )
    done = set(
        Remedied.objects.filter(recall_id=plan.recall_id, vehicle_id__in=inside).values_list(
            "vehicle_id", flat=True
        )
    )
    return {text: pk for text, pk in by_vin.items() if text and pk in inside}, done


def _vehicle(row: CompletionRow, scoped: Mapping[str, int], seen: set[int]) -> int:
    vehicle_id = scoped.get(_vin(row))
    if vehicle_id is None:
        raise _Fault("vin", row.vin, errors.NotInScope())
    if vehicle_id in seen:
        raise _Fault("vin", row.vin, errors.TwiceInFile())
    return vehicle_id


def _vin(row: CompletionRow) -> str:
    try:
        return vin.parse(row.vin).text
    except Invalid as wrong:
        raise _Fault("vin", row.vin, wrong) from None


def _checked(row: CompletionRow, wanted: Mapping[str, set[str]], today: date) -> date:
    if not row.workshop.strip():
        raise _Fault("workshop", row.workshop, errors.WorkshopMissing())
    try:
        done_on = date.fromisoformat(row.done_on.strip())
    except ValueError:
        raise _Fault("done_on", row.done_on, errors.WrongDay(value=row.done_on)) from None
    if done_on > today:
        raise _Fault("done_on", row.done_on, errors.WrongDay(value=row.done_on))
    proven = False
    for ecu, version in row.versions.items():
        if ecu in wanted and version not in wanted[ecu]:
            told = " / ".join(sorted(wanted[ecu]))
            error = errors.OtherVersion(ecu=ecu, version=version, wanted=told)
            raise _Fault(f"ecu:{ecu}", version, error)
        proven = proven or ecu in wanted
    if not proven and not row.evidence.strip():
        raise _Fault("evidence", "", errors.NothingProven())
    return done_on


def _keep(recall_id: int, good: Sequence[_Good], channel: str, at: datetime) -> None:
    if not good:
        return
    made = Completion.objects.bulk_create(
        [
            Completion(
                recall_id=recall_id,
                vehicle_id=one.vehicle_id,
                workshop=one.row.workshop.strip()[:80],
                done_on=one.done_on,
                versions=dict(one.row.versions),
                evidence=one.row.evidence.strip()[:200],
                channel=channel,
                reported_at=at,
            )
            for one in good
        ]
    )
    Remedied.objects.bulk_create(
        [
            Remedied(
                recall_id=recall_id,
                vehicle_id=one.vehicle_id,
                at=at,
                proof=Proof.WORKSHOP,
                reference=f"completion/{one.pk}",
            )
            for one in made
        ],
        ignore_conflicts=True,
    )
    ended = FollowUp.objects.filter(
        recall_id=recall_id, vehicle_id__in=[one.vehicle_id for one in good], ended_at=None
    ).update(ended_at=at)
    by_day: dict[date, int] = {}
    for one in good:
        by_day[one.done_on] = by_day.get(one.done_on, 0) + 1
    for on, count in sorted(by_day.items()):
        counting.add(recall_id, {Figure.BY_WORKSHOP: count}, on)
    counting.add(recall_id, {Figure.FOLLOW_UP: -ended}, at)
