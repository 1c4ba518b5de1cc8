"""Life of a release, and of the test reports that it rests on."""

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


class ReportState(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"  # the institution's signature is on it; nobody else sees it yet
    HANDED_OVER = "handed-over"  # the manufacturer has it and may rest a claim on it
    REVOKED = "revoked"  # the institution no longer stands by it; who has it is told why
    DISCARDED = "discarded"


class ReportAction(StrEnum):
    SIGN = "sign"
    HAND_OVER = "hand-over"
    REVOKE = "revoke"
    DISCARD = "discard"


_INSTITUTION = frozenset({Role.TEST_ENGINEER})

REPORT = Machine(
    initial=ReportState.DRAFT,
    final=frozenset({ReportState.REVOKED, ReportState.DISCARDED}),
    transitions=(
        Transition(
            ReportAction.SIGN,
            frozenset({ReportState.DRAFT}),
            ReportState.SIGNED,
            _INSTITUTION,
            _TESTED,
        ),
        Transition(
            ReportAction.HAND_OVER,
            frozenset({ReportState.SIGNED}),
            ReportState.HANDED_OVER,
            _INSTITUTION,
            _TESTED,
        ),
        Transition(
            ReportAction.REVOKE,
            frozenset({ReportState.SIGNED, ReportState.HANDED_OVER}),
            ReportState.REVOKED,
            _INSTITUTION,
            _TESTED,
        ),
        Transition(
            ReportAction.DISCARD,
            frozenset({ReportState.DRAFT}),
            ReportState.DISCARDED,
            _INSTITUTION,
            _TESTED,
        ),
    ),
)
