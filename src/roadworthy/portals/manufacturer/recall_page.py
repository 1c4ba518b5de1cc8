"""One recall plan as its page shows it: whom it names, where it stands, what comes next."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import queries
from roadworthy.domains.recalls.states import DEFECT, IN_FORCE, PLAN, Act, PlanAct, PlanState, State
from roadworthy.domains.remedies import queries as remedies
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.portals.manufacturer import remedy_views
from roadworthy.portals.shared import presenting, recall_words, stories, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Button, Crumb, Next, Tone

_HISTORY = 30
# What people take on this page, in its order.
ACTS = (PlanAct.PREPARE, PlanAct.START, PlanAct.COMPLETE, PlanAct.REPORT, PlanAct.WITHDRAW)
_AMENDABLE = {PlanState.FILED, PlanState.RUNNING}


def row(plan: Any) -> dict[str, Any]:
    """Return one line of the list."""
    return {
        "plan": plan,
        "chip": recall_words.PLAN[PlanState(plan.state)],
        "remedy": recall_words.REMEDIES[plan.remedy],
    }


def context(plan: Any, who: Any, today: date) -> dict[str, Any]:
    """Return everything that the page of one plan shows."""
    acts = [one for one in ACTS if one in set(PLAN.available(PlanState(plan.state), who.role))]
    releases = list(queries.releases_of(plan))
    is_running = plan.state in IN_FORCE
    duties = [
        one
        for one in queries.duties(plan.defect)
        if one.plan_id in {plan.recall_id, None} and (one.plan_id or one.rule_id == "RCL-04")
    ]
    return {
        "plan": plan,
        "chip": recall_words.PLAN[PlanState(plan.state)],
        "remedy": recall_words.REMEDIES[plan.remedy],
        "texts": [(label, localised(plan.texts[key])) for key, label in _texts(plan)],
        "crumbs": [Crumb(_("Recalls"), reverse("m:recalls")), Crumb(plan.number)],
        "next": _next(plan, acts),
        "actions": _actions(plan, acts[_led_by(plan) :], who),
        "versions": [
            {"plan": one, "chip": recall_words.PLAN[PlanState(one.state)]}
            for one in queries.versions(plan)
        ],
        "releases": [
            {"row": one, "chip": words.RELEASE[ReleaseState(one.release.state)]} for one in releases
        ],
        "campaigns": [
            {"campaign": one, "chip": words.CAMPAIGN[CampaignState(one.state)]}
            for one in queries.campaigns_of(plan)
        ]
        if releases
        else (),
        "filing_chip": words.FILING[FilingState(plan.filing.state)] if plan.filing else None,
        "progress": remedies.progress(plan.pk) if is_running else None,
        "is_running": is_running,
        "may_follow": who.role in remedy_views.READERS,
        "may_note": is_running and who.role in {Role.RECALL, Role.COMPLIANCE_OFFICER},
        "duties": presenting.duties(duties, today),
        "supervision": recall_words.written(plan.supervision.order_by("-pk")),
        "failure": recall_words.FAILURES.get(plan.failure, ""),
        "events": stories.events(ledger.latest_about(f"recall-plan/{plan.pk}", _HISTORY)),
    }


def names() -> dict[PlanAct, str]:
    """Return how each step is called."""
    return {
        PlanAct.PREPARE: _("Prepare it for SAMR"),
        PlanAct.START: _("Start the recall"),
        PlanAct.COMPLETE: _("Complete the recall"),
        PlanAct.REPORT: _("Final report filed"),
        PlanAct.WITHDRAW: _("Give the plan up"),
    }


def leads() -> dict[PlanAct, str]:
    """Return what each step brings about."""
    return {
        PlanAct.PREPARE: _("The dossier is composed; homologation hands it in at the desk."),
        PlanAct.START: _("Stage reports are counted from this day."),
        PlanAct.COMPLETE: _("The period for the final report runs from this day."),
        PlanAct.REPORT: _("The day on which the final report reached SAMR."),
        PlanAct.WITHDRAW: _("The duty to file a plan stays."),
    }


def _texts(plan: Any) -> list[tuple[str, Any]]:
    return [(key, text) for key, text in recall_words.PLAN_TEXTS.items() if key in plan.texts]


def _actions(plan: Any, acts: list[PlanAct], who: Any) -> list[Button]:
    made = [Button(names()[one], reverse("m:recall-act", args=[plan.pk, one])) for one in acts]
    planner = who.role in next(t.roles for t in PLAN.transitions if t.action == PlanAct.PREPARE)
    if plan.state == PlanState.DRAFT and planner:
        made.insert(0, Button(_("Rewrite it"), reverse("m:recall-rewrite", args=[plan.pk])))
    if plan.state in _AMENDABLE and planner:
        made.append(Button(_("Change the plan"), reverse("m:recall-amend", args=[plan.pk])))
    again = set(DEFECT.available(State(plan.defect.state), who.role))
    if plan.state in IN_FORCE and Act.RECALL_AGAIN in again:
        made.append(Button(_("Recall again"), reverse("m:recall-again", args=[plan.pk])))
    return made


def _led_by(plan: Any) -> int:
    """Count the steps that stand beside *Next*: a prepared plan leads to its filing instead."""
    return 0 if plan.state == PlanState.PREPARED else 1


def _next(plan: Any, acts: list[PlanAct]) -> Next | None:
    what = {
        PlanState.DRAFT: _("prepare it for SAMR."),
        PlanState.PREPARED: _("homologation hands it in."),
        PlanState.FILED: _("tell the dealers, and start."),
        PlanState.RUNNING: _("remedy what is left."),
        PlanState.COMPLETED: _("file the final report."),
    }.get(PlanState(plan.state))
    if what is None:
        return None
    primary = None
    if plan.state == PlanState.PREPARED and plan.filing_id:
        href = reverse("m:filing", args=[plan.filing_id])
        primary = Button(_("Open the filing"), href, "primary")
    elif acts:
        href = reverse("m:recall-act", args=[plan.pk, acts[0]])
        primary = Button(names()[acts[0]], href, "primary")
    why = ""
    if plan.state == PlanState.DRAFT and plan.filing is not None and plan.filing.reason:
        why = _("SAMR returned it: {reason}").format(reason=plan.filing.reason)
    return Next(Tone.LIVE, what, why, primary)
