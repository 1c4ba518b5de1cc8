"""Move actions along their table, many in one transaction, and write all of it at once.

* The table decides; what it refuses is raised to the caller and leaves no trace here.
* Each move is an event of its action. Ends are ledger entries as well, with the vehicle only as
  a salted commitment.
* ``at`` is the server's time. What a vehicle's clock said is in the event's detail, as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from roadworthy.domains.campaigns import feed
from roadworthy.domains.campaigns.models import Action, ActionEvent
from roadworthy.domains.campaigns.states import (
    ACTION,
    UNDER_WAY,
    ActionAct,
    ActionState,
    Actor,
)
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Witnessed, commitment

LONGEST_DETAIL = 500
LOGGED = frozenset(
    {ActionState.PROVEN, ActionState.FAILED, ActionState.CANCELLED, ActionState.TIMED_OUT}
)
NOT_TOLD = frozenset({ActionState.WAITING, ActionState.DECLINED})
_COLUMNS = {
    "id": "integer",
    "state": "text",
    "consented": "boolean",
    "offered_at": "timestamptz",
    "reported_at": "timestamptz",
    "closed_at": "timestamptz",
    "deadline_at": "timestamptz",
    "seen_version": "text",
    "detail": "text",
}
_UPDATE = "UPDATE {table} a SET {sets} FROM unnest({arrays}) AS n ({names}) WHERE a.id = n.id"


def locked_actions(actions: QuerySet[Action], *, skip_locked: bool = False) -> list[Action]:
    """Lock actions in the order of their ids and load what moving them needs."""
    return list(
        actions.select_for_update(no_key=True, skip_locked=skip_locked, of=("self",))
        .select_related("campaign", "vehicle__manufacturer")
        .order_by("id")
    )


def lock(actions: QuerySet[Action]) -> list[int]:
    """Lock actions in the order of their ids and return these."""
    locked = actions.select_for_update(no_key=True).order_by("id")
    return list(locked.values_list("pk", flat=True))


@dataclass
class Moves:
    """What one transaction does to actions; nothing is written before ``write``."""

    by: Witnessed  # who acts, where it is not the vehicle itself
    changed: dict[int, Action] = field(default_factory=dict)
    events: list[ActionEvent] = field(default_factory=list)
    steps: list[ledger.Step] = field(default_factory=list)
    _told: set[int] = field(default_factory=set)  # whose gateway rows may have to change

    def move(
        self,
        action: Action,
        act: ActionAct,
        actor: Actor,
        at: datetime,
        *,
        report_id: int | None = None,
        message: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> ActionState:
        """Take one step with a locked action.

        Raises:
            WrongState, WrongRole: the table has no such step; nothing happened.
        """
        before = ActionState(action.state)
        after = ACTION.next_state(before, act, actor)
        action.state = after
        if act == ActionAct.OFFER:
            action.offered_at = at
        if after == ActionState.DECLINED:
            action.offered_at, action.consented = None, False
        if actor == Actor.VEHICLE:
            action.reported_at = at
        if message:
            action.detail = message[:LONGEST_DETAIL]
        action.closed_at = at if after in ACTION.final else None
        action.deadline_at = deadline(action, at) if after in UNDER_WAY else None
        self.changed[action.pk] = action
        if not {before, after} <= NOT_TOLD:
            self._told.add(action.pk)
        self._event(action, act, at, report_id, detail)
        if after in LOGGED and before != after:
            self._log(action, actor, at, report_id, detail)
        return after

    def note(self, action: Action, note: str, at: datetime, report_id: int, **detail: Any) -> None:
        """Write down something that moved nothing."""
        self._event(action, "", at, report_id, {"note": note, **detail})

    def touch(self, action: Action) -> None:
        """Write the action although its state stays."""
        self.changed[action.pk] = action

    def write(self) -> None:
        """Write actions, events, ledger and what the gateways are told; the feed comes last."""
        _save(list(self.changed.values()))
        ActionEvent.objects.bulk_create(self.events, batch_size=2000)
        ledger.record_many(self.steps)
        feed.reflect(sorted(self._told))

    def _event(
        self,
        action: Action,
        act: str,
        at: datetime,
        report_id: int | None,
        detail: Mapping[str, Any] | None,
    ) -> None:
        self.events.append(
            ActionEvent(
                action=action,
                report_id=report_id,
                at=at,
                act=act,
                state=action.state,
                detail=dict(detail or {}),
            )
        )

    def _log(
        self,
        action: Action,
        actor: Actor,
        at: datetime,
        report_id: int | None,
        detail: Mapping[str, Any] | None,
    ) -> None:
        data: dict[str, Any] = {
            "campaign": action.campaign_id,
            "vehicle": commitment_of(action),
        }
        if report_id is not None:
            data["report"] = report_id
        if detail:
            data |= {key: detail[key] for key in ("versions", "reason", "code") if key in detail}
        self.steps.append(
            ledger.Step(
                event=f"action:{action.state}",
                subject=f"action/{action.pk}",
                actor=vehicle(action) if actor == Actor.VEHICLE else self.by,
                at=at,
                release_id=action.campaign.release_id,
                data=data,
            )
        )


def deadline(action: Action, at: datetime) -> datetime:
    """Return until when an action may stay without a word."""
    return at + timedelta(hours=action.campaign.time_out_hours)


def commitment_of(action: Action) -> str:
    """Return how the ledger knows the action's vehicle."""
    return commitment(bytes(action.vehicle.salt), f"vehicle/{action.vehicle_id}")


def vehicle(action: Action) -> Witnessed:
    """Return the action's vehicle as the one who acts."""
    return Witnessed("vehicle", action.vehicle.manufacturer.slug, commitment_of(action))


def _save(actions: list[Action]) -> None:
    if not actions:
        return
    names = list(_COLUMNS)
    sql = _UPDATE.format(
        table=Action._meta.db_table,  # noqa: SLF001 - Django's documented way to a model's table
        sets=", ".join(f"{name} = n.{name}" for name in names if name != "id"),
        arrays=", ".join(f"%s::{type_}[]" for type_ in _COLUMNS.values()),
        names=", ".join(names),
    )
    columns = [[_plain(getattr(action, name)) for action in actions] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(sql, columns)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
