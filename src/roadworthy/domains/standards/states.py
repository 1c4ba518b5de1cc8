"""Life of a standard: planned, drafted, commented on, published, in force, replaced.

The table moves what is kept. Where a standard stands on a given day follows from its dates
(``life.py``): the two agree once the platform has carried out what fell due.
"""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class State(StrEnum):
    PLANNED = "planned"
    DRAFTING = "drafting"
    COMMENT = "comment"  # open for comments until a day
    APPROVED = "approved"
    PUBLISHED = "published"  # and not in force yet
    IN_FORCE = "in-force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    DRAFT = "draft"
    INVITE = "invite-comments"
    APPROVE = "approve"
    PUBLISH = "publish"
    TAKE_EFFECT = "take-effect"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


class Kind(StrEnum):
    """What a standard is before the law; it follows from the letters of its number."""

    MANDATORY = "mandatory"  # GB
    RECOMMENDED = "recommended"  # GB/T
    GUIDANCE = "guidance"  # GB/Z
    SECTOR = "sector"  # YD/T, QC/T, ...
    LOCAL = "local"  # DB11/T
    ASSOCIATION = "association"  # T/CSAE
    ENTERPRISE = "enterprise"  # Q/...
    INTERNATIONAL = "international"  # ISO, IEC, ITU-T, IEEE
    UN = "un"  # UN regulations


class Degree(StrEnum):
    """How a standard takes over an international one."""

    IDENTICAL = "idt"
    MODIFIED = "mod"
    NOT_EQUIVALENT = "neq"
    UNKNOWN = "unknown"  # the source names the pair and not the degree


class Grade(StrEnum):
    """How well a fact is known."""

    A = "A"  # the official text was read in full
    B = "B"  # a faithful copy, or several concordant ones
    C = "C"  # a digest, or one secondary source
    D = "D"  # general knowledge, not verified


_EDITORS = frozenset({Role.MIIT_REVIEWER, Role.COMPLIANCE_OFFICER, Role.HOMOLOGATION})
_TAKES_PLACE = _EDITORS | {Role.PLATFORM}  # the platform carries out what its day has come for
_KINDS = Citation("SL17", "第二条")
_EFFECT = Citation("SL17", "第二十九条")
_UNPUBLISHED = frozenset({State.PLANNED, State.DRAFTING, State.COMMENT, State.APPROVED})

STANDARD = Machine(
    initial=State.PLANNED,
    final=frozenset({State.WITHDRAWN}),
    transitions=(
        Transition(
            Action.DRAFT,
            frozenset({State.PLANNED, State.COMMENT}),
            State.DRAFTING,
            _EDITORS,
            _KINDS,
        ),
        Transition(
            Action.INVITE,
            frozenset({State.PLANNED, State.DRAFTING}),
            State.COMMENT,
            _EDITORS,
            _KINDS,
        ),
        Transition(
            Action.APPROVE,
            frozenset({State.DRAFTING, State.COMMENT}),
            State.APPROVED,
            _EDITORS,
            _KINDS,
        ),
        Transition(Action.PUBLISH, _UNPUBLISHED, State.PUBLISHED, _EDITORS, _KINDS),
        Transition(
            Action.TAKE_EFFECT,
            frozenset({State.PUBLISHED}),
            State.IN_FORCE,
            _TAKES_PLACE,
            _EFFECT,
        ),
        Transition(
            Action.SUPERSEDE,
            frozenset({State.PUBLISHED, State.IN_FORCE}),
            State.SUPERSEDED,
            _TAKES_PLACE,
            _EFFECT,
        ),
        Transition(
            Action.WITHDRAW,
            _UNPUBLISHED | {State.PUBLISHED, State.IN_FORCE, State.SUPERSEDED},
            State.WITHDRAWN,
            _TAKES_PLACE,
            _EFFECT,
        ),
    ),
)


class Report(StrEnum):
    """What it means that a source says where a standard stands."""

    FACTS = "facts"  # it stands where it stood
    STATE = "state"  # it went on, by one step of the table or by several that nobody told
    CORRECTED = "corrected"  # no step leads there: what was kept before was wrong


def reported(before: State, told: State) -> Report:
    """Say how a source's report of a state follows from what was kept.

    A file or the bundle does not act on a standard, it tells what its issuer did. So it may name
    any state; one that the table does not lead to corrects the entry, and is called so.
    """
    if told is before:
        return Report.FACTS
    reached, open_ = {before}, [before]
    while open_:
        here = open_.pop()
        found = {one.target for one in STANDARD.transitions if here in one.sources} - reached
        reached |= found
        open_.extend(found)
    return Report.STATE if told in reached else Report.CORRECTED
