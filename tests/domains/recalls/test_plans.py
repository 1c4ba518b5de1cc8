"""A plan from its draft to the final report, with the days that the rulebook gives it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.errors import AlreadyFiled
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import errors, planning, queries, running, services, upkeep
from roadworthy.domains.recalls.models import Defect, Duty, RecallPlan
from roadworthy.domains.recalls.states import PlanAct, PlanState, State
from roadworthy.domains.remedies.proving import CompletionRow, record_completion
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.kernel.transitions import WrongRole
from tests import recalling
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import people


@pytest.fixture
def samr(light):
    """SAMR with one reviewer, and a manufacturer with three cars and its sites."""
    _, actors = people(Kind.SAMR, "samr", None)
    light.cast.actors |= actors
    roads.register(light, 3)
    recalling.sites(light)
    return light


def day(*parts: int) -> datetime:
    """Nine in the morning of a day in Shanghai."""
    return datetime(*parts, 9, tzinfo=SHANGHAI).astimezone(UTC)


def due(plan: RecallPlan) -> dict[str, date | None]:
    return dict(Duty.objects.filter(plan_id=plan.recall_id).values_list("key", "due_on"))


@pytest.fixture
def plan(samr) -> RecallPlan:
    """Worked case 1 up to the filing: confirmed and filed on Monday, 9 and 16 June 2025."""
    samr.now = day(2025, 6, 9)
    made = recalling.confirmed(samr)
    assert Duty.objects.get(defect=made, key="RCL-04").due_on == date(2025, 6, 16)
    draft = recalling.drafted(samr, made)
    samr.now = day(2025, 6, 16)
    return recalling.filed(samr, draft)


def note(world, plan, **days):
    return running.note(plan_id=plan.pk, actor=world.actor(Role.RECALL), at=world.tick(), **days)


def take(world, act, plan, on, **more):
    return running.take(
        act, plan_id=plan.pk, on=on, actor=world.actor(Role.RECALL), at=world.tick(), **more
    )


def test_worked_case_1(samr, plan):
    """law.md 9.2: publish by 06-23, owners by 07-28, final report by 09-05."""
    assert (plan.state, plan.vehicles, plan.by_workshop) == (PlanState.FILED, 3, 3)
    days = due(plan)
    assert days["RCL-06"] == date(2025, 6, 23)
    assert days["RCL-07"] == date(2025, 7, 28)
    assert days["RCL-05.inform"] == date(2025, 6, 16), "together with the filing"
    note(samr, plan, dealers_told_on=date(2025, 6, 16), dealers_stopped=True)
    take(samr, PlanAct.START, plan, date(2025, 6, 16))
    assert due(plan)["RCL-09/1"] == date(2025, 9, 16), "three months from the start"
    samr.now = day(2025, 8, 15)
    with pytest.raises(errors.NotAllRemedied):
        take(samr, PlanAct.COMPLETE, plan, date(2025, 8, 15))
    take(samr, PlanAct.COMPLETE, plan, date(2025, 8, 15), word="Followed up by letter.")
    assert due(plan)["RCL-10"] == date(2025, 9, 5)
    samr.now = day(2025, 9, 5)
    done = take(samr, PlanAct.REPORT, plan, date(2025, 9, 5))
    assert Duty.objects.get(plan=plan, key="RCL-10").outcome == "met"
    assert Defect.objects.get(pk=done.defect_id).state == State.CLOSED


@pytest.mark.parametrize(
    ("confirmed", "due_on"),
    [
        ((2025, 1, 26), date(2025, 2, 8)),  # a worked Sunday before the Spring Festival
        ((2025, 1, 27), date(2025, 2, 10)),  # a day later is a Sunday more: the Saturday is worked
        ((2025, 4, 30), date(2025, 5, 12)),  # Labour Day moves it past the weekend
        ((2025, 9, 28), date(2025, 10, 11)),  # National Day, eight days off, then a worked Saturday
    ],
)
def test_the_neighbours_of_case_1_around_holidays(light, confirmed, due_on):
    light.now = day(*confirmed)
    made = recalling.confirmed(light)
    assert Duty.objects.get(defect=made, key="RCL-04").due_on == due_on


def test_the_lock_narrows_from_the_type_to_the_scope_of_the_plan(samr):
    maker = samr.cast.manufacturer_id
    one, two, _three = Vehicle.objects.order_by("pk").values_list("vin", flat=True)
    made = recalling.confirmed(samr)
    plan = recalling.filed(samr, recalling.drafted(samr, made, scope=f"vin {one}"))
    (lock,) = queries.sale_locked(maker, one)
    assert lock.plan == plan.number
    assert queries.sale_locked(maker, two) == ()
    row = CompletionRow(1, one, "D1", samr.now.date().isoformat(), evidence="order 12")
    recaller = samr.actor(Role.RECALL)
    given = {"plan_id": plan.pk, "channel": "api", "actor": recaller}
    assert record_completion(**given, row=row, at=samr.tick())
    assert queries.sale_locked(maker, one) == ()


def test_a_returned_filing_gives_the_draft_back_and_the_next_one_follows_it(samr, plan):
    filings.send_back(
        filing_id=plan.filing_id,
        reason="Which plants?",
        actor=samr.actor(Role.SAMR_REVIEWER),
        at=samr.tick(),
    )
    upkeep.turn(samr.tick())
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT
    again = recalling.filed(samr, plan)
    assert again.state == PlanState.FILED
    assert again.filing.supersedes_id != again.filing_id


def test_a_second_plan_of_the_same_recall_is_not_filed_beside_the_first(samr, plan):
    following = planning.amend(
        plan_id=plan.pk, reason="Two more cars.", actor=samr.actor(Role.RECALL), at=samr.tick()
    )
    upkeep.turn(samr.tick())
    assert Duty.objects.get(plan=plan, key="RCL-08.file").fulfilled_at is None
    with pytest.raises(AlreadyFiled):
        planning.prepare(plan_id=following.pk, actor=samr.actor(Role.RECALL), at=samr.tick())


def test_a_plan_that_does_not_do_is_followed_by_another_recall(samr, plan):
    note(samr, plan, dealers_told_on=date(2025, 6, 16), dealers_stopped=True)
    take(samr, PlanAct.START, plan, date(2025, 6, 16))
    running.recall_again(
        plan_id=plan.pk,
        failure="remedy_ineffective",
        reason="It still comes late.",
        actor=samr.actor(Role.RECALL),
        at=samr.tick(),
    )
    duty = Duty.objects.get(plan=plan, key="RCL-13")
    assert (duty.due["kind"], duty.due_on, duty.fulfilled_at) == ("prompt", None, None)
    second = recalling.filed(samr, recalling.drafted(samr, Defect.objects.get()))
    assert second.number != plan.number
    assert second.again_after_id == plan.pk
    duty.refresh_from_db()
    assert duty.fulfilled_at


def test_what_is_not_clear_is_not_filed(samr):
    made = recalling.confirmed(samr)
    draft = recalling.drafted(samr, made, scope="built from 2024-01-01")
    assert draft.undecided == 3
    recaller = samr.actor(Role.RECALL)
    with pytest.raises(errors.Undecided):
        planning.prepare(plan_id=draft.pk, actor=recaller, at=samr.tick())
    for content, refused in (
        (recalling.content(scope="all", remedy="ota"), errors.NotAllByOta),
        (recalling.content(scope="vin *ZZZZ"), errors.NobodyInScope),
    ):
        planning.rewrite(plan_id=draft.pk, content=content, actor=recaller, at=samr.tick())
        with pytest.raises(errors.NotResolved):
            planning.prepare(plan_id=draft.pk, actor=recaller, at=samr.tick())
        upkeep.turn(samr.tick())
        with pytest.raises(refused):
            planning.prepare(plan_id=draft.pk, actor=recaller, at=samr.tick())


def test_only_a_confirmed_defect_is_recalled_and_only_by_recall_management(samr):
    with pytest.raises(errors.NothingToRecall):
        recalling.drafted(samr, recalling.defect(samr))
    made = recalling.confirmed(samr)
    with pytest.raises(WrongRole):
        planning.draft(
            defect_id=made.pk,
            content=recalling.content(),
            actor=samr.actor(Role.SAFETY),
            at=samr.tick(),
        )
    recalling.drafted(samr, made)
    with pytest.raises(errors.PlanUnderWay):
        recalling.drafted(samr, made)


def test_duties_are_looked_at_anew_each_day(samr):
    made = recalling.confirmed(samr)
    samr.now = day(2025, 6, 30)
    upkeep.turn(samr.now)
    assert Duty.objects.get(defect=made, key="RCL-04").outcome == "broken"


def test_the_result_is_reported_and_a_day_to_come_is_refused(samr):
    made = recalling.concluded(samr, recalling.defect(samr))
    safety = samr.actor(Role.SAFETY)
    with pytest.raises(errors.WrongDay):
        services.report_result(defect_id=made.pk, on=date(2030, 1, 1), actor=safety, at=samr.tick())
    services.report_result(defect_id=made.pk, on=date(2025, 6, 3), actor=safety, at=samr.tick())
    assert Duty.objects.get(defect=made, key="RCL-01.report").fulfilled_at
    assert Entry.objects.filter(event="defect:result-reported").exists()
