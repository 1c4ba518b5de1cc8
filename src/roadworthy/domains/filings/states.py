"""Life of a filing before one authority."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class Kind(StrEnum):
    """What is filed or applied for."""

    CAPABILITY = "capability"  # OTA22 level 1: enterprise management capability
    TYPE = "type"  # OTA22 level 2: vehicle type and function
    ACTIVITY = "activity"  # OTA22 level 3: specific update activity
    MARKET_ACCESS = "market-access"  # a vehicle type, before the first one is sold
    PRODUCT_CHANGE = "product-change"  # permit for changed main technical parameters
    ACCESS_PERMIT = "access-permit"  # permit for a driving-automation function
    RECALL_PLAN = "recall-plan"  # IMP176 Art 24


_FILING = Citation("OTA22", "备案")
_REVIEWERS = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})
_FILER = frozenset({Role.HOMOLOGATION})

FILING = Machine(
    initial=State.DRAFT,
    final=frozenset({State.ACCEPTED, State.REFUSED, State.WITHDRAWN}),
    transitions=(
        Transition(
            Action.SUBMIT,
            frozenset({State.DRAFT, State.RETURNED}),
            State.SUBMITTED,
            _FILER,
            _FILING,
        ),
        Transition(
            Action.RETURN, frozenset({State.SUBMITTED}), State.RETURNED, _REVIEWERS, _FILING
        ),
        Transition(
            Action.ACCEPT, frozenset({State.SUBMITTED}), State.ACCEPTED, _REVIEWERS, _FILING
        ),
        Transition(Action.REFUSE, frozenset({State.SUBMITTED}), State.REFUSED, _REVIEWERS, _FILING),
        Transition(
            Action.WITHDRAW,
            frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED}),
            State.WITHDRAWN,
            _FILER,
            _FILING,
        ),
    ),
)
