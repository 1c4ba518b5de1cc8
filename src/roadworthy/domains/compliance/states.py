"""Evidence comes, counts and goes; a notice is read. And the states of a cell, which only follow.

The first table is ours: no article asks for the second pair of eyes. The access rules ask for
reports and supporting documents (N45 2(2)); that nobody confirms their own is how we keep it.
"""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class EvidenceState(StrEnum):
    PROPOSED = "proposed"  # attached; it counts once somebody else has confirmed it
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class EvidenceAction(StrEnum):
    CONFIRM = "confirm"
    REFUSE = "refuse-evidence"
    WITHDRAW = "withdraw"


class EvidenceKind(StrEnum):
    TEST_REPORT = "test-report"  # signed by a test institution, handed over
    ATTESTATION = "attestation"  # somebody states it, under a name
    DOCUMENT = "document"


class NoticeState(StrEnum):
    OPEN = "open"
    SEEN = "seen"


class NoticeAction(StrEnum):
    READ = "mark-as-read"


class NoticeKind(StrEnum):
    COMMENT = "comment"  # a draft can be commented on until a day
    IN_FORCE = "in-force"  # a standard that a type cites takes effect
    SUPERSEDED = "superseded"  # a standard that a type cites has successors


class CellState(StrEnum):
    """In the order in which somebody has to look at it."""

    MISSING = "missing"
    EXPIRED = "expired"
    UNDETERMINED = "undetermined"
    NOT_YET = "not-yet"
    MET = "met"
    NOT_APPLICABLE = "not-applicable"


_DOCUMENTS = Citation("N45", "二（二）")
_WATCH = Citation("SL17", "第二十九条")
_FILER = frozenset({Role.HOMOLOGATION})
_OFFICER = frozenset({Role.COMPLIANCE_OFFICER})
_S, _A = EvidenceState, EvidenceAction

EVIDENCE = Machine(
    initial=_S.PROPOSED,
    final=frozenset({_S.REFUSED, _S.WITHDRAWN}),
    transitions=(
        # The platform confirms what an institution signed.
        Transition(
            _A.CONFIRM,
            frozenset({_S.PROPOSED}),
            _S.CONFIRMED,
            _OFFICER | {Role.PLATFORM},
            _DOCUMENTS,
        ),
        Transition(_A.REFUSE, frozenset({_S.PROPOSED}), _S.REFUSED, _OFFICER, _DOCUMENTS),
        Transition(
            _A.WITHDRAW,
            frozenset({_S.PROPOSED, _S.CONFIRMED}),
            _S.WITHDRAWN,
            _FILER | _OFFICER,
            _DOCUMENTS,
        ),
    ),
)
NOTICE = Machine(
    initial=NoticeState.OPEN,
    final=frozenset({NoticeState.SEEN}),
    transitions=(
        Transition(
            NoticeAction.READ,
            frozenset({NoticeState.OPEN}),
            NoticeState.SEEN,
            _FILER | _OFFICER,
            _WATCH,
        ),
    ),
)
