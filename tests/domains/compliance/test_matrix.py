"""The matrix of a type with a real car's ECUs, on three days; every cell says why."""

from __future__ import annotations

from datetime import date

import pytest

from roadworthy.domains.compliance import queries
from roadworthy.domains.compliance.cells import Because
from roadworthy.domains.compliance.states import CellState
from roadworthy.domains.vehicles.errors import NoSuchType
from tests import complying

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, NOW, AFTER = date(2025, 12, 31), date(2026, 11, 22), date(2028, 1, 1)


@pytest.fixture
def type_id(world):
    complying.seed(world)
    type_id = complying.approved_type(world)
    kept = complying.report(world, "GB 39732-2020")
    complying.attach_report(world, type_id, "gb39732-4.1.1", kept, until=date(2027, 6, 30))
    return type_id


def states(world, type_id, day):
    found = queries.matrix(world.cast.manufacturer_id, type_id, day)
    return {one.requirement.key: one.state for one in found.cells}


def test_three_days_show_what_is_met_missing_and_not_yet_in_force(world, type_id):
    before, now, after = (states(world, type_id, day) for day in (BEFORE, NOW, AFTER))
    # Applied for in June 2025 with a report to GB 44496: met as soon as the standard is in force.
    assert before["gb44496"] == before["gb44496-5.2.1"] == CellState.NOT_YET
    assert {now["gb44496"], now["gb44496-5.2.1"], after["gb44496"]} == {CellState.MET}
    # An existing type to GB 44495: nothing on file, and its day comes in 2028.
    assert before["gb44495"] == now["gb44495"] == CellState.NOT_YET
    assert after["gb44495"] == CellState.MISSING
    assert after["gb44495-7.1"] == CellState.MISSING
    # The recorder is fitted; its trigger was tested by a report that ends.
    assert {one["gb39732"] for one in (before, now, after)} == {CellState.MET}
    assert before["gb39732-4.1.1"] == now["gb39732-4.1.1"] == CellState.MET
    assert after["gb39732-4.1.1"] == CellState.EXPIRED
    assert before["gb39732-4.1.2"] == CellState.MISSING
    # Level 2 only, and approved before GB 47955 asks new types.
    assert {one["gb44721"] for one in (before, now, after)} == {CellState.NOT_APPLICABLE}
    assert {one["gb44497"] for one in (before, now, after)} == {CellState.NOT_APPLICABLE}
    assert {one["unr155-7.4.1"] for one in (before, now, after)} == {CellState.UNDETERMINED}


def test_each_cell_explains_itself(world, type_id):
    for day in (BEFORE, NOW, AFTER):
        found = queries.matrix(world.cast.manufacturer_id, type_id, day)
        assert {CellState.MET, CellState.MISSING, CellState.NOT_APPLICABLE} <= set(found.tally)
        for one in found.cells:
            explain(one, found.as_of)


def explain(cell, day):
    clause = cell.requirement
    assert all(clause.title[one] and clause.text[one] for one in ("zh-hans", "en"))
    assert cell.requirement.grade in "ABCD"
    assert cell.findings or cell.because not in {Because.RULE, Because.VOLUNTARY}
    for finding in cell.findings:
        assert finding.why.en
        assert finding.source.instrument.key
    if cell.state == CellState.NOT_YET:
        assert cell.since > day
    if cell.state in {CellState.MISSING, CellState.EXPIRED}:
        assert cell.since <= day
    if cell.state == CellState.UNDETERMINED:
        assert cell.missing or cell.because == Because.NO_DAY
    if cell.state == CellState.EXPIRED:
        assert any(one.standing == "expired" for one in (*cell.evidence, *cell.covered_by))


def test_a_cell_names_the_units_and_functions_that_it_speaks_of(world, type_id):
    found = queries.matrix(world.cast.manufacturer_id, type_id, NOW)
    assert set(found.cell("gb44495").units) == {row["name"] for row in complying.ecus()}
    assert found.cell("gb47955").units == ("fwdRadar", "fwdCamera")
    assert [one.level for one in found.cell("gb47955").functions] == [2]


def test_a_recommended_standard_binds_only_where_law_refers_to_it(world, type_id):
    found = queries.matrix(world.cast.manufacturer_id, type_id, NOW)
    assert found.cell("gbt47325").because == Because.VOLUNTARY
    assert found.cell("gbt40429").state == CellState.MISSING
    assert found.cell("gbt40429").findings[0].reason == "referenced"


def test_a_type_that_was_entered_with_its_number_alone_names_what_is_not_known(world):
    complying.seed(world)
    found = queries.matrix(world.cast.manufacturer_id, world.type_id, NOW)
    assert found.cell("gb44495").state == CellState.UNDETERMINED
    assert found.cell("gb44495").missing == ("vehicle_category",)
    assert "vehicle_category" in found.missing


def test_what_comes_within_some_months_is_listed_with_evidence_that_ends(world, type_id):
    found = queries.matrix(world.cast.manufacturer_id, type_id, NOW)
    rows = queries.coming(found, 24)
    assert (date(2027, 6, 30), "gb39732-4.1.1", True) in {
        (one.day, one.cell.requirement.key, one.ends) for one in rows
    }
    assert (date(2028, 1, 1), "gb44495", False) in {
        (one.day, one.cell.requirement.key, one.ends) for one in rows
    }
    assert queries.coming(found, 1) == ()


def test_another_manufacturers_type_is_not_found(world, type_id):
    with pytest.raises(NoSuchType):
        queries.matrix(world.cast.manufacturer_id + 1000, type_id, NOW)


def test_the_number_of_queries_does_not_grow_with_the_requirements(
    world, type_id, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        queries.matrix(world.cast.manufacturer_id, type_id, NOW)
