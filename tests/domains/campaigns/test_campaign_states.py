"""What the tables of a campaign and of an action promise; every triple is asked one folder up."""

from __future__ import annotations

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
)
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.transitions import WrongState


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


def test_the_platform_itself_can_only_pause_stop_and_complete_a_campaign():
    own = {t.action for t in CAMPAIGN.transitions if Role.PLATFORM in t.roles}
    assert own == {Act.PAUSE, Act.STOP, Act.COMPLETE}
