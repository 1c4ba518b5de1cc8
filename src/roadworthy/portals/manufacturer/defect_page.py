"""One defect as its page shows it: what to do now, its orders, plans and days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import lessons, queries
from roadworthy.domains.recalls.states import (
    DEFECT,
    PLAN,
    STOP_ORDER,
    Act,
    LessonState,
    NoticeState,
    Origin,
    Outcome,
    PlanAct,
    PlanState,
    State,
    StopAct,
    StopState,
)
from roadworthy.portals.shared import presenting, recall_words, stories
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Button, Crumb, Next, Tone

_HISTORY = 30
# What people take on this page; the rest follows from other steps.
ACTS = (Act.ANALYSE, Act.CONCLUDE, Act.CONFIRM, Act.DISMISS, Act.SEND_BACK, Act.REOPEN)


def rows(defects: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the rows of the list."""
    return [
        {
            "defect": one,
            "chip": recall_words.DEFECT[State(one.state)],
            "origin": recall_words.ORIGINS[Origin(one.origin)],
        }
        for one in defects
    ]


def context(defect: Any, who: Any, today: date) -> dict[str, Any]:
    """Return everything that the page of one defect shows."""
    acts = possible(defect, who)
    orders = list(queries.orders(defect))
    outcome = defect.analysis.get("outcome")
    upcoming = _next(defect, acts, who, orders)
    return {
        "defect": defect,
        "chip": recall_words.DEFECT[State(defect.state)],
        "origin": recall_words.ORIGINS[Origin(defect.origin)],
        "outcome": recall_words.OUTCOMES[Outcome(outcome)] if outcome else "",
        "crumbs": [Crumb(_("Defects"), reverse("m:defects")), Crumb(defect.number)],
        "next": upcoming,
        "actions": [button(defect, one) for one in (acts[1:] if upcoming else acts)],
        "may_report": who.role in {Role.SAFETY, Role.COMPLIANCE_OFFICER}
        and defect.concluded_at is not None
        and defect.reported_on is None,
        "may_teach": who.role in lessons.WRITERS and defect.confirmed_at is not None,
        "lessons": [
            {"lesson": one, "chip": recall_words.LESSON[LessonState(one.state)]}
            for one in lessons.of_defect(defect)
        ],
        "orders": [_order(one, who.role) for one in orders],
        "stopped": sum(one.state == StopState.EXECUTED for one in orders),
        "plans": [
            {"plan": one, "chip": recall_words.PLAN[PlanState(one.state)]}
            for one in queries.plans_of(defect)
        ],
        "notices": [
            {"notice": one, "chip": recall_words.NOTICE[NoticeState(one.state)]}
            for one in defect.notices.all()
        ],
        "duties": presenting.duties(queries.duties(defect), today),
        "events": stories.events(ledger.latest_about(f"defect/{defect.pk}", _HISTORY)),
    }


def possible(defect: Any, who: Any) -> list[Act]:
    """Return the steps that this person may take now, in the order of the page."""
    allowed = set(DEFECT.available(State(defect.state), who.role))
    if Act.CONFIRM in allowed:
        is_defect = defect.analysis.get("outcome") == Outcome.DEFECT
        allowed.discard(Act.DISMISS if is_defect else Act.CONFIRM)
        if defect.concluded_by_id == who.actor.user_id:
            allowed -= {Act.CONFIRM, Act.DISMISS}
    return [one for one in ACTS if one in allowed]


def button(defect: Any, act: Act, look: str = "") -> Button:
    """Return the button of a step."""
    return Button(names()[act], reverse("m:defect-act", args=[defect.pk, act]), look)


def names() -> dict[Act, str]:
    """Return how each step is called."""
    return {
        Act.ANALYSE: _("Begin to analyse"),
        Act.CONCLUDE: _("Write the conclusion"),
        Act.SEND_BACK: _("Send back"),
        Act.CONFIRM: _("Confirm the defect"),
        Act.DISMISS: _("Confirm: no defect"),
        Act.REOPEN: _("Take up again"),
    }


def leads() -> dict[Act, str]:
    """Return what each step brings about."""
    return {
        Act.ANALYSE: _("The law asks to investigate at once and to report truthfully."),
        Act.CONCLUDE: _("A second person, the compliance officer, decides on what you write."),
        Act.SEND_BACK: _("Say what is missing; the analysis goes on."),
        Act.CONFIRM: _(
            "Production, sale and import stop at once: every plant, dealer and importer is "
            "ordered to, and vehicles are neither registered nor delivered until remedied."
        ),
        Act.DISMISS: _("The report states process, method, risk assessment and conclusion."),
        Act.REOPEN: _("Say what is new."),
    }


def done(act: Act, number: str) -> str:
    """Return what the toast says after a step."""
    return {
        Act.ANALYSE: _("{number} is being analysed."),
        Act.CONCLUDE: _("{number} waits for the second person."),
        Act.SEND_BACK: _("{number} is sent back."),
        Act.CONFIRM: _("{number} is confirmed. Every site is ordered to stop."),
        Act.DISMISS: _("{number} is no defect."),
        Act.REOPEN: _("{number} is taken up again."),
    }[act].format(number=number)


def _next(defect: Any, acts: list[Act], who: Any, orders: list[Any]) -> Next | None:
    primary = button(defect, acts[0], "primary") if acts else None
    if defect.state == State.CONFIRMED:
        planners = next(t.roles for t in PLAN.transitions if t.action == PlanAct.PREPARE)
        href = reverse("m:recall-write", args=[defect.pk])
        plan = Button(_("Write the recall plan"), href, "primary")
        lacking = sum(one.state in {StopState.ISSUED, StopState.RECEIVED} for one in orders)
        why = _("{n} orders to stop are not shown to be carried out.").format(n=lacking)
        if not orders:
            why = _("No plant or dealer is registered yet: nobody was ordered to stop.")
        return Next(
            Tone.BROKEN,
            _("file the recall plan with SAMR."),
            why if lacking or not orders else "",
            plan if who.role in planners else None,
        )
    what = {
        State.OPEN: _("analyse it at once."),
        State.ANALYSING: _("write down what the analysis concludes."),
        State.CONCLUDED: _("a second person decides."),
    }.get(State(defect.state))
    why = localised(defect.word) if defect.word else ""
    return Next(Tone.LIVE, what, why, primary) if what else None


def _order(order: Any, role: Role) -> dict[str, Any]:
    acts = {
        StopAct.RECEIVE: _("Received"),
        StopAct.EXECUTE: _("Carried out"),
        StopAct.LIFT: _("Lift"),
    }
    return {
        "order": order,
        "part": recall_words.PARTS[order.part],
        "kind": recall_words.SITES[order.site.kind],
        "chip": recall_words.STOP[StopState(order.state)],
        "acts": [
            Button(
                acts[one],
                reverse("m:stop-order", args=[order.pk, one]),
                "small",
                about=order.site.name,
            )
            for one in STOP_ORDER.available(StopState(order.state), role)
        ],
    }
