"""Life of a complaint: received, answered, perhaps in dispute, settled, closed."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class Actor(StrEnum):
    """Who may move a complaint; the values of the people are those of their roles."""

    AFTER_SALES = "after-sales"
    COMPLIANCE_OFFICER = "compliance-officer"
    OWNER = "owner"


class State(StrEnum):
    RECEIVED = "received"
    ANSWERED = "answered"
    IN_DISPUTE = "in-dispute"
    SETTLED = "settled"
    CLOSED = "closed"
    TAKEN_BACK = "taken-back"  # by the owner


class Action(StrEnum):
    ANSWER = "answer"
    DISPUTE = "dispute"
    SETTLE = "settle"
    CLOSE = "close"
    REOPEN = "reopen"
    TAKE_BACK = "take-back"


class Category(StrEnum):
    """What it is about, in the owner's terms."""

    DISENGAGEMENT = "disengagement"  # the function switched itself off
    WRONG_ACTION = "wrong-action"  # braked, steered or accelerated without reason
    NO_ACTION = "no-action"  # did nothing where it should have
    UPDATE_FAILED = "update-failed"
    WORSE_AFTER_UPDATE = "worse-after-update"
    NOT_AS_PROMISED = "not-as-promised"  # other than the name or the advertisement said
    NOT_TOLD = "not-told"  # updated or changed without being told or asked
    OTHER = "other"


_SUPPORT = Citation("N45", "四（九）")
_SERVICE = frozenset({Actor.AFTER_SALES})
_BOTH = _SERVICE | {Actor.COMPLIANCE_OFFICER}
_OWNER_TOO = _SERVICE | {Actor.OWNER}
_OPEN = frozenset({State.RECEIVED, State.ANSWERED, State.IN_DISPUTE})

COMPLAINT = Machine(
    initial=State.RECEIVED,
    final=frozenset({State.TAKEN_BACK}),
    transitions=(
        Transition(Action.ANSWER, frozenset({State.RECEIVED}), State.ANSWERED, _SERVICE, _SUPPORT),
        Transition(
            Action.DISPUTE,
            frozenset({State.RECEIVED, State.ANSWERED}),
            State.IN_DISPUTE,
            _BOTH,
            _SUPPORT,
        ),
        Transition(Action.SETTLE, frozenset({State.IN_DISPUTE}), State.SETTLED, _BOTH, _SUPPORT),
        Transition(
            Action.CLOSE,
            frozenset({State.ANSWERED, State.SETTLED}),
            State.CLOSED,
            _SERVICE,
            _SUPPORT,
        ),
        Transition(
            Action.REOPEN,
            frozenset({State.ANSWERED, State.SETTLED, State.CLOSED}),
            State.RECEIVED,
            _OWNER_TOO,
            _SUPPORT,
        ),
        Transition(Action.TAKE_BACK, _OPEN, State.TAKEN_BACK, _OWNER_TOO, _SUPPORT),
    ),
)
