"""RCL-24: nobody lets a known defect disappear into a service update."""

from __future__ import annotations

import pytest

from roadworthy.domains.conformity import detection
from roadworthy.domains.conformity.models import Finding, Referral
from roadworthy.domains.filings import assessment
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import planning, running
from roadworthy.domains.recalls.states import PlanAct
from roadworthy.domains.software.models import Evaluation
from roadworthy.law.labels import Label
from roadworthy.rules.answers import Outcome
from tests import recalling
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import people


@pytest.fixture
def watched(light):
    """A manufacturer before both authorities."""
    for kind in (Kind.MIIT, Kind.SAMR):
        light.cast.actors |= people(kind, str(kind), None)[1]
    return light


def answer(light, release):
    release.refresh_from_db()
    return assessment.evaluate(release, at=light.tick())


def broken(result) -> set[str]:
    return {one.rule_id for one in result.findings if one.outcome is Outcome.BROKEN}


def test_a_service_update_against_a_known_defect_is_stopped_and_reaches_samr(watched):
    release = watched.frozen()
    assert "RCL-24" not in broken(answer(watched, release))
    made = recalling.confirmed(watched)
    kept = Evaluation.objects.filter(release=release).order_by("-pk")[0]
    assert Label.DEFECT_REMEDY in release_labels(release)
    assert kept.decision == "may-not-release", "asked about at once, not when somebody looks"
    assert "RCL-24" in broken(answer(watched, release))
    detection.detect(at=watched.tick())
    finding = Finding.objects.get(release=release)
    assert finding.facts["defects"] == made.number
    samr = watched.actor(Role.SAMR_REVIEWER).organisation_id
    assert Referral.objects.filter(finding=finding, authority=samr).exists()


def release_labels(release) -> list[str]:
    release.refresh_from_db()
    return release.labels


def test_a_release_that_comes_later_is_stopped_as_well(watched):
    recalling.confirmed(watched)
    assert "RCL-24" in broken(answer(watched, watched.frozen()))


def test_other_software_of_the_type_is_not_held_up(watched):
    recalling.confirmed(watched, ecus=["engine"])
    assert "RCL-24" not in broken(answer(watched, watched.frozen()))


def test_a_suspicion_alone_stops_nothing(watched):
    recalling.defect(watched)
    assert "RCL-24" not in broken(answer(watched, watched.frozen()))


def test_the_recalls_own_release_goes_its_way_and_knows_what_was_done(watched):
    """The remedy over the air is declared a recall: RCL-24 is met, RCL-18 asks for the plan."""
    cars = roads.register(watched, 2)
    recalling.sites(watched)
    made = recalling.confirmed(watched)
    release = watched.frozen(
        removes_defect=True, known_defect_for_same_fault=True, declared_kind="recall"
    )
    plan = recalling.drafted(watched, made, remedy="both", release_numbers=(release.number,))
    assert (plan.vehicles, plan.by_workshop) == (len(cars), len(cars)), "never heard of"
    plan = recalling.filed(watched, plan)
    assert plan.filing.dossier.release_id == release.pk, "SAMR countersigns it with the plan"
    kept = Evaluation.objects.filter(release=release).order_by("-pk")[0]
    assert kept.stated["recall_plan_filed_on"] == "2025-06-03"
    assert kept.stated["production_stopped"] is False
    result = answer(watched, release)
    assert "RCL-24" not in broken(result)
    assert result.facts["recall_plan"] == "submitted"


def test_when_the_final_report_is_filed_the_defect_is_over(watched):
    roads.register(watched, 1)
    made = recalling.confirmed(watched)
    plan = recalling.filed(watched, recalling.drafted(watched, made))
    recaller = watched.actor(Role.RECALL)
    today = watched.now.date()
    running.note(plan_id=plan.pk, dealers_told_on=today, actor=recaller, at=watched.tick())
    for act in (PlanAct.START, PlanAct.COMPLETE, PlanAct.REPORT):
        running.take(
            act, plan_id=plan.pk, on=today, actor=recaller, at=watched.tick(), word="By letter."
        )
    assert "RCL-24" not in broken(answer(watched, watched.frozen()))
    assert planning.unplanned(made)
