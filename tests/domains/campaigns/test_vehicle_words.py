"""What a vehicle's words mean. No database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roadworthy.domains.campaigns import reports
from roadworthy.domains.campaigns.reports import Attributes, Ignored, Kind, Word
from roadworthy.domains.campaigns.states import ActionAct


def body(execution: Any, finished: Any, **more: Any) -> dict[str, Any]:
    return {"status": {"execution": execution, "result": {"finished": finished}, **more}}


@pytest.mark.parametrize(
    ("execution", "finished", "act"),
    [
        ("closed", "success", ActionAct.SUCCEED),
        ("closed", "none", ActionAct.SUCCEED),
        ("closed", "failure", ActionAct.FAIL),
        *(
            (execution, finished, ActionAct.PROGRESS)
            for execution in (
                "proceeding", "scheduled", "resumed", "canceled", "rejected", "download",
                "downloaded",
            )
            for finished in ("success", "failure", "none")
        ),
    ],
)  # fmt: skip
def test_feedback_means_what_ddi_says(execution, finished, act):
    word = reports.of_feedback(body(execution, finished))
    assert isinstance(word, Word)
    assert word.act == act


@pytest.mark.parametrize(
    ("execution", "finished", "act"),
    [
        ("closed", "success", ActionAct.CANCEL),
        ("closed", "none", ActionAct.CANCEL),
        ("closed", "failure", ActionAct.REFUSE_CANCEL),
        ("rejected", "none", ActionAct.REFUSE_CANCEL),
        ("canceled", "none", ActionAct.PROGRESS),
        ("proceeding", "none", ActionAct.PROGRESS),
    ],
)
def test_cancel_feedback_means_what_ddi_says(execution, finished, act):
    word = reports.of_cancel_feedback(body(execution, finished))
    assert isinstance(word, Word)
    assert word.act == act


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "closed",
        7,
        {},
        {"status": None},
        {"status": []},
        {"status": {"execution": "closed"}},
        {"status": {"execution": "closed", "result": "success"}},
        body("finished", "success"),
        body("closed", "maybe"),
        body(["closed"], "success"),
        body("closed", {"a": 1}),
    ],
)
def test_malformed_feedback_is_unreadable_and_no_error(wrong):
    assert reports.of_feedback(wrong) is Ignored.UNREADABLE
    assert reports.of_cancel_feedback(wrong) is Ignored.UNREADABLE


def test_the_last_message_and_the_devices_clock_are_kept_as_data():
    said = body("closed", "failure", details=["start", "no space left", " "], code=28)
    word = reports.of_feedback(said | {"time": "20261121T081212"})
    assert isinstance(word, Word)
    assert word.message == "no space left"
    assert word.detail["code"] == 28
    assert word.detail["device_time"] == "20261121T081212"


def test_details_may_be_one_text_and_are_kept_within_bounds():
    one = reports.of_feedback(body("proceeding", "none", details="half way"))
    many = reports.of_feedback(body("proceeding", "none", details=["x" * 9000] * 90))
    assert isinstance(one, Word)
    assert isinstance(many, Word)
    assert one.message == "half way"
    assert len(many.detail["details"]) == reports.MESSAGES_KEPT
    assert len(many.message) == reports.LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("data", "under_update", "versions"),
    [
        ({"sw_version": "2"}, "cam", {"cam": "2"}),
        ({"sw_version": "2", "ecu": "radar"}, "cam", {"radar": "2"}),
        ({"ecu.cam": "2", "ecu.radar": "3", "vin": "X"}, "", {"cam": "2", "radar": "3"}),
        ({"sw_version": "2"}, "", {}),
        ({"ecu.": "2", "ecu.cam": None, "ecu.radar": ""}, "cam", {}),
        ({"sw_version": "v" * 500}, "cam", {}),
    ],
)
def test_versions_are_read_from_attributes(data, under_update, versions):
    said = reports.of_attributes({"data": data})
    assert isinstance(said, Attributes)
    assert said.mode == "merge"
    assert reports.versions(said, under_update) == versions


def test_removed_attributes_say_nothing_about_versions():
    said = reports.of_attributes({"mode": "remove", "data": {"sw_version": "2"}})
    assert isinstance(said, Attributes)
    assert reports.versions(said, "cam") == {}


@pytest.mark.parametrize("wrong", [None, {}, {"data": []}, {"data": {}, "mode": "swap"}, "x", []])
def test_malformed_attributes_are_unreadable(wrong):
    assert reports.of_attributes(wrong) is Ignored.UNREADABLE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["status", "execution", "result", "finished", "details", "data", "mode"]
            )
            | st.text(max_size=6),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from([*Kind, "new-kind"]))
@example({"data": {}, "mode": [None]}, Kind.ATTRIBUTES)
def test_no_json_ever_raises(value, kind):
    reports.of_action(kind, value)
    reports.seen("car", value)
    reports.excerpt(value)
    said = reports.of_attributes(value)
    if isinstance(said, Attributes):
        reports.versions(said, "cam")
