"""The tables of a campaign and of an action, asked about every (state, act, role)."""

from __future__ import annotations

from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from roadworthy.domains.campaigns.states import (
    ACTION,
    BEGUN,
    CAMPAIGN,
    UNDER_WAY,
    Act,
    ActionAct,
    ActionState,
    Actor,
    State,
)
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.transitions import Machine, WrongRole, WrongState

TABLES: list[tuple[Machine[Any, Any, Any], type[StrEnum], type[StrEnum], type[StrEnum]]] = [
    (CAMPAIGN, State, Act, Role),
    (ACTION, ActionState, ActionAct, Actor),
]
TRIPLES = [
    (machine, *triple)
    for machine, states, acts, roles in TABLES
    for triple in product(states, acts, roles)
]


@pytest.mark.parametrize(("machine", "state", "act", "role"), TRIPLES)
def test_every_triple_is_decided_by_the_table(machine, state, act, role):
    rows = [t for t in machine.transitions if t.action == act and state in t.sources]
    if not rows:
        with pytest.raises(WrongState):
            machine.next_state(state, act, role)
    elif not any(role in t.roles for t in rows):
        with pytest.raises(WrongRole):
            machine.next_state(state, act, role)
    else:
        targets = {t.target for t in rows if role in t.roles}
        assert len(targets) == 1, "the table contradicts itself"
        assert {machine.next_state(state, act, role)} == targets
        assert act in set(machine.available(state, role))


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


def test_success_is_reached_by_proof_alone():
    into = [t for t in ACTION.transitions if t.target == ActionState.PROVEN]
    assert {t.action for t in into} == {ActionAct.PROVE}
    assert {role for t in into for role in t.roles} == {Actor.VEHICLE}
    assert {state for t in into for state in t.sources} == UNDER_WAY


def test_an_owner_cannot_take_back_what_has_begun():
    for state in BEGUN:
        with pytest.raises(WrongState):
            ACTION.next_state(state, ActionAct.DECLINE, Actor.OWNER)


def test_only_a_waiting_action_is_ever_offered():
    offers = [t for t in ACTION.transitions if t.action == ActionAct.OFFER]
    assert {state for t in offers for state in t.sources} == {ActionState.WAITING}


def test_the_platform_itself_can_only_pause_and_complete_a_campaign():
    own = {t.action for t in CAMPAIGN.transitions if Role.PLATFORM in t.roles}
    assert own == {Act.PAUSE, Act.COMPLETE}
