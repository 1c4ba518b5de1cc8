"""Whatever vehicles, owners and officers do in whatever order, the promises hold.

Nothing is offered without a yes, nothing installed twice, nothing counted as success that the
vehicle did not say it runs, and the gateways are told what the states say.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.domains.campaigns import queries
from roadworthy.domains.campaigns.models import (
    Action,
    ActionEvent,
    Consent,
    GatewayAssignment,
    GatewayReport,
)
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import ACTION, Act, ActionState, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.vehicles.models import EcuReport
from roadworthy.kernel.errors import DomainError
from tests.domains.campaigns.conftest import LightWorld
from tests.domains.campaigns.roads import Road, register, road
from tests.world import NEW, OLD

VEHICLES = 3
KINDS = {
    ActionState.OFFERED: {"deploy", ""},  # "" while the campaign stands still
    ActionState.RETRIEVED: {"deploy"},
    ActionState.RUNNING: {"deploy"},
    ActionState.CANCELLING: {"cancel"},
}

which = st.integers(0, VEHICLES - 1)
steps = st.one_of(
    st.tuples(st.just("retrieved"), which),
    st.tuples(
        st.just("feedback"),
        which,
        st.sampled_from(["proceeding", "canceled", "rejected", "downloaded"]),
        st.sampled_from(["none", "failure"]),
    ),
    st.tuples(
        st.just("feedback"), which, st.just("closed"), st.sampled_from(["success", "failure"])
    ),
    st.tuples(st.just("cancelled"), which, st.sampled_from(["success", "failure"])),
    st.tuples(st.just("says"), which, st.sampled_from([OLD, NEW, "tuned"])),
    st.tuples(st.just("garbage"), which),
    st.tuples(st.just("answer"), which, st.sampled_from(["yes", "no"])),
    st.tuples(st.just("take"), st.sampled_from(list(Act))),
    st.tuples(st.just("turn")),
    st.tuples(st.just("turn")),
    st.tuples(st.just("wait")),
)


def do(r: Road, ids: list[int], step: tuple[Any, ...]) -> None:
    name, *rest = step
    if name == "turn":
        r.turn()
    elif name == "wait":
        r.world.tick(hours=40)
    elif name == "take":
        attempt(lambda: r.take(rest[0], "a test"))
    elif name == "answer":
        attempt(lambda: r.answer(ids[rest[0]], rest[1]))
    elif name == "retrieved":
        r.report(ids[rest[0]], "retrieved")
    elif name == "feedback":
        r.feedback(ids[rest[0]], *rest[1:])
    elif name == "cancelled":
        r.feedback(ids[rest[0]], "closed", rest[1], kind="cancel-feedback")
    elif name == "says":
        r.says(ids[rest[0]], rest[1])
    else:
        r.report(ids[rest[0]], "feedback", [["?"]])


def attempt(act: Any) -> None:
    with suppress(DomainError):
        act()


def check(r: Road) -> None:
    r.refresh()
    acts: dict[int, Counter[str]] = {}
    for event in ActionEvent.objects.filter(action__campaign=r.campaign):
        acts.setdefault(event.action_id, Counter())[event.act] += 1
    proven = 0
    for action in Action.objects.filter(campaign=r.campaign).select_related("vehicle"):
        state, done = ActionState(action.state), acts.get(action.pk, Counter())
        answers = Consent.objects.filter(action=action).order_by("id")
        given_ = [one.choice for one in answers]
        assert done["succeed"] <= 1, "installed twice"
        assert done["prove"] <= 1
        assert sum(done[a] for a in ("prove", "fail", "cancel", "time-out")) <= 1
        assert done["offer"] <= given_.count("yes"), "offered without a yes"
        if state == ActionState.OFFERED:
            assert given_[-1] == "yes"
        if state == ActionState.PROVEN:
            proven += 1
            assert EcuReport.objects.filter(vehicle=action.vehicle, version=NEW).exists()
        assert (action.closed_at is not None) == (state in ACTION.final)
        row = GatewayAssignment.objects.get(controller_id=action.vehicle.controller_id)
        expected = KINDS.get(state, {""})
        assert row.kind in expected, (state, row.kind)
        if r.campaign.state == State.RUNNING and state == ActionState.OFFERED:
            assert row.kind == "deploy"
        if state in ACTION.final | {ActionState.INSTALLED} and done["offer"]:
            assert row.action_id is None
            assert action.pk in row.closed_actions
    progress = queries.progress(r.campaign, r.world.now)
    assert progress.proven == proven
    assert progress.total == VEHICLES
    assert Entry.objects.filter(event="action:proven").count() == proven


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, max_size=40))
def explore(r: Road, ids: list[int], plan: list[tuple[Any, ...]]) -> None:
    now, held = r.world.now, transaction.atomic()
    held._from_testcase = True  # services that insist on being outermost may run inside
    with held:
        for step in plan:
            do(r, ids, step)
        r.turn()
        check(r)
        assert not GatewayReport.objects.filter(applied=False).exists()
        assert not GatewayReport.objects.filter(ignored="set-aside").exists()
        transaction.set_rollback(True)
    r.world.now = now


def test_the_promises_hold_in_any_order(light: LightWorld) -> None:
    ids = register(light, VEHICLES)
    groups = (GroupPlan(50, 50, 100), GroupPlan(50, 50, 100))
    r = road(light, vehicles=ids, groups=groups).started()
    r.turn()
    explore(r, ids)
