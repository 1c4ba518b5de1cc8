"""Life of a filing before one authority, of a draft before that, of a question within it."""

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
    SUPERSEDED = "superseded"


class Action(StrEnum):
    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    # An attested authority has answered on paper; the manufacturer's officer enters what it said.
    ENTER_ACCEPTANCE = "enter-acceptance"
    ENTER_RETURN = "enter-return"
    ENTER_REFUSAL = "enter-refusal"
    SUPERSEDE = "supersede"  # a later filing of the same matter took its place


class Kind(StrEnum):
    """What is filed or applied for."""

    CAPABILITY = "capability"  # OTA22 level 1: enterprise management capability
    TYPE = "type"  # OTA22 level 2: vehicle type and function
    ACTIVITY = "activity"  # OTA22 level 3: specific update activity
    MARKET_ACCESS = "market-access"  # a vehicle type, before the first one is sold
    PRODUCT_CHANGE = "product-change"  # permit for changed main technical parameters
    ACCESS_PERMIT = "access-permit"  # permit for a driving-automation function
    RECALL_PLAN = "recall-plan"  # IMP176 Art 24
    IMPLEMENTATION_REPORT = "implementation"  # OTA22: after an activity is completed
    STAGE_REPORT = "stage"  # OTA22: while an activity runs long
    RECALL_STAGE_REPORT = "recall-stage"  # IMP176: while a recall is carried out
    RECALL_FINAL_REPORT = "recall-final"  # IMP176: after a recall is completed


_FILING = Citation("OTA22", "备案")
_TRUE = Citation("OTA22", "信息真实")  # what is filed is true, accurate and complete
_REVIEWERS = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})
_FILER = frozenset({Role.HOMOLOGATION})
_ATTESTER = frozenset({Role.COMPLIANCE_OFFICER})

FILING = Machine(
    initial=State.DRAFT,
    final=frozenset({State.REFUSED, State.WITHDRAWN, State.SUPERSEDED}),
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
        # Of an attested authority only; which one is, the operator says and the service asks.
        Transition(
            Action.ENTER_ACCEPTANCE,
            frozenset({State.SUBMITTED}),
            State.ACCEPTED,
            _ATTESTER,
            _FILING,
        ),
        Transition(
            Action.ENTER_RETURN, frozenset({State.SUBMITTED}), State.RETURNED, _ATTESTER, _FILING
        ),
        Transition(
            Action.ENTER_REFUSAL, frozenset({State.SUBMITTED}), State.REFUSED, _ATTESTER, _FILING
        ),
        Transition(
            Action.WITHDRAW,
            frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED}),
            State.WITHDRAWN,
            _FILER,
            _FILING,
        ),
        # What was accepted stands until the amendment is accepted; what was not decided, or was
        # sent back, until the next version is handed in.
        Transition(
            Action.SUPERSEDE,
            frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED, State.ACCEPTED}),
            State.SUPERSEDED,
            frozenset({Role.PLATFORM}),
            _TRUE,
        ),
    ),
)


class DraftState(StrEnum):
    OPEN = "open"
    USED = "used"
    DISCARDED = "discarded"


class DraftAction(StrEnum):
    WRITE = "write"  # save, attach, merge
    USE = "use"
    DISCARD = "discard"


DRAFT = Machine(
    initial=DraftState.OPEN,
    final=frozenset({DraftState.USED, DraftState.DISCARDED}),
    transitions=(
        Transition(
            DraftAction.WRITE, frozenset({DraftState.OPEN}), DraftState.OPEN, _FILER, _FILING
        ),
        Transition(DraftAction.USE, frozenset({DraftState.OPEN}), DraftState.USED, _FILER, _FILING),
        Transition(
            DraftAction.DISCARD,
            frozenset({DraftState.OPEN}),
            DraftState.DISCARDED,
            _FILER,
            _FILING,
        ),
    ),
)


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    TAKEN_BACK = "taken-back"


class QuestionAction(StrEnum):
    ANSWER = "answer"
    TAKE_BACK = "take-back"


QUESTION = Machine(
    initial=QuestionState.OPEN,
    final=frozenset({QuestionState.ANSWERED, QuestionState.TAKEN_BACK}),
    transitions=(
        Transition(
            QuestionAction.ANSWER,
            frozenset({QuestionState.OPEN}),
            QuestionState.ANSWERED,
            _FILER,
            _TRUE,
        ),
        Transition(
            QuestionAction.TAKE_BACK,
            frozenset({QuestionState.OPEN}),
            QuestionState.TAKEN_BACK,
            _REVIEWERS,
            _FILING,
        ),
    ),
)
