"""The worked cases of law.md 9.2 moved next to holidays, as the platform's own records have them.

The State Council's notice for 2025: off 01-28..02-04 (worked: 01-26, 02-08), 05-01..05-05 (worked:
04-27), 05-31..06-02, 10-01..10-08 (worked: 09-28, 10-11).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from roadworthy.domains.filings import classifying, rule_readings
from roadworthy.domains.filings.models import Obligation
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import noticing, running
from roadworthy.domains.recalls.models import Duty
from roadworthy.domains.recalls.states import NoticeAct, PlanAct
from roadworthy.kernel.calendar import SHANGHAI
from tests import recalling
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import people


@pytest.fixture
def samr(light):
    light.cast.actors |= people(Kind.SAMR, "samr", None)[1]
    return light


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI).astimezone(UTC)


def due(plan) -> dict[str, date | None]:
    return dict(Duty.objects.filter(plan_id=plan.recall_id).values_list("key", "due_on"))


@pytest.mark.parametrize(
    ("filed", "published", "told"),
    [
        (date(2025, 9, 24), date(2025, 9, 30), date(2025, 11, 11)),  # the worked Sunday counts
        (date(2025, 9, 25), date(2025, 10, 9), date(2025, 11, 12)),  # a day later is nine more
        (date(2025, 1, 27), date(2025, 2, 10), date(2025, 3, 17)),  # the worked Saturday counts
        (date(2025, 4, 27), date(2025, 5, 7), date(2025, 6, 12)),  # filed on a worked Sunday
    ],
)
def test_case_1_filed_before_a_holiday(samr, filed, published, told):
    roads.register(samr, 1)
    samr.now = morning(filed)
    plan = recalling.filed(samr, recalling.drafted(samr, recalling.confirmed(samr)))
    assert (due(plan)["RCL-06"], due(plan)["RCL-07"]) == (published, told)


@pytest.mark.parametrize(
    ("completed", "report"),
    [
        (date(2025, 9, 8), date(2025, 9, 28)),  # its last day is a worked Sunday
        (date(2025, 9, 10), date(2025, 9, 30)),  # the last day before the holiday
        (date(2025, 9, 11), date(2025, 10, 9)),  # the first day after it
    ],
)
def test_case_1_completed_before_a_holiday(samr, completed, report):
    roads.register(samr, 1)
    samr.now = morning(completed)
    plan = recalling.filed(samr, recalling.drafted(samr, recalling.confirmed(samr)))
    recaller = samr.actor(Role.RECALL)
    running.note(plan_id=plan.pk, dealers_told_on=completed, actor=recaller, at=samr.tick())
    for act in (PlanAct.START, PlanAct.COMPLETE):
        running.take(
            act, plan_id=plan.pk, on=completed, actor=recaller, at=samr.tick(), word="By letter."
        )
    assert due(plan)["RCL-10"] == report


@pytest.mark.parametrize(
    ("received", "objection"),
    [
        (date(2025, 9, 9), date(2025, 9, 29)),  # the worked Sunday brings it before the holiday
        (date(2025, 9, 24), date(2025, 10, 21)),
        (date(2025, 9, 28), date(2025, 10, 24)),  # received on a worked Sunday
        (date(2025, 1, 26), date(2025, 2, 21)),
        (date(2025, 1, 27), date(2025, 2, 24)),
    ],
)
def test_case_2_received_before_a_holiday(samr, received, objection):
    samr.now = morning(received)
    notice = recalling.notice(samr, [samr.type_id])
    noticing.take(
        NoticeAct.NOTIFY,
        notice_id=notice.pk,
        words="Five accidents.",
        actor=samr.actor(Role.SAMR_REVIEWER),
        at=samr.tick(),
    )
    assert Duty.objects.get(defect=notice.defect, rule_id="RCL-11").due_on == objection


@pytest.mark.parametrize(
    ("planned", "lead", "last"),
    [
        (date(2025, 6, 16), date(2025, 6, 9), date(2025, 6, 13)),  # as it is worked
        (date(2025, 6, 3), date(2025, 5, 26), date(2025, 5, 30)),  # after the Dragon Boat
        (date(2025, 9, 30), date(2025, 9, 24), date(2025, 9, 29)),  # the worked Sunday counts
        (date(2025, 10, 9), date(2025, 9, 25), date(2025, 9, 30)),  # the first day after
        (date(2025, 10, 13), date(2025, 9, 29), date(2025, 10, 11)),  # after a worked Saturday
        (date(2025, 2, 5), date(2025, 1, 22), date(2025, 1, 27)),
    ],
)
def test_case_3_a_release_after_a_holiday(samr, planned, lead, last):
    """The package of an update is with SAMR five working days before, in both readings."""
    release = samr.frozen(planned_on=planned)
    classifying.classify(
        release_id=release.pk, actor=samr.actor(Role.RELEASE_ENGINEER), at=samr.tick()
    )
    package = Obligation.objects.get(release=release, rule_id="RCL-17")
    assert package.due_on == lead
    officer = samr.actor(Role.COMPLIANCE_OFFICER)
    rule_readings.choose(reading="window", actor=officer, at=samr.tick())
    package = Obligation.objects.get(release=release, rule_id="RCL-17")
    assert (package.due["not_before"], package.due_on) == (lead.isoformat(), last)
