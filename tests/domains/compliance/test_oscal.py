"""Profile and assessment results: OSCAL by somebody else's program, and the same bytes again."""

from __future__ import annotations

import json
from datetime import date

import pytest

from roadworthy.domains.compliance import errors, oscal, queries
from tests import complying

pytestmark = pytest.mark.django_db(transaction=True)

NOW, AFTER = date(2026, 11, 22), date(2028, 1, 1)


@pytest.fixture
def found(world):
    complying.seed(world)
    type_id = complying.approved_type(world)
    complying.attach_document(world, type_id, "gbt40429")
    return lambda day: queries.matrix(world.cast.manufacturer_id, type_id, day)


def test_trestle_takes_both_and_they_come_back_as_the_same_bytes(found, tmp_path):
    trestle = pytest.importorskip("trestle.oscal.profile")
    results = pytest.importorskip("trestle.oscal.assessment_results")
    told = oscal.of(found(NOW))
    for write, model, name in (
        (oscal.profile, trestle.Profile, "profile"),
        (oscal.results, results.AssessmentResults, "assessment-results"),
    ):
        content = write(told)
        path = tmp_path / f"{name}.json"
        path.write_bytes(content)
        assert model.oscal_read(path) is not None
        again = oscal.read(content)
        assert again == oscal.read(oscal.written_again(again, content))
        assert oscal.written_again(again, content) == content


def test_only_what_is_met_is_satisfied(found):
    document = json.loads(oscal.results(oscal.of(found(AFTER))))
    (result,) = document["assessment-results"]["results"]
    by_key = {one["title"]: one["target"]["status"]["state"] for one in result["findings"]}
    assert by_key["gb44496: met"] == "satisfied"
    assert by_key["gb44495: missing"] == "not-satisfied"
    assert not any("not-applicable" in title for title in by_key)


def test_a_document_is_compared_with_the_matrix(found):
    told = oscal.of(found(NOW))
    assert oscal.differences(told, found(NOW)) == ()
    later = {one.line.key for one in oscal.differences(told, found(AFTER))}
    assert "gb44495" in later


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"profile": {}}', b'{"profile": {"metadata": {"props": 3}}}', b"\xff"],
)
def test_what_is_no_such_document_is_refused(content):
    with pytest.raises(errors.WrongOscal):
        oscal.read(content)
