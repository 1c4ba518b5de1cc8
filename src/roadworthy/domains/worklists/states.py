"""Life of a duty of a type: open until somebody states, with evidence, that it was done."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class State(StrEnum):
    OPEN = "open"
    FULFILLED = "fulfilled"


class Action(StrEnum):
    FULFIL = "fulfil"
    REOPEN = "reopen"


_SUPPLEMENT = Citation("N45", "二（二）")
_ANSWERABLE = frozenset({Role.HOMOLOGATION, Role.COMPLIANCE_OFFICER})

DUTY: Machine[State, Action, Role] = Machine(
    initial=State.OPEN,
    final=frozenset(),
    transitions=(
        Transition(
            Action.FULFIL, frozenset({State.OPEN}), State.FULFILLED, _ANSWERABLE, _SUPPLEMENT
        ),
        # What was stated by mistake is taken back; the ledger keeps both.
        Transition(
            Action.REOPEN,
            frozenset({State.FULFILLED}),
            State.OPEN,
            frozenset({Role.COMPLIANCE_OFFICER}),
            _SUPPLEMENT,
        ),
    ),
)
