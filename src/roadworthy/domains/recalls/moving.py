"""The one place in which states of this domain change: the table decides."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls.states import (
    DEFECT,
    LESSON,
    PLAN,
    RECALL_NOTICE,
    STOP_ORDER,
    Act,
    LessonAct,
    NoticeAct,
    PlanAct,
    StopAct,
)
from roadworthy.kernel.transitions import Machine

_MACHINES: dict[type[StrEnum], Machine[Any, Any, Any]] = {
    Act: DEFECT,
    StopAct: STOP_ORDER,
    PlanAct: PLAN,
    NoticeAct: RECALL_NOTICE,
    LessonAct: LESSON,
}


class Row(Protocol):
    """A row with a state."""

    state: Any

    def save(self, *, update_fields: Any = None) -> None:
        """Write the named fields."""


def move(row: Row, act: StrEnum, role: Role, *fields: str) -> dict[str, str]:
    """Take a step of a locked row and write it with the named fields; say what it was.

    Raises:
        WrongState: the table has no such step from where it is.
        WrongRole: it has, but not for this role.
    """
    machine = _MACHINES[type(act)]
    before = row.state
    after = machine.next_state(type(machine.initial)(before), act, role)
    row.state = after
    row.save(update_fields=["state", *fields])
    return {"action": act, "before": str(before), "after": str(after)}
