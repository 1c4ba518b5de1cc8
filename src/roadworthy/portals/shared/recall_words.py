"""The words for defects, orders to stop, recall plans, notices of SAMR and lessons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from roadworthy.domains.recalls import states, supervision
from roadworthy.portals.shared import formats
from roadworthy.portals.shared.formats import is_chinese
from roadworthy.portals.shared.shapes import Chip, Text, Tone

_ORDER = re.compile(r"(\w+): (.+) \(([\w-]+)\)")
_S, _P, _N, _L = states.State, states.PlanState, states.NoticeState, states.LessonState
DEFECT: Mapping[states.State, Chip] = {
    _S.OPEN: Chip(Tone.DUE, pgettext_lazy("defect", "Opened")),
    _S.ANALYSING: Chip(Tone.LIVE, pgettext_lazy("defect", "Being analysed")),
    _S.CONCLUDED: Chip(Tone.DUE, pgettext_lazy("defect", "Waits for the second person")),
    _S.NOT_A_DEFECT: Chip(Tone.MET, pgettext_lazy("defect", "No defect")),
    _S.CONFIRMED: Chip(Tone.BROKEN, pgettext_lazy("defect", "Defect confirmed")),
    _S.RECALL_PLANNED: Chip(Tone.LIVE, pgettext_lazy("defect", "Recalled")),
    _S.CLOSED: Chip(Tone.MET, pgettext_lazy("defect", "Recall completed")),
}
STOP: Mapping[states.StopState, Chip] = {
    states.StopState.ISSUED: Chip(Tone.DUE, pgettext_lazy("stop", "Ordered")),
    states.StopState.RECEIVED: Chip(Tone.LIVE, pgettext_lazy("stop", "Received")),
    states.StopState.EXECUTED: Chip(Tone.MET, pgettext_lazy("stop", "Stopped")),
    states.StopState.LIFTED: Chip(Tone.IDLE, pgettext_lazy("stop", "Lifted")),
}
PLAN: Mapping[states.PlanState, Chip] = {
    _P.DRAFT: Chip(Tone.IDLE, pgettext_lazy("recall", "Draft")),
    _P.PREPARED: Chip(Tone.DUE, pgettext_lazy("recall", "To be handed in")),
    _P.FILED: Chip(Tone.LIVE, pgettext_lazy("recall", "Filed")),
    _P.RUNNING: Chip(Tone.LIVE, pgettext_lazy("recall", "Being carried out")),
    _P.COMPLETED: Chip(Tone.MET, pgettext_lazy("recall", "Completed")),
    _P.REPORTED: Chip(Tone.MET, pgettext_lazy("recall", "Final report filed")),
    _P.SUPERSEDED: Chip(Tone.IDLE, pgettext_lazy("recall", "Replaced by the next version")),
    _P.WITHDRAWN: Chip(Tone.IDLE, pgettext_lazy("recall", "Given up")),
}
NOTICE: Mapping[states.NoticeState, Chip] = {
    _N.INVESTIGATION: Chip(Tone.LIVE, pgettext_lazy("samr notice", "To be investigated")),
    _N.NOTICE: Chip(Tone.DUE, pgettext_lazy("samr notice", "Notice of recall")),
    _N.OBJECTED: Chip(Tone.DUE, pgettext_lazy("samr notice", "Objected to")),
    _N.EXPERTS: Chip(Tone.LIVE, pgettext_lazy("samr notice", "With experts")),
    _N.FOLLOWED: Chip(Tone.MET, pgettext_lazy("samr notice", "Followed")),
    _N.ORDERED: Chip(Tone.BROKEN, pgettext_lazy("samr notice", "Recall ordered")),
    _N.SET_ASIDE: Chip(Tone.IDLE, pgettext_lazy("samr notice", "Set aside")),
}
LESSON: Mapping[states.LessonState, Chip] = {
    _L.DRAFT: Chip(Tone.IDLE, pgettext_lazy("lesson", "Draft")),
    _L.PROPOSED: Chip(Tone.LIVE, pgettext_lazy("lesson", "Before MIIT")),
    _L.TAKEN_UP: Chip(Tone.LIVE, pgettext_lazy("lesson", "Taken up")),
    _L.ADOPTED: Chip(Tone.MET, pgettext_lazy("lesson", "In force")),
    _L.REFUSED: Chip(Tone.BROKEN, pgettext_lazy("lesson", "Refused")),
    _L.WITHDRAWN: Chip(Tone.IDLE, pgettext_lazy("lesson", "Withdrawn")),
}
ORIGINS: Mapping[states.Origin, Text] = {
    states.Origin.SIGNAL: pgettext_lazy("origin", "Signal"),
    states.Origin.COMPLAINT: pgettext_lazy("origin", "Complaint"),
    states.Origin.FOREIGN_RECALL: pgettext_lazy("origin", "Recall abroad"),
    states.Origin.AUTHORITY: pgettext_lazy("origin", "Notice of SAMR"),
    states.Origin.INCIDENT: pgettext_lazy("origin", "Incident"),
}
OUTCOMES: Mapping[states.Outcome, Text] = {
    states.Outcome.DEFECT: _("There is a defect"),
    states.Outcome.NO_DEFECT: _("There is no defect"),
}
REMEDIES: Mapping[str, Text] = {
    "ota": _("Over the air"),
    "workshop": _("In the workshop"),
    "both": _("Over the air, and in the workshop where that is not possible"),
}
PARTS: Mapping[str, Text] = {
    "production": pgettext_lazy("stop", "Production"),
    "sale": pgettext_lazy("stop", "Sale"),
    "import": pgettext_lazy("stop", "Import"),
}
SITES: Mapping[str, Text] = {
    "plant": _("Plant"),
    "dealer": _("Dealer"),
    "importer": _("Importer"),
}
FAILURES: Mapping[str, Text] = {
    "remedy_ineffective": _("The remedy does not remove the defect"),
    "remedy_made_new_defect": _("The remedy made a new defect"),
    "recall_scope_inaccurate": _("The scope is not right"),
}
WHY_WORKSHOP: Mapping[str, Text] = {
    "never-heard": _("Nothing was ever heard of it over the air"),
    "other-type": _("No release of the plan is for its type"),
    "other-version": _("It runs a version from which no release of the plan leads"),
}
PLAN_TEXTS: Mapping[str, Text] = {
    "defect": _("Defect"),
    "consequence": _("Possible consequence"),
    "remedy": _("Remedy"),
    "emergency_advice": _("Advice to owners until then"),
}
SUPERVISION: Mapping[str, Text] = {
    supervision.NOTE: _("A note to the manufacturer"),
    supervision.EFFECT: _("A view of the recall's effect"),
    supervision.ANNOUNCEMENT: _("An announcement to the public"),
}
# What a filed plan says besides its texts.
PLAN_FACTS: Mapping[str, Text] = {
    "plan": _("Recall plan"),
    "version": _("Version"),
    "defect_number": _("Number of the defect"),
    "defect_confirmed_on": _("Day on which the defect was confirmed"),
    "vehicles": _("Vehicles in scope"),
    "remedy_by": _("How it is remedied"),
    "by_ota": _("Vehicles remedied over the air"),
    "by_workshop": _("Vehicles remedied in the workshop"),
    "starts_on": _("Planned start"),
    "ends_on": _("Planned end"),
    "hotline": _("Hotline"),
    "stop_orders": _("Orders to stop"),
    "again_after": _("Recall that did not do"),
    "as_of": _("Figures as of"),
}
_REPORTED: Mapping[str, Text] = {
    "vehicles": _("Vehicles in scope"),
    "remedied": _("Remedied, proven"),
    "by_running_version": _("By the running version"),
    "by_workshop": _("By a workshop"),
    "notices_sent": _("Notices sent"),
    "notices_bounced": _("Notices that came back"),
    "accepted": _("Owners who agree"),
    "declined": _("Owners who decline"),
    "unreachable": _("Owners not reached"),
    "to_follow_up": _("To follow up"),
}
EFFECTS: Mapping[str, Text] = {
    "gone": _("The signal is gone"),
    "fewer": _("Fewer than before"),
    "not-shown": _("No change is shown"),
    "more": _("More than before"),
    "undetermined": _("Undetermined"),
}
LESSONS: Mapping[str, Text] = {
    "requirement": _("A requirement"),
    "parameter": _("A parameter of a rule"),
    "standard": _("A standard"),
}
ACTS: Mapping[StrEnum, Text] = {
    states.Act.ANALYSE: _("analyse"),
    states.Act.CONCLUDE: _("conclude"),
    states.Act.SEND_BACK: _("send back"),
    states.Act.CONFIRM: _("confirm"),
    states.Act.DISMISS: _("set aside"),
    states.Act.REOPEN: _("take up again"),
    states.Act.ORDER: _("order"),
    states.Act.PLAN: _("plan"),
    states.Act.RECALL_AGAIN: _("recall again"),
    states.Act.CLOSE: _("close"),
    states.StopAct.RECEIVE: _("note the receipt of"),
    states.StopAct.EXECUTE: _("note the execution of"),
    states.StopAct.LIFT: _("lift"),
    states.PlanAct.PREPARE: _("prepare"),
    states.PlanAct.FILE: _("file"),
    states.PlanAct.RETURN: _("return"),
    states.PlanAct.START: _("start"),
    states.PlanAct.COMPLETE: _("complete"),
    states.PlanAct.REPORT: _("report"),
    states.PlanAct.SUPERSEDE: _("supersede"),
    states.PlanAct.WITHDRAW: _("withdraw"),
    states.NoticeAct.NOTIFY: _("give notice of"),
    states.NoticeAct.FOLLOW: _("follow"),
    states.NoticeAct.OBJECT: _("object to"),
    states.NoticeAct.APPOINT: _("appoint experts for"),
    states.NoticeAct.ORDER: _("order"),
    states.NoticeAct.OVERTAKE: _("put the order in the place of"),
    states.NoticeAct.SET_ASIDE: _("set aside"),
    states.LessonAct.PROPOSE: _("propose"),
    states.LessonAct.RETURN: _("return"),
    states.LessonAct.TAKE_UP: _("take up"),
    states.LessonAct.ADOPT: _("adopt"),
    states.LessonAct.REFUSE: _("refuse"),
    states.LessonAct.WITHDRAW: _("withdraw"),
}
CHIPS: Mapping[str, Chip] = {
    str(state): chip
    for table in (LESSON, NOTICE, PLAN, STOP, DEFECT)
    for state, chip in table.items()
}


def plan_fact(name: str, value: Any) -> Any:
    """Return a fact of a filed plan as people read it; what is no code stays as it is."""
    if name == "remedy_by":
        return str(REMEDIES.get(value, value))
    if name == "stop_orders" and isinstance(value, list):
        return [_order(str(one)) for one in value]
    return value


def _order(said: str) -> str:
    """Read ``production: P1 (received)``, as the dossier says it."""
    found = _ORDER.fullmatch(said)
    if found is None:
        return said
    part, site, state = found.groups()
    said_states = {str(one): chip.text for one, chip in STOP.items()}
    colon = "：" if is_chinese() else ": "
    return f"{PARTS.get(part, part)} {site}{colon}{said_states.get(state, state)}"


def report_figures(told: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """Return the figures of a report on a recall, with what is known of the remedy's effect."""
    rows = [(name, formats.number(told[key])) for key, name in _REPORTED.items() if key in told]
    if "completion_percent" in told:
        rows.append((_("Completion"), f"{told['completion_percent']}%"))
    effect = told.get("effect")
    if not effect:
        return rows
    rows.append((_("Effect of the remedy"), str(EFFECTS[effect["verdict"]])))
    if effect["as_of"]:
        for side, name in (("before", _("Before the remedy")), ("after", _("After the remedy"))):
            count, days = effect[f"incidents_{side}"], effect[f"vehicle_days_{side}"]
            said = gettext("{n} incidents in {days} vehicle days").format(
                n=formats.number(count), days=formats.number(days)
            )
            rows.append((name, said))
    return rows


def written(rows: Iterable[Any]) -> list[tuple[Any, Text]]:
    """Return what SAMR wrote about a recall, each with what it is."""
    return [(one, SUPERVISION.get(one.kind, one.kind)) for one in rows]
