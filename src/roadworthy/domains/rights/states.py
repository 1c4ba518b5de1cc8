"""Life of a request: received, then carried out, refused or taken back."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class Actor(StrEnum):
    """Who may move a request; the values of the people are those of their roles."""

    DATA = "data-compliance"
    OWNER = "owner"


class Kind(StrEnum):
    ACCESS = "access"  # a copy of everything
    DELETION = "deletion"


class State(StrEnum):
    RECEIVED = "received"
    CARRIED_OUT = "carried-out"
    REFUSED = "refused"
    TAKEN_BACK = "taken-back"


class Action(StrEnum):
    CARRY_OUT = "carry-out"
    REFUSE = "refuse"
    TAKE_BACK = "take-back"


_PERSON = Citation("ADP21", "第九条")
_DATA = frozenset({Actor.DATA})

REQUEST = Machine(
    initial=State.RECEIVED,
    final=frozenset({State.CARRIED_OUT, State.REFUSED, State.TAKEN_BACK}),
    transitions=(
        Transition(
            Action.CARRY_OUT, frozenset({State.RECEIVED}), State.CARRIED_OUT, _DATA, _PERSON
        ),
        Transition(Action.REFUSE, frozenset({State.RECEIVED}), State.REFUSED, _DATA, _PERSON),
        Transition(
            Action.TAKE_BACK,
            frozenset({State.RECEIVED}),
            State.TAKEN_BACK,
            frozenset({Actor.OWNER}),
            _PERSON,
        ),
    ),
)
