"""Lives of a peer and of a message that came from one."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class PeerState(StrEnum):
    PROPOSED = "proposed"  # its card was entered
    CONFIRMED = "confirmed"  # a person compared the fingerprint over another channel
    SUSPENDED = "suspended"
    ENDED = "ended"


class PeerAct(StrEnum):
    CONFIRM = "confirm"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


class MessageState(StrEnum):
    RECEIVED = "received"
    WAITING = "waiting"  # for a file, or for a fact that another message brings
    APPLIED = "applied"
    DEAD = "dead"  # it cannot take effect: a person looks
    SET_ASIDE = "set-aside"  # a person decided that the line goes on without it


class MessageAct(StrEnum):
    APPLY = "apply"
    WAIT = "wait"
    FAIL = "fail"
    RETRY = "retry"
    SET_ASIDE = "set-aside"


class Halt(StrEnum):
    """Why a line does not go on."""

    CONFLICT = "conflict"  # the sender said two things in one place: nothing more is taken
    DEAD_LETTER = "dead-letter"  # a message cannot take effect: more is kept, nothing applied
    REFUSED_THERE = "refused-there"
    HALTED_THERE = "halted-there"


_COORDINATION = Citation("N45", "三（八）")
_PLATFORM = frozenset({Role.PLATFORM})
ANSWERABLE = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.MIIT_REVIEWER, Role.SAMR_REVIEWER, Role.TEST_ENGINEER}
)
_P, _M = PeerState, MessageState

PEER = Machine(
    initial=_P.PROPOSED,
    final=frozenset({_P.ENDED}),
    transitions=(
        Transition(
            PeerAct.CONFIRM,
            frozenset({_P.PROPOSED}),
            _P.CONFIRMED,
            ANSWERABLE | _PLATFORM,
            _COORDINATION,
        ),
        Transition(
            PeerAct.SUSPEND,
            frozenset({_P.CONFIRMED}),
            _P.SUSPENDED,
            ANSWERABLE | _PLATFORM,
            _COORDINATION,
        ),
        Transition(
            PeerAct.RESUME,
            frozenset({_P.SUSPENDED}),
            _P.CONFIRMED,
            ANSWERABLE | _PLATFORM,
            _COORDINATION,
        ),
        Transition(
            PeerAct.END,
            frozenset({_P.PROPOSED, _P.CONFIRMED, _P.SUSPENDED}),
            _P.ENDED,
            ANSWERABLE | _PLATFORM,
            _COORDINATION,
        ),
    ),
)

MESSAGE = Machine(
    initial=_M.RECEIVED,
    final=frozenset({_M.APPLIED, _M.SET_ASIDE}),
    transitions=(
        Transition(
            MessageAct.APPLY,
            frozenset({_M.RECEIVED, _M.WAITING}),
            _M.APPLIED,
            _PLATFORM,
            _COORDINATION,
        ),
        Transition(
            MessageAct.WAIT,
            frozenset({_M.RECEIVED, _M.WAITING}),
            _M.WAITING,
            _PLATFORM,
            _COORDINATION,
        ),
        Transition(
            MessageAct.FAIL,
            frozenset({_M.RECEIVED, _M.WAITING}),
            _M.DEAD,
            _PLATFORM,
            _COORDINATION,
        ),
        Transition(MessageAct.RETRY, frozenset({_M.DEAD}), _M.RECEIVED, ANSWERABLE, _COORDINATION),
        Transition(
            MessageAct.SET_ASIDE, frozenset({_M.DEAD}), _M.SET_ASIDE, ANSWERABLE, _COORDINATION
        ),
    ),
)
