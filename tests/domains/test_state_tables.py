"""Every state machine, asked about every (state, action, role): the table decides, all of it."""

from __future__ import annotations

import importlib.util
import pkgutil
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from roadworthy import domains
from roadworthy.domains.access import states as access
from roadworthy.domains.aftersales import states as complaint
from roadworthy.domains.campaigns import states as campaign
from roadworthy.domains.compliance import states as compliance
from roadworthy.domains.conformity import states as conformity
from roadworthy.domains.disclosure import states as text
from roadworthy.domains.exchange import states as exchange
from roadworthy.domains.filings import states as filing
from roadworthy.domains.incidents import states as incident
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import states as processing
from roadworthy.domains.recalls import states as recall
from roadworthy.domains.rights import states as rights
from roadworthy.domains.software import states as release
from roadworthy.domains.standards import states as standard
from roadworthy.domains.worklists import states as duty
from roadworthy.kernel.transitions import Machine, WrongRole, WrongState

TABLES: list[tuple[Machine[Any, Any, Any], type[StrEnum], type[StrEnum], type[StrEnum]]] = [
    (access.APPROVAL, access.State, access.Action, Role),
    (text.TEXT, text.State, text.Action, Role),
    (complaint.COMPLAINT, complaint.State, complaint.Action, complaint.Actor),
    (release.RELEASE, release.State, release.Action, Role),
    (release.REPORT, release.ReportState, release.ReportAction, Role),
    (filing.FILING, filing.State, filing.Action, Role),
    (filing.DRAFT, filing.DraftState, filing.DraftAction, Role),
    (filing.QUESTION, filing.QuestionState, filing.QuestionAction, Role),
    (campaign.CAMPAIGN, campaign.State, campaign.Act, Role),
    (duty.DUTY, duty.State, duty.Action, Role),
    (campaign.ACTION, campaign.ActionState, campaign.ActionAct, campaign.Actor),
    (conformity.FINDING, conformity.State, conformity.Act, Role),
    (recall.DEFECT, recall.State, recall.Act, Role),
    (recall.STOP_ORDER, recall.StopState, recall.StopAct, Role),
    (recall.PLAN, recall.PlanState, recall.PlanAct, Role),
    (recall.RECALL_NOTICE, recall.NoticeState, recall.NoticeAct, Role),
    (recall.LESSON, recall.LessonState, recall.LessonAct, Role),
    (conformity.REFERRAL, conformity.ReferralState, conformity.ReferralAct, Role),
    (compliance.EVIDENCE, compliance.EvidenceState, compliance.EvidenceAction, Role),
    (compliance.NOTICE, compliance.NoticeState, compliance.NoticeAction, Role),
    (incident.INCIDENT, incident.State, incident.Action, Role),
    (incident.COPY, incident.CopyState, incident.CopyAction, Role),
    (incident.QUESTION, incident.QuestionState, incident.QuestionAction, Role),
    (incident.HOLD, incident.HoldState, incident.HoldAction, Role),
    (standard.STANDARD, standard.State, standard.Action, Role),
    (rights.REQUEST, rights.State, rights.Action, rights.Actor),
    (processing.FLOW, processing.State, processing.Action, Role),
    (exchange.PEER, exchange.PeerState, exchange.PeerAct, Role),
    (exchange.MESSAGE, exchange.MessageState, exchange.MessageAct, Role),
]
# One test a state: seven thousand tests of a microsecond each would cost minutes to keep count of.
STATES = [
    (machine, state, acts, roles) for machine, states, acts, roles in TABLES for state in states
]


@pytest.mark.parametrize(("machine", "state", "acts", "roles"), STATES)
def test_every_triple_is_decided_by_the_table(machine, state, acts, roles):
    for act, role in product(acts, roles):
        rows = [t for t in machine.transitions if t.action == act and state in t.sources]
        refusal = _refusal(machine, state, act, role)
        if not any(role in t.roles for t in rows):
            assert refusal is (WrongRole if rows else WrongState), (act, role)
        else:
            targets = {t.target for t in rows if role in t.roles}
            assert len(targets) == 1, ("the table contradicts itself", act, role)
            assert refusal is None, (act, role)
            assert {machine.next_state(state, act, role)} == targets, (act, role)
            assert act in set(machine.available(state, role)), (act, role)


def _refusal(machine, state, act, role) -> type[Exception] | None:
    try:
        machine.next_state(state, act, role)
    except (WrongState, WrongRole) as refused:
        return type(refused)
    return None


@pytest.mark.parametrize(("machine", "states"), [(m, s) for m, s, _, _ in TABLES])
def test_every_state_is_reachable_and_nothing_leaves_a_final_one(machine, states):
    assert not [t for t in machine.transitions if t.sources & machine.final]
    seen = {machine.initial}
    while more := {t.target for t in machine.transitions if t.sources & seen} - seen:
        seen |= more
    assert seen == set(states)
    stuck = seen - machine.final - {s for t in machine.transitions for s in t.sources}
    assert not stuck


def test_every_step_cites_the_provision_that_grants_it():
    for machine, *_ in TABLES:
        for transition in machine.transitions:
            assert transition.basis.instrument
            assert transition.basis.provision


def test_no_machine_is_forgotten():
    modules = [
        importlib.import_module(f"{domains.__name__}.{one.name}.states")
        for one in pkgutil.iter_modules(domains.__path__)
        if importlib.util.find_spec(f"{domains.__name__}.{one.name}.states")
    ]
    assert len(modules) > 10
    found = {
        id(value)
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Machine)
    }
    assert found == {id(machine) for machine, *_ in TABLES}


def test_nobody_but_the_platform_releases():
    releasing = [t for t in release.RELEASE.transitions if t.action == release.Action.RELEASE]
    assert {role for t in releasing for role in t.roles} == {Role.PLATFORM}


def test_only_reviewers_decide_about_a_filing_and_only_the_filer_submits():
    def who(*actions):
        rows = [t for t in filing.FILING.transitions if t.action in actions]
        return {role for t in rows for role in t.roles}

    deciding = who(filing.Action.ACCEPT, filing.Action.RETURN, filing.Action.REFUSE)
    assert deciding == {Role.MIIT_REVIEWER, Role.SAMR_REVIEWER}
    assert who(filing.Action.SUBMIT) == {Role.HOMOLOGATION}
    # What an authority answers on paper is entered by another than decides, hands in or signs.
    entering = who(
        filing.Action.ENTER_ACCEPTANCE, filing.Action.ENTER_RETURN, filing.Action.ENTER_REFUSAL
    )
    assert entering == {Role.COMPLIANCE_OFFICER}
