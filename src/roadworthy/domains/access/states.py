"""Life of an approval: granted by an acceptance, then in force until somebody ends it."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class State(StrEnum):
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"  # given back by the manufacturer


class Action(StrEnum):
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"


_SUPERVISION = Citation("N45", "二(二)")
_REVIEWER = frozenset({Role.MIIT_REVIEWER})

APPROVAL = Machine(
    initial=State.IN_FORCE,
    final=frozenset({State.REVOKED, State.WITHDRAWN}),
    transitions=(
        Transition(
            Action.SUSPEND,
            frozenset({State.IN_FORCE}),
            State.SUSPENDED,
            _REVIEWER,
            _SUPERVISION,
        ),
        Transition(
            Action.RESUME,
            frozenset({State.SUSPENDED}),
            State.IN_FORCE,
            _REVIEWER,
            _SUPERVISION,
        ),
        Transition(
            Action.REVOKE,
            frozenset({State.IN_FORCE, State.SUSPENDED}),
            State.REVOKED,
            _REVIEWER,
            _SUPERVISION,
        ),
        Transition(
            Action.WITHDRAW,
            frozenset({State.IN_FORCE, State.SUSPENDED}),
            State.WITHDRAWN,
            frozenset({Role.HOMOLOGATION}),
            _SUPERVISION,
        ),
    ),
)


class Matter(StrEnum):
    """What an application is for; the kinds of filing have the same names."""

    MARKET_ACCESS = "market-access"
    PRODUCT_CHANGE = "product-change"
    ACCESS_PERMIT = "access-permit"


class Standing(StrEnum):
    """How a registered type stands with the authority."""

    APPROVED = "approved"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    ENTERED = "entered"  # registered with an approval number of before the platform
