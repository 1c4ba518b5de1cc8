"""SAMR's side: to investigate, notice of recall, objection, experts, order; and lessons."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import errors, lessons, noticing, supervising, supervision
from roadworthy.domains.recalls.models import Defect, Duty, RecallNotice, StopOrder
from roadworthy.domains.recalls.notices import objection_due
from roadworthy.domains.recalls.states import LessonAct, LessonState, NoticeAct, NoticeState, State
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.kernel.transitions import WrongRole, WrongState
from tests import recalling
from tests.domains.campaigns.conftest import people


@pytest.fixture
def watched(light):
    for kind in (Kind.MIIT, Kind.SAMR):
        light.cast.actors |= people(kind, str(kind), None)[1]
    recalling.sites(light)
    light.now = datetime(2025, 6, 9, 9, tzinfo=SHANGHAI).astimezone(UTC)
    return light


@pytest.fixture
def notice(watched) -> RecallNotice:
    """Worked case 2: the notice of recall was received on Monday, 9 June 2025."""
    made = recalling.notice(watched, [watched.type_id])
    return step(watched, NoticeAct.NOTIFY, made, "Five accidents.")


def step(world, act, notice, words, **more):
    return noticing.take(
        act,
        notice_id=notice.pk,
        words=words,
        actor=world.actor(Role.SAMR_REVIEWER),
        at=world.tick(),
        **more,
    )


def test_worked_case_2(watched, notice):
    """law.md 9.2: the objection is due by 06-30."""
    assert objection_due(notice) == date(2025, 6, 30)
    duty = Duty.objects.get(defect=notice.defect, rule_id="RCL-11")
    assert duty.due_on == date(2025, 6, 30)


def test_a_notice_opens_an_analysis_where_there_is_none(watched):
    made = recalling.notice(watched, [watched.type_id])
    assert (made.defect.origin, made.defect.state) == ("authority", State.OPEN)
    again = noticing.issue(
        subject="x",
        grounds="y",
        type_ids=[watched.type_id],
        defect_number=made.defect.number,
        actor=watched.actor(Role.SAMR_REVIEWER),
        at=watched.tick(),
    )
    assert again.defect_id == made.defect_id
    with pytest.raises(WrongRole):
        noticing.issue(
            subject="x",
            grounds="y",
            type_ids=[watched.type_id],
            actor=watched.actor(Role.COMPLIANCE_OFFICER),
            at=watched.tick(),
        )


def test_an_objection_needs_evidence_and_goes_to_experts(watched, notice, tmp_path):
    officer = watched.actor(Role.COMPLIANCE_OFFICER)
    given = {"notice_id": notice.pk, "words": "Our tests differ.", "actor": officer}
    with pytest.raises(errors.EvidenceMissing):
        noticing.object_to(**given, document_sha256="", at=watched.tick())
    digest = recalling.document(watched, tmp_path)
    noticing.object_to(**given, document_sha256=digest, at=watched.tick())
    assert Duty.objects.get(defect=notice.defect, rule_id="RCL-11").fulfilled_at
    step(watched, NoticeAct.APPOINT, notice, "Three experts.")
    done = step(watched, NoticeAct.SET_ASIDE, notice, "We follow it.", opinion="No defect.")
    assert (done.state, done.opinion) == (NoticeState.SET_ASIDE, "No defect.")
    assert not StopOrder.objects.exists()


def test_no_order_while_an_objection_is_possible_then_everything_stops(watched, notice):
    with pytest.raises(errors.ObjectionStillPossible):
        step(watched, NoticeAct.ORDER, notice, "Recall.")
    watched.now = datetime(2025, 7, 1, 9, tzinfo=SHANGHAI).astimezone(UTC)
    with pytest.raises(errors.ObjectionTooLate):
        noticing.object_to(
            notice_id=notice.pk,
            words="Late.",
            document_sha256="0" * 64,
            actor=watched.actor(Role.COMPLIANCE_OFFICER),
            at=watched.tick(),
        )
    step(watched, NoticeAct.ORDER, notice, "Recall.")
    defect = Defect.objects.get(pk=notice.defect_id)
    assert (defect.state, defect.ordered) == (State.CONFIRMED, True)
    assert StopOrder.objects.filter(defect=defect).count() == len(recalling.SITES)
    assert Duty.objects.get(defect=defect, key="RCL-04").due_on == date(2025, 7, 8)


def test_who_follows_a_notice_confirms_the_defect(watched, notice):
    officer = watched.actor(Role.COMPLIANCE_OFFICER)
    noticing.follow(notice_id=notice.pk, actor=officer, at=watched.tick())
    defect = Defect.objects.get(pk=notice.defect_id)
    assert (defect.state, defect.ordered) == (State.CONFIRMED, False)
    with pytest.raises(WrongState):
        noticing.follow(notice_id=notice.pk, actor=officer, at=watched.tick())


def test_samr_sees_what_was_filed_with_it_and_nothing_before(watched, stranger):
    samr = watched.actor(Role.SAMR_REVIEWER)
    draft = recalling.drafted(watched, recalling.confirmed(watched), scope="built unknown")
    assert not supervising.plans(samr.organisation_id).exists()
    with pytest.raises(errors.NoSuchPlan):
        supervising.plan(samr.organisation_id, draft.pk)
    miit = watched.actor(Role.MIIT_REVIEWER).organisation_id
    assert not supervising.plans(miit).exists()
    with pytest.raises(errors.NoSuchPlan):
        supervision.supervise(
            plan_id=draft.pk, kind="note", text="x", actor=samr, at=watched.tick()
        )


def test_a_lesson_is_proposed_taken_up_and_adopted_with_its_name(watched):
    one = recalling.lesson(watched, recalling.confirmed(watched))
    miit = watched.actor(Role.MIIT_REVIEWER)
    with pytest.raises(WrongRole):
        lessons.take(
            LessonAct.TAKE_UP,
            lesson_id=one.pk,
            words="x",
            actor=watched.actor(Role.SAFETY),
            at=watched.tick(),
        )
    lessons.take(
        LessonAct.TAKE_UP, lesson_id=one.pk, words="Agreed.", actor=miit, at=watched.tick()
    )
    with pytest.raises(errors.NotAdopted):
        lessons.take(LessonAct.ADOPT, lesson_id=one.pk, words="x", actor=miit, at=watched.tick())
    done = lessons.take(
        LessonAct.ADOPT,
        lesson_id=one.pk,
        words="In force.",
        adopted_as="IMP176 第二十四条",
        applies_from=date(2026, 1, 1),
        actor=miit,
        at=watched.tick(),
    )
    assert done.state == LessonState.ADOPTED
    (named,) = lessons.adopted({"RCL-04", "recall_plan_period"})
    assert (named.number, named.applies_from) == (done.number, done.applies_from)
    assert named.recall == "", "no plan of it is in force yet"
    text = lessons.parameter_file(done)
    assert "2026-01-01" in text
    assert f"lesson: {one.number}" in text


def test_a_lesson_is_about_something_that_the_rulebook_knows(watched):
    for proposal, refused in (
        (lessons.Proposal("parameter", "no_such", {}, {}), errors.WrongTarget),
        (lessons.Proposal("parameter", "recall_plan_period", {}, {}, "soon"), errors.WrongValue),
        (lessons.Proposal("requirement", "RCL-99", {}, {}), errors.WrongTarget),
    ):
        with pytest.raises(refused):
            lessons.write(
                proposal=proposal,
                source="defect/1",
                actor=watched.actor(Role.SAFETY),
                at=watched.tick(),
            )
