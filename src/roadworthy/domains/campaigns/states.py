"""Lives of a campaign and of the update of one vehicle."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class State(StrEnum):
    DRAFT = "draft"
    NOTIFYING = "notifying"  # owners see the notice and answer; nothing is offered
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # emergency stop: no vehicle is told to install anything
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Act(StrEnum):
    NOTIFY = "notify"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    COMPLETE = "complete"
    CANCEL = "cancel"


_RUN = frozenset({Role.COMPLIANCE_OFFICER})
_PLATFORM = frozenset({Role.PLATFORM})
_KNOW = Citation("N45", "三(六)")
_NOTICE = Citation("OTA22", "告知")
_REPORT = Citation("OTA22", "实施情况")
_SAFE = Citation("GB 44496", "4")

CAMPAIGN = Machine(
    initial=State.DRAFT,
    final=frozenset({State.COMPLETED, State.CANCELLED}),
    transitions=(
        Transition(Act.NOTIFY, frozenset({State.DRAFT}), State.NOTIFYING, _RUN, _NOTICE),
        Transition(Act.START, frozenset({State.NOTIFYING}), State.RUNNING, _RUN, _KNOW),
        Transition(Act.PAUSE, frozenset({State.RUNNING}), State.PAUSED, _RUN | _PLATFORM, _SAFE),
        Transition(
            Act.RESUME, frozenset({State.PAUSED, State.STOPPED}), State.RUNNING, _RUN, _SAFE
        ),
        Transition(
            Act.STOP,
            frozenset({State.NOTIFYING, State.RUNNING, State.PAUSED}),
            State.STOPPED,
            _RUN | {Role.RELEASE_ENGINEER},
            _SAFE,
        ),
        # A vehicle after the update is what is approved: without the approval nothing goes on.
        Transition(
            Act.STOP,
            frozenset({State.NOTIFYING, State.RUNNING, State.PAUSED}),
            State.STOPPED,
            _PLATFORM,
            _KNOW,
        ),
        Transition(
            Act.COMPLETE,
            frozenset({State.RUNNING}),
            State.COMPLETED,
            _RUN | _PLATFORM,
            _REPORT,
        ),
        Transition(
            Act.CANCEL,
            frozenset({State.DRAFT, State.NOTIFYING, State.PAUSED, State.STOPPED}),
            State.CANCELLED,
            _RUN,
            _KNOW,
        ),
    ),
)


class ActionState(StrEnum):
    """The update of one vehicle."""

    WAITING = "waiting"  # in a group whose turn has not come, or the owner has not answered
    DECLINED = "declined"  # the owner said no; can still change their mind
    OFFERED = "offered"  # the gateway tells the vehicle
    RETRIEVED = "retrieved"  # the vehicle has read the instruction
    RUNNING = "running"  # it reports progress
    INSTALLED = "installed"  # it says success; the running version is not yet seen
    PROVEN = "proven"  # it runs the new version
    FAILED = "failed"  # it says failure; the previous version runs or a safe state holds
    CANCELLING = "cancelling"  # the vehicle is asked to stop
    CANCELLED = "cancelled"
    TIMED_OUT = "timed-out"


class ActionAct(StrEnum):
    OFFER = "offer"
    DECLINE = "decline"
    RECONSIDER = "reconsider"
    RETRIEVE = "retrieve"
    PROGRESS = "progress"
    SUCCEED = "succeed"
    PROVE = "prove"
    FAIL = "fail"
    CANCEL = "cancel"  # not offered yet, or the vehicle confirmed the cancel
    ASK_CANCEL = "ask-cancel"
    REFUSE_CANCEL = "refuse-cancel"
    TIME_OUT = "time-out"


class Actor(StrEnum):
    """Who moves an action: the platform's rollout, the vehicle's report, the owner, a person."""

    PLATFORM = "platform"
    VEHICLE = "vehicle"
    OWNER = "owner"
    COMPLIANCE_OFFICER = "compliance-officer"


class Reason(StrEnum):
    """Why a vehicle is left out of a campaign (R156 7.1.1.7, 7.1.2.4)."""

    NOT_REGISTERED = "not-registered"  # no VIN or no type on file
    TYPE_NOT_COVERED = "type-not-covered"  # the release is not for this type
    OTHER_CAMPAIGN = "other-campaign"  # another update of this vehicle is not finished
    NO_SUCH_ECU = "no-such-ecu"
    WRONG_HARDWARE = "wrong-hardware"
    UNKNOWN_VERSION = "unknown-version"  # nobody knows what runs there
    ALREADY_INSTALLED = "already-installed"
    WRONG_VERSION = "wrong-version"  # the release does not start from what runs there


_S = ActionState
_OPEN = frozenset({_S.OFFERED, _S.RETRIEVED, _S.RUNNING})
BEGUN = frozenset({_S.RETRIEVED, _S.RUNNING, _S.INSTALLED, _S.CANCELLING})
UNDER_WAY = _OPEN | BEGUN  # the vehicle has been told and has not come to an end
_CONSENT = Citation("GB 44496", "5.2.2")
_RESULT = Citation("GB 44496", "5.2.8")
_ROLLBACK = Citation("GB 44496", "5.2.9")
_TRACE = Citation("GB 44496", "4")

ACTION = Machine(
    initial=_S.WAITING,
    final=frozenset({_S.PROVEN, _S.FAILED, _S.CANCELLED, _S.TIMED_OUT}),
    transitions=(
        Transition(
            ActionAct.OFFER,
            frozenset({_S.WAITING}),
            _S.OFFERED,
            frozenset({Actor.PLATFORM}),
            _CONSENT,
        ),
        Transition(
            ActionAct.DECLINE,
            frozenset({_S.WAITING, _S.OFFERED}),
            _S.DECLINED,
            frozenset({Actor.OWNER}),
            _CONSENT,
        ),
        Transition(
            ActionAct.RECONSIDER,
            frozenset({_S.DECLINED}),
            _S.WAITING,
            frozenset({Actor.OWNER}),
            _CONSENT,
        ),
        Transition(
            ActionAct.RETRIEVE,
            frozenset({_S.OFFERED, _S.RETRIEVED}),
            _S.RETRIEVED,
            frozenset({Actor.VEHICLE}),
            _TRACE,
        ),
        Transition(ActionAct.PROGRESS, _OPEN, _S.RUNNING, frozenset({Actor.VEHICLE}), _TRACE),
        Transition(
            ActionAct.PROGRESS,
            frozenset({_S.CANCELLING}),
            _S.CANCELLING,
            frozenset({Actor.VEHICLE}),
            _TRACE,
        ),
        # The owner took the consent back while the instruction was on its way: ask to stop.
        Transition(
            ActionAct.RETRIEVE,
            frozenset({_S.DECLINED}),
            _S.CANCELLING,
            frozenset({Actor.VEHICLE}),
            _CONSENT,
        ),
        Transition(
            ActionAct.PROGRESS,
            frozenset({_S.DECLINED}),
            _S.CANCELLING,
            frozenset({Actor.VEHICLE}),
            _CONSENT,
        ),
        Transition(ActionAct.SUCCEED, _OPEN, _S.INSTALLED, frozenset({Actor.VEHICLE}), _RESULT),
        # A vehicle may run the new version before its success report arrives: proof is proof.
        Transition(
            ActionAct.PROVE,
            _OPEN | {_S.INSTALLED, _S.CANCELLING},
            _S.PROVEN,
            frozenset({Actor.VEHICLE}),
            _RESULT,
        ),
        Transition(
            ActionAct.FAIL, _OPEN | {_S.INSTALLED}, _S.FAILED, frozenset({Actor.VEHICLE}), _ROLLBACK
        ),
        Transition(
            ActionAct.CANCEL,
            frozenset({_S.WAITING, _S.DECLINED}),
            _S.CANCELLED,
            frozenset({Actor.PLATFORM, Actor.COMPLIANCE_OFFICER}),
            _TRACE,
        ),
        Transition(
            ActionAct.CANCEL,
            frozenset({_S.CANCELLING}),
            _S.CANCELLED,
            frozenset({Actor.VEHICLE}),
            _TRACE,
        ),
        Transition(
            ActionAct.ASK_CANCEL,
            _OPEN,
            _S.CANCELLING,
            frozenset({Actor.PLATFORM, Actor.COMPLIANCE_OFFICER}),
            _TRACE,
        ),
        Transition(
            ActionAct.REFUSE_CANCEL,
            frozenset({_S.CANCELLING}),
            _S.RUNNING,
            frozenset({Actor.VEHICLE}),
            _TRACE,
        ),
        # Stopping too late: the vehicle finished all the same, and what it reports is the truth.
        Transition(
            ActionAct.SUCCEED,
            frozenset({_S.CANCELLING, _S.DECLINED}),
            _S.INSTALLED,
            frozenset({Actor.VEHICLE}),
            _RESULT,
        ),
        Transition(
            ActionAct.FAIL,
            frozenset({_S.CANCELLING, _S.DECLINED}),
            _S.FAILED,
            frozenset({Actor.VEHICLE}),
            _ROLLBACK,
        ),
        Transition(
            ActionAct.TIME_OUT,
            _OPEN | {_S.INSTALLED, _S.CANCELLING},
            _S.TIMED_OUT,
            frozenset({Actor.PLATFORM}),
            _TRACE,
        ),
    ),
)
