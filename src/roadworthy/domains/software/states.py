"""Life of a release: registered by an engineer, frozen, signed, countersigned, on the road."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class State(StrEnum):
    DRAFT = "draft"
    FROZEN = "frozen"  # content fixed, digest taken; can be filed
    SIGNED = "signed"  # the manufacturer's signature is on the candidate metadata
    RELEASED = "released"  # every signature that its labels ask for is there
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    FREEZE = "freeze"
    REOPEN = "reopen"
    SIGN = "sign"
    RELEASE = "release"
    WITHDRAW = "withdraw"


_TESTED = Citation("N45", "二(一)")
_CAPABLE = Citation("N45", "三(六)")
_CLASSES = Citation("N45", "三(七)")

RELEASE = Machine(
    initial=State.DRAFT,
    final=frozenset({State.WITHDRAWN}),
    transitions=(
        Transition(
            Action.FREEZE,
            frozenset({State.DRAFT}),
            State.FROZEN,
            frozenset({Role.RELEASE_ENGINEER}),
            _TESTED,
        ),
        Transition(
            Action.REOPEN,
            frozenset({State.FROZEN}),
            State.DRAFT,
            frozenset({Role.RELEASE_ENGINEER}),
            _TESTED,
        ),
        Transition(
            Action.SIGN,
            frozenset({State.FROZEN}),
            State.SIGNED,
            frozenset({Role.RELEASE_ENGINEER}),
            _CAPABLE,
        ),
        # Nobody presses this: it follows from the last signature (no release without filing).
        Transition(
            Action.RELEASE,
            frozenset({State.SIGNED}),
            State.RELEASED,
            frozenset({Role.PLATFORM}),
            _CLASSES,
        ),
        Transition(
            Action.WITHDRAW,
            frozenset({State.DRAFT, State.FROZEN, State.SIGNED, State.RELEASED}),
            State.WITHDRAWN,
            frozenset({Role.RELEASE_ENGINEER, Role.COMPLIANCE_OFFICER}),
            _CAPABLE,
        ),
    ),
)
