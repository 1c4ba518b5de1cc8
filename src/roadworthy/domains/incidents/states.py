"""Lives of an incident, of a report before one authority, of a question about it, of a hold."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class Trigger(StrEnum):
    """How it came to notice. What it is before the law is stated by a person: its kinds."""

    DISENGAGEMENT = "disengagement"  # the system failed and switched itself off
    COLLISION = "collision"
    TAKEOVER_UNANSWERED = "takeover-unanswered"
    UPDATE_FAILED = "update-failed"
    INTRUSION = "intrusion"
    THERMAL = "thermal"  # heat, smoke or fire in the drive battery
    LOSS_OF_CONTROL = "loss-of-control"
    OTHER = "other"


class Channel(StrEnum):
    """Who told of it."""

    VEHICLE = "vehicle"
    OWNER = "owner"
    PERSON = "person"  # of the manufacturer, by the portal
    SYSTEM = "system"  # another system of the manufacturer, by the API
    AUTHORITY = "authority"
    COMPLAINT = "complaint"


class Series(StrEnum):
    """The reports that the law knows; each has its own versions."""

    INCIDENT = "incident"  # N45, SOTA20: what happened
    NEV_BASIC = "nev-basic"  # NEV19: basic information
    NEV_FULL = "nev-full"  # NEV19: the full form


class State(StrEnum):
    NEW = "new"  # nobody has said yet what it is
    OPEN = "open"
    CONCLUDED = "concluded"  # the investigation has its root cause and measures
    CLOSED = "closed"
    SET_ASIDE = "set-aside"  # no incident
    MERGED = "merged"  # the same as another one


class Action(StrEnum):
    QUALIFY = "qualify"
    SET_ASIDE = "set-aside"
    TAKE_BACK = "take-back"  # it was one after all
    CONCLUDE = "conclude"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    SEPARATE = "separate"


class CopyState(StrEnum):
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"


class CopyAction(StrEnum):
    ACKNOWLEDGE = "acknowledge"


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"


class QuestionAction(StrEnum):
    ANSWER = "answer"


class HoldState(StrEnum):
    ACTIVE = "active"
    END_PROPOSED = "end-proposed"  # waits for a second person
    ENDED = "ended"


class HoldAction(StrEnum):
    PROPOSE_END = "propose-end"
    KEEP = "keep"
    END = "end"


_S, _H = State, HoldState
_SAFETY = frozenset({Role.SAFETY})
_OFFICER = frozenset({Role.COMPLIANCE_OFFICER})
_BOTH = _SAFETY | _OFFICER
_REVIEWERS = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})
_INCIDENT = Citation("N45", "二（四）")
_INVESTIGATE = Citation("REG626", "第十二条")
_COOPERATE = Citation("N45", "三（八）")

INCIDENT = Machine(
    initial=State.NEW,
    final=frozenset(),
    transitions=(
        Transition(Action.QUALIFY, frozenset({_S.NEW}), _S.OPEN, _SAFETY, _INCIDENT),
        Transition(Action.SET_ASIDE, frozenset({_S.NEW}), _S.SET_ASIDE, _OFFICER, _INCIDENT),
        Transition(Action.TAKE_BACK, frozenset({_S.SET_ASIDE}), _S.NEW, _BOTH, _INCIDENT),
        Transition(Action.CONCLUDE, frozenset({_S.OPEN}), _S.CONCLUDED, _SAFETY, _INVESTIGATE),
        Transition(Action.CLOSE, frozenset({_S.CONCLUDED}), _S.CLOSED, _OFFICER, _INCIDENT),
        Transition(
            Action.REOPEN, frozenset({_S.CONCLUDED, _S.CLOSED}), _S.OPEN, _BOTH, _INVESTIGATE
        ),
        Transition(Action.MERGE, frozenset({_S.NEW, _S.OPEN}), _S.MERGED, _SAFETY, _INCIDENT),
        Transition(Action.SEPARATE, frozenset({_S.MERGED}), _S.NEW, _SAFETY, _INCIDENT),
    ),
)

COPY = Machine(
    initial=CopyState.SENT,
    final=frozenset({CopyState.ACKNOWLEDGED}),
    transitions=(
        Transition(
            CopyAction.ACKNOWLEDGE,
            frozenset({CopyState.SENT}),
            CopyState.ACKNOWLEDGED,
            _REVIEWERS,
            _INCIDENT,
        ),
    ),
)

QUESTION = Machine(
    initial=QuestionState.OPEN,
    final=frozenset({QuestionState.ANSWERED}),
    transitions=(
        Transition(
            QuestionAction.ANSWER,
            frozenset({QuestionState.OPEN}),
            QuestionState.ANSWERED,
            _BOTH,
            _COOPERATE,
        ),
    ),
)

HOLD = Machine(
    initial=HoldState.ACTIVE,
    final=frozenset({HoldState.ENDED}),
    transitions=(
        Transition(
            HoldAction.PROPOSE_END, frozenset({_H.ACTIVE}), _H.END_PROPOSED, _BOTH, _INCIDENT
        ),
        Transition(HoldAction.KEEP, frozenset({_H.END_PROPOSED}), _H.ACTIVE, _BOTH, _INCIDENT),
        Transition(HoldAction.END, frozenset({_H.END_PROPOSED}), _H.ENDED, _OFFICER, _INCIDENT),
    ),
)
