"""Lives of a defect, of an order to stop, of a recall plan, of SAMR's notice and of a lesson."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class Origin(StrEnum):
    """What made a defect possible."""

    SIGNAL = "signal"
    COMPLAINT = "complaint"
    FOREIGN_RECALL = "foreign-recall"
    AUTHORITY = "authority"
    INCIDENT = "incident"


class Outcome(StrEnum):
    """What an analysis concludes; the values of the fact ``investigation_outcome``."""

    DEFECT = "defect"
    NO_DEFECT = "no_defect"


class State(StrEnum):
    """Where the analysis of a possible defect stands."""

    OPEN = "open"
    ANALYSING = "analysing"
    CONCLUDED = "concluded"  # a conclusion waits for the second person
    NOT_A_DEFECT = "not-a-defect"
    CONFIRMED = "confirmed"
    RECALL_PLANNED = "recall-planned"  # its plan is before SAMR
    CLOSED = "closed"  # its recall is completed and reported


class Act(StrEnum):
    ANALYSE = "analyse"
    CONCLUDE = "conclude"
    SEND_BACK = "send-back"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    REOPEN = "reopen"  # something new speaks for a defect
    ORDER = "order"  # SAMR orders the recall
    PLAN = "plan"
    RECALL_AGAIN = "recall-again"
    CLOSE = "close"


class StopState(StrEnum):
    ISSUED = "issued"
    RECEIVED = "received"
    EXECUTED = "executed"
    LIFTED = "lifted"


class StopAct(StrEnum):
    RECEIVE = "receive"
    EXECUTE = "execute"
    LIFT = "lift"


class PlanState(StrEnum):
    DRAFT = "draft"
    PREPARED = "prepared"  # its dossier is composed and waits to be handed in
    FILED = "filed"
    RUNNING = "running"
    COMPLETED = "completed"
    REPORTED = "reported"  # the final report is with SAMR
    SUPERSEDED = "superseded"  # a changed plan took its place
    WITHDRAWN = "withdrawn"


class PlanAct(StrEnum):
    PREPARE = "prepare"
    FILE = "file"
    RETURN = "return"  # SAMR sent it back, or the filing was withdrawn
    START = "start"
    COMPLETE = "complete"
    REPORT = "report"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


class NoticeState(StrEnum):
    INVESTIGATION = "investigation"  # the producer has to investigate
    NOTICE = "notice"  # the producer has to recall, or to object
    OBJECTED = "objected"
    EXPERTS = "experts"  # independent experts look at the objection
    FOLLOWED = "followed"
    ORDERED = "ordered"
    SET_ASIDE = "set-aside"  # SAMR follows the objection, or the investigation found nothing


class NoticeAct(StrEnum):
    NOTIFY = "notify"
    FOLLOW = "follow"
    OBJECT = "object"
    APPOINT = "appoint"
    ORDER = "order"
    OVERTAKE = "overtake"  # the order, where "we follow" was on its way to SAMR
    SET_ASIDE = "set-aside"


class LessonState(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    TAKEN_UP = "taken-up"  # MIIT will change the text
    ADOPTED = "adopted"  # the changed text names the lesson
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class LessonAct(StrEnum):
    PROPOSE = "propose"
    RETURN = "return"
    TAKE_UP = "take-up"
    ADOPT = "adopt"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_S, _P, _N, _L = State, PlanState, NoticeState, LessonState
_SAFETY = frozenset({Role.SAFETY})
_OFFICER = frozenset({Role.COMPLIANCE_OFFICER})
_RECALL = frozenset({Role.RECALL})
_PLATFORM = frozenset({Role.PLATFORM})
_SAMR = frozenset({Role.SAMR_REVIEWER})
_MIIT = frozenset({Role.MIIT_REVIEWER})
_ANALYSIS = Citation("IMP176", "第十四条")
_STOP = Citation("REG626", "第十二条")
_PLAN = Citation("IMP176", "第二十四条")
_NOTICE = Citation("REG626", "第十五条")
_AGAIN = Citation("IMP176", "第三十四条")
_REPORT = Citation("IMP176", "第三十条")
_TOGETHER = Citation("N45", "三（八）")

DEFECT = Machine(
    initial=_S.OPEN,
    final=frozenset(),
    transitions=(
        Transition(Act.ANALYSE, frozenset({_S.OPEN}), _S.ANALYSING, _SAFETY, _ANALYSIS),
        Transition(Act.CONCLUDE, frozenset({_S.ANALYSING}), _S.CONCLUDED, _SAFETY, _ANALYSIS),
        Transition(Act.SEND_BACK, frozenset({_S.CONCLUDED}), _S.ANALYSING, _OFFICER, _ANALYSIS),
        Transition(Act.CONFIRM, frozenset({_S.CONCLUDED}), _S.CONFIRMED, _OFFICER, _STOP),
        Transition(Act.DISMISS, frozenset({_S.CONCLUDED}), _S.NOT_A_DEFECT, _OFFICER, _ANALYSIS),
        Transition(
            Act.REOPEN,
            frozenset({_S.NOT_A_DEFECT}),
            _S.ANALYSING,
            _SAFETY | _OFFICER | _SAMR,
            _ANALYSIS,
        ),
        # An order needs no conclusion of the producer: it stands in its place.
        Transition(
            Act.ORDER,
            frozenset({_S.OPEN, _S.ANALYSING, _S.CONCLUDED, _S.NOT_A_DEFECT}),
            _S.CONFIRMED,
            _SAMR,
            _NOTICE,
        ),
        Transition(Act.PLAN, frozenset({_S.CONFIRMED}), _S.RECALL_PLANNED, _PLATFORM, _PLAN),
        Transition(
            Act.RECALL_AGAIN,
            frozenset({_S.RECALL_PLANNED, _S.CLOSED}),
            _S.CONFIRMED,
            _RECALL | _OFFICER | _SAMR,
            _AGAIN,
        ),
        Transition(Act.CLOSE, frozenset({_S.RECALL_PLANNED}), _S.CLOSED, _PLATFORM, _REPORT),
    ),
)

STOP_ORDER = Machine(
    initial=StopState.ISSUED,
    final=frozenset({StopState.LIFTED}),
    transitions=(
        Transition(
            StopAct.RECEIVE,
            frozenset({StopState.ISSUED}),
            StopState.RECEIVED,
            _RECALL | _OFFICER,
            _STOP,
        ),
        Transition(
            StopAct.EXECUTE,
            frozenset({StopState.ISSUED, StopState.RECEIVED}),
            StopState.EXECUTED,
            _RECALL | _OFFICER,
            _STOP,
        ),
        # What is built or sold from now on is without the defect; what is not remedied stays
        # locked, whatever becomes of the order.
        Transition(
            StopAct.LIFT,
            frozenset({StopState.ISSUED, StopState.RECEIVED, StopState.EXECUTED}),
            StopState.LIFTED,
            _OFFICER,
            _STOP,
        ),
    ),
)

_LIVE = frozenset({_P.FILED, _P.RUNNING})
PLAN = Machine(
    initial=_P.DRAFT,
    final=frozenset({_P.SUPERSEDED, _P.WITHDRAWN, _P.REPORTED}),
    transitions=(
        Transition(PlanAct.PREPARE, frozenset({_P.DRAFT}), _P.PREPARED, _RECALL, _PLAN),
        Transition(PlanAct.FILE, frozenset({_P.PREPARED}), _P.FILED, _PLATFORM, _PLAN),
        Transition(PlanAct.RETURN, frozenset({_P.PREPARED, _P.FILED}), _P.DRAFT, _PLATFORM, _PLAN),
        Transition(PlanAct.START, frozenset({_P.FILED}), _P.RUNNING, _RECALL, _PLAN),
        Transition(PlanAct.COMPLETE, frozenset({_P.RUNNING}), _P.COMPLETED, _RECALL, _REPORT),
        Transition(
            PlanAct.REPORT,
            frozenset({_P.COMPLETED}),
            _P.REPORTED,
            _RECALL | _PLATFORM,  # by hand, or when SAMR accepts the report
            _REPORT,
        ),
        Transition(PlanAct.SUPERSEDE, _LIVE | {_P.COMPLETED}, _P.SUPERSEDED, _PLATFORM, _PLAN),
        Transition(
            PlanAct.WITHDRAW, frozenset({_P.DRAFT, _P.PREPARED}), _P.WITHDRAWN, _RECALL, _PLAN
        ),
    ),
)

RECALL_NOTICE = Machine(
    initial=_N.INVESTIGATION,
    final=frozenset({_N.ORDERED, _N.SET_ASIDE}),
    transitions=(
        Transition(NoticeAct.NOTIFY, frozenset({_N.INVESTIGATION}), _N.NOTICE, _SAMR, _NOTICE),
        Transition(NoticeAct.FOLLOW, frozenset({_N.NOTICE}), _N.FOLLOWED, _OFFICER, _NOTICE),
        Transition(NoticeAct.OBJECT, frozenset({_N.NOTICE}), _N.OBJECTED, _OFFICER, _NOTICE),
        Transition(NoticeAct.APPOINT, frozenset({_N.OBJECTED}), _N.EXPERTS, _SAMR, _NOTICE),
        Transition(
            NoticeAct.ORDER,
            frozenset({_N.NOTICE, _N.OBJECTED, _N.EXPERTS}),
            _N.ORDERED,
            _SAMR,
            _NOTICE,
        ),
        Transition(NoticeAct.OVERTAKE, frozenset({_N.FOLLOWED}), _N.ORDERED, _PLATFORM, _NOTICE),
        Transition(
            NoticeAct.SET_ASIDE,
            frozenset({_N.INVESTIGATION, _N.OBJECTED, _N.EXPERTS}),
            _N.SET_ASIDE,
            _SAMR,
            _NOTICE,
        ),
    ),
)

LESSON = Machine(
    initial=_L.DRAFT,
    final=frozenset({_L.ADOPTED, _L.REFUSED, _L.WITHDRAWN}),
    transitions=(
        Transition(
            LessonAct.PROPOSE,
            frozenset({_L.DRAFT}),
            _L.PROPOSED,
            _SAFETY | _OFFICER | _SAMR,
            _TOGETHER,
        ),
        Transition(LessonAct.RETURN, frozenset({_L.PROPOSED}), _L.DRAFT, _MIIT, _TOGETHER),
        Transition(LessonAct.TAKE_UP, frozenset({_L.PROPOSED}), _L.TAKEN_UP, _MIIT, _TOGETHER),
        Transition(LessonAct.REFUSE, frozenset({_L.PROPOSED}), _L.REFUSED, _MIIT, _TOGETHER),
        Transition(LessonAct.ADOPT, frozenset({_L.TAKEN_UP}), _L.ADOPTED, _MIIT, _TOGETHER),
        Transition(
            LessonAct.WITHDRAW,
            frozenset({_L.DRAFT, _L.PROPOSED}),
            _L.WITHDRAWN,
            _SAFETY | _OFFICER | _SAMR,
            _TOGETHER,
        ),
    ),
)

# From here on vehicles are locked until they are remedied; a closed defect still locks the rest.
LOCKING = frozenset({State.CONFIRMED, State.RECALL_PLANNED, State.CLOSED})
UNDECIDED = frozenset({State.OPEN, State.ANALYSING, State.CONCLUDED})
IN_FORCE = frozenset({PlanState.FILED, PlanState.RUNNING, PlanState.COMPLETED, PlanState.REPORTED})
