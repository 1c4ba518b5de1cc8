"""The four cases of the law, from the application for the type to signed metadata (law.md 9.2).

Everything is done through the portals by those whose task it is; the last word has a TUF client
that nobody here wrote.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.domains.organisations.roles import Kind
from tests.portals.cases.story import Story

pytestmark = pytest.mark.django_db

RECEIPTS = {"manufacturer.release", "miit.receipt", "samr.receipt"}
DEFECT = {
    "removes_defect": True,
    "known_defect_for_same_fault": True,
    "affects_regulated_performance": True,
    "declared_kind": "recall",
}


def test_a_routine_change_needs_both_receipts(story: Story, tmp_path: Path) -> None:
    story.begins("R-ROUTINE")
    story.release_written({})
    story.labelled("routine")
    numbers = story.prepared("Update activity", story.activity())
    story.signed()
    story.submitted(*numbers)
    story.accepted(Kind.MIIT, numbers[0])
    assert not story.vehicle_takes("routine", tmp_path / "before").accepted
    story.accepted(Kind.SAMR, numbers[1])
    story.released("routine", RECEIPTS, tmp_path / "after")


@pytest.mark.parametrize("primary", [False, True], ids=["same-primary-version", "new-primary"])
def test_a_pilot_that_fails_in_extreme_scenes_is_mended_by_a_recall(
    story: Story, tmp_path: Path, *, primary: bool
) -> None:
    """Worked case 7: an L2 motorway pilot, and the update that mends it."""
    story.begins(f"R-PILOT-{primary}")
    story.release_written(DEFECT | {"changes_primary_version": primary})
    labels = "defect_remedy"
    if primary:
        labels = "defect_remedy+main_param_change"
    labels += "+regulated_performance"
    story.labelled(*labels.split("+"))
    story.category("D")
    if primary:
        permit = story.change("Product change", story.new_primary_version)
    plan = story.prepared("Recall plan", story.recall())
    activity = story.prepared("Update activity", story.activity("Recall"))
    story.signed()
    story.submitted(*plan, *activity)
    story.accepted(Kind.MIIT, activity[0])
    story.accepted(Kind.SAMR, activity[1])
    story.accepted(Kind.SAMR, plan[0])
    if primary:
        story.countersigned(Kind.MIIT, permit)
    assert not story.vehicle_takes(labels, tmp_path / "before").accepted
    story.stopped()
    parties = RECEIPTS | {"samr.recall-plan"}
    if primary:
        parties |= {"miit.product-change-permit"}
    story.released(labels, parties, tmp_path / "after")


def test_a_main_parameter_changes_only_with_the_product_change_permit(
    story: Story, tmp_path: Path
) -> None:
    story.begins("R-FASTER")
    story.release_written({"changes_main_parameters": True})
    story.labelled("main_param_change")
    story.category("B")
    activity = story.prepared("Update activity", story.activity())
    story.signed()
    story.refused_before_permit(activity[0])
    permit = story.change("Product change", story.faster)
    story.submitted(*activity)
    story.accepted(Kind.MIIT, activity[0])
    assert not story.vehicle_takes("main_param_change", tmp_path / "before").accepted
    story.accepted(Kind.SAMR, activity[1])
    parties = RECEIPTS | {"miit.product-change-permit"}
    story.released("main_param_change", parties, tmp_path / "after")
    story.approved_by(permit)


def test_a_hands_free_function_is_denied_without_a_permit_even_if_filed(
    story: Story, tmp_path: Path
) -> None:
    """Worked case 8."""
    story.begins("R-HANDS-FREE")
    story.release_written({"changes_automation_function": True, "function_level": 3})
    story.labelled("ads_function")
    story.category("C")
    activity = story.prepared("Update activity", story.activity())
    story.signed()
    story.submitted(*activity)
    story.accepted(Kind.MIIT, activity[0])
    story.accepted(Kind.SAMR, activity[1])
    assert not story.vehicle_takes("ads_function", tmp_path / "filed").accepted
    story.denied("N45-07")
    permit = story.change("Access permit", story.hands_free)
    parties = RECEIPTS | {"miit.access-permit"}
    story.released("ads_function", parties, tmp_path / "after")
    story.approved_by(permit)
