"""Lives of a finding and of its copy before one authority."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class Kind(StrEnum):
    """What was found. Each names the rule that it touches; none of them is a verdict."""

    UNFILED_SOFTWARE = "unfiled-software"  # a version that no approval, filing or release covers
    CONTENT_DIFFERS = "content-differs"  # a release is not what was filed
    FREQUENT_UPDATES = "frequent-updates"  # more updates of a type than somebody calls frequent
    DEFECT_AS_SERVICE = "defect-as-service"  # a "service" update that removes a defect


class State(StrEnum):
    OPEN = "open"  # waits for the manufacturer
    EXPLAINED = "explained"  # the manufacturer says why, with evidence
    NOISE = "noise"  # the manufacturer says that it is no software of a vehicle at all
    REPORTED = "reported"  # before both authorities, without an explanation
    ANSWERED = "answered"  # before both authorities, explained since
    CLOSED = "closed"  # both authorities have settled it
    COVERED = "covered"  # an approval, a filing or a release covers it by now


class Act(StrEnum):
    EXPLAIN = "explain"
    DISMISS = "dismiss"
    UNDO = "undo"  # the explanation was wrong
    REPORT = "report"
    CLOSE = "close"
    REOPEN = "reopen"
    COVER = "cover"


class ReferralState(StrEnum):
    WAITING = "waiting"
    SETTLED = "settled"


class ReferralAct(StrEnum):
    SETTLE = "settle"
    REOPEN = "reopen"


_S = State
_EXPLAINERS = frozenset({Role.COMPLIANCE_OFFICER, Role.HOMOLOGATION})
_COMPLIANCE = frozenset({Role.COMPLIANCE_OFFICER})
_PLATFORM = frozenset({Role.PLATFORM})
_REVIEWERS = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})
_OTA = Citation("N45", "三（六）")
_TOGETHER = Citation("N45", "三（八）")
_SUPERVISION = Citation("N45", "四（十）")

FINDING = Machine(
    initial=_S.OPEN,
    final=frozenset({_S.COVERED}),
    transitions=(
        Transition(Act.EXPLAIN, frozenset({_S.OPEN}), _S.EXPLAINED, _EXPLAINERS, _OTA),
        Transition(Act.EXPLAIN, frozenset({_S.REPORTED}), _S.ANSWERED, _EXPLAINERS, _OTA),
        Transition(Act.DISMISS, frozenset({_S.OPEN}), _S.NOISE, _COMPLIANCE, _OTA),
        Transition(Act.UNDO, frozenset({_S.EXPLAINED, _S.NOISE}), _S.OPEN, _EXPLAINERS, _OTA),
        # An authority that is not satisfied asks again by the same step.
        Transition(
            Act.UNDO, frozenset({_S.ANSWERED}), _S.REPORTED, _EXPLAINERS | _REVIEWERS, _SUPERVISION
        ),
        # In time the platform reports what nobody explained; the manufacturer may do so before.
        Transition(
            Act.REPORT, frozenset({_S.OPEN}), _S.REPORTED, _COMPLIANCE | _PLATFORM, _TOGETHER
        ),
        Transition(
            Act.CLOSE,
            frozenset({_S.REPORTED, _S.ANSWERED}),
            _S.CLOSED,
            _PLATFORM,
            _SUPERVISION,
        ),
        Transition(Act.REOPEN, frozenset({_S.CLOSED}), _S.REPORTED, _REVIEWERS, _SUPERVISION),
        # What is before an authority stays there: that it is covered now does not undo that it ran.
        Transition(
            Act.COVER,
            frozenset({_S.OPEN, _S.EXPLAINED, _S.NOISE}),
            _S.COVERED,
            _PLATFORM,
            _OTA,
        ),
    ),
)

REFERRAL = Machine(
    initial=ReferralState.WAITING,
    final=frozenset(),
    transitions=(
        Transition(
            ReferralAct.SETTLE,
            frozenset({ReferralState.WAITING}),
            ReferralState.SETTLED,
            _REVIEWERS,
            _SUPERVISION,
        ),
        Transition(
            ReferralAct.REOPEN,
            frozenset({ReferralState.SETTLED}),
            ReferralState.WAITING,
            _REVIEWERS,
            _SUPERVISION,
        ),
    ),
)


class Reason(StrEnum):
    """What an explanation says the software is."""

    WORKSHOP = "workshop"  # a workshop flashed it
    DEVELOPMENT = "development"  # a test vehicle of the manufacturer
    EARLIER = "earlier"  # approved before this platform knew the type
    FORMAT = "format"  # the answer is not a version, or of a format that is not known
    REPORTING = "reporting"  # the vehicle reports wrongly
    OTHER = "other"


NOISE_REASONS = frozenset({Reason.FORMAT, Reason.REPORTING})
BEFORE_AUTHORITIES = frozenset({State.REPORTED, State.ANSWERED, State.CLOSED})
UNSETTLED = frozenset({State.OPEN, State.REPORTED})
