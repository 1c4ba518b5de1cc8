"""Life of one version of a text: written, checked, approved by somebody else, public, replaced."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in-review"
    APPROVED = "approved"
    PUBLISHED = "published"
    REPLACED = "replaced"  # a later version of the same text is public
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    REPLACE = "replace"
    WITHDRAW = "withdraw"


class Channel(StrEnum):
    """What sort of text it is, which decides what the rulebook asks of it."""

    PRODUCT_NAME = "product-name"
    FUNCTION_NAME = "function-name"
    ADVERTISEMENT = "advertisement"  # brochure, poster, video script
    WEB_PAGE = "web-page"
    IN_CAR = "in-car"
    DESCRIPTION = "description"  # for owners: what it does, its limits, what the driver must do
    UPDATE = "update"  # for owners: what one release changes


_TRUE_AND_COMPLETE = Citation("N45", "附件1")
_FACTUAL = Citation("AD21", "第四条")
_WRITER = frozenset({Role.MARKETING})
_REVIEWER = frozenset({Role.HOMOLOGATION})

TEXT = Machine(
    initial=State.DRAFT,
    final=frozenset({State.REPLACED, State.WITHDRAWN}),
    transitions=(
        Transition(
            Action.SUBMIT, frozenset({State.DRAFT}), State.IN_REVIEW, _WRITER, _TRUE_AND_COMPLETE
        ),
        Transition(
            Action.RETURN, frozenset({State.IN_REVIEW}), State.DRAFT, _REVIEWER, _TRUE_AND_COMPLETE
        ),
        Transition(
            Action.APPROVE,
            frozenset({State.IN_REVIEW}),
            State.APPROVED,
            _REVIEWER,
            _TRUE_AND_COMPLETE,
        ),
        Transition(Action.PUBLISH, frozenset({State.APPROVED}), State.PUBLISHED, _WRITER, _FACTUAL),
        # Nobody presses this: it follows from the publication of the next version.
        Transition(
            Action.REPLACE,
            frozenset({State.PUBLISHED}),
            State.REPLACED,
            frozenset({Role.PLATFORM}),
            _FACTUAL,
        ),
        Transition(
            Action.WITHDRAW,
            frozenset({State.DRAFT, State.IN_REVIEW, State.APPROVED, State.PUBLISHED}),
            State.WITHDRAWN,
            _WRITER | _REVIEWER | {Role.COMPLIANCE_OFFICER},
            _FACTUAL,
        ),
    ),
)
