"""What may leave leaves, and what may not does not, one reason at a time."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from roadworthy.egress import records
from roadworthy.egress.drive import Consent, Drive
from roadworthy.egress.errors import WrongConsent, WrongRecord
from roadworthy.egress.filtering import Filter, Reason, Stated
from roadworthy.egress.policy import Kind
from tests.egress.policies import NOW, TO, drive, measured, policy_of, position, rule

OPEN = {"off_by_default": False, "consent": False}


def passed(filter_: Filter, said: Drive, at: Any = NOW, **items: Any) -> dict[str, Any]:
    found = filter_.record(measured(at=at, **items), said=said, at=NOW)
    return dict(found.leaving.items) if found.leaving else {}


def why(filter_: Filter, said: Drive, at: Any = NOW, **items: Any) -> dict[str, Reason]:
    return dict(filter_.record(measured(at=at, **items), said=said, at=NOW).withheld)


def test_without_a_policy_nothing_leaves() -> None:
    assert why(Filter(None), drive("speed"), speed=1) == {"speed": Reason.NO_POLICY}
    assert Filter(None).record(measured(speed=1), said=drive(), at=NOW).leaving is None


def test_what_no_rule_names_does_not_leave() -> None:
    filter_ = Filter(policy_of(rule("speed", **OPEN)))
    assert passed(filter_, drive(), speed=80.5, mood="sad") == {"speed": 80.5}
    other = msgspec.structs.replace(measured(speed=1), purpose="advertising")
    assert filter_.record(other, said=drive(), at=NOW).withheld == {"speed": Reason.NO_RULE}
    abroad = msgspec.structs.replace(measured(speed=1), country="DE")
    assert filter_.record(abroad, said=drive(), at=NOW).withheld == {"speed": Reason.NO_RULE}


def test_each_drive_starts_with_what_is_off_by_default_off() -> None:
    filter_ = Filter(policy_of(rule("speed", consent=False), rule("fog", Kind.FLAG, **OPEN)))
    said = Drive()
    assert passed(filter_, said, speed=1, fog=True) == {}  # no drive is under way
    said.start()
    assert passed(filter_, said, speed=1, fog=True) == {"fog": True}
    said.choose("speed", TO["purpose"], on=True)
    said.choose("fog", TO["purpose"], on=False)
    assert passed(filter_, said, speed=1, fog=True) == {"speed": 1}
    said.end()
    said.start()
    assert why(filter_, said, speed=1) == {"speed": Reason.OFF}
    assert passed(filter_, said, fog=True) == {"fog": True}
    said.choose("speed", TO["purpose"], on=True, keep=True)  # the driver sets otherwise
    said.start()
    assert passed(filter_, said, speed=1) == {"speed": 1}


def test_a_consent_is_for_its_purpose_and_ends() -> None:
    filter_ = Filter(policy_of(rule("speed", off_by_default=False)))
    said = drive()
    assert why(filter_, said, speed=1) == {"speed": Reason.NO_CONSENT}
    day = timedelta(days=1)
    said.agree(Consent("speed", "advertising", NOW - day, NOW + day))
    assert why(filter_, said, speed=1) == {"speed": Reason.NO_CONSENT}
    said.agree(Consent("speed", TO["purpose"], NOW - day, NOW))
    assert why(filter_, said, speed=1) == {"speed": Reason.NO_CONSENT}
    said.agree(Consent("speed", TO["purpose"], NOW - day, NOW + day))
    assert passed(filter_, said, speed=1) == {"speed": 1}
    said.withdraw("speed", TO["purpose"])
    assert why(filter_, said, speed=1) == {"speed": Reason.NO_CONSENT}


@pytest.mark.parametrize("until", [NOW, NOW.replace(tzinfo=None), NOW.replace(year=9999)])
def test_a_consent_has_an_end_that_somebody_meant(until: Any) -> None:
    with pytest.raises(WrongConsent):
        Consent("speed", "x", NOW, until)


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (rule("x", **OPEN), "31.2304,121.4737"),
        (rule("x", **OPEN), True),
        (rule("x", **OPEN), math.nan),
        (rule("x", **OPEN), 10**400),
        (rule("x", **OPEN), {"value": 1}),
        (rule("x", lowest=0, **OPEN), -1),
        (rule("x", highest=5, **OPEN), 6),
        (rule("x", Kind.FLAG, **OPEN), 1),
        (rule("x", Kind.WORD, words=("on",), **OPEN), "off"),
        (rule("x", Kind.WORD, words=("on",), **OPEN), ["on"]),
        (rule("x", Kind.PICTURE, **OPEN), "/9j/4AAQ"),
        (position("x", **OPEN), {"latitude": 31.2}),
        (position("x", **OPEN), {"latitude": "31", "longitude": 121}),
        (position("x", **OPEN), {"latitude": 91, "longitude": 121}),
        (position("x", **OPEN), [31.2, 121.4]),
    ],
)
def test_a_value_of_another_shape_stays(of: Any, value: Any) -> None:
    assert why(Filter(policy_of(of)), drive(), x=value) == {"x": Reason.WRONG_SHAPE}


def test_a_position_leaves_as_the_middle_of_its_cell_and_nothing_beside_it() -> None:
    filter_ = Filter(policy_of(position(metres=1000, **OPEN)))
    exact = {"latitude": 31.230416, "longitude": 121.473701, "altitude": 4.5, "street": "x"}
    left = passed(filter_, drive(), position=exact)["position"]
    assert sorted(left) == ["latitude", "longitude"]
    near = {"latitude": left["latitude"] + 0.001, "longitude": left["longitude"] - 0.001}
    assert passed(filter_, drive(), position=near) == {"position": left}


def test_a_flow_is_followed_from_its_first_day_to_before_its_last() -> None:
    today = date(2026, 3, 2)  # 12:00 in Shanghai
    until = Filter(policy_of(rule("speed", allowed_until=today, **OPEN)))
    since = Filter(policy_of(rule("speed", allowed_from=today, **OPEN)))
    assert why(until, drive(), speed=1) == {"speed": Reason.OUT_OF_PERIOD}
    assert passed(since, drive(), speed=1) == {"speed": 1}
    midnight = NOW.replace(hour=16)  # 3 March in Shanghai
    late = Filter(policy_of(rule("speed", allowed_until=date(2026, 3, 3), **OPEN)))
    assert late.record(measured(at=midnight, speed=1), said=drive(), at=midnight).leaving is None
    before = midnight - timedelta(seconds=1)
    assert late.record(measured(at=before, speed=1), said=drive(), at=before).leaving


def test_what_is_older_than_its_period_does_not_leave_and_no_clock_lengthens_it() -> None:
    filter_ = Filter(policy_of(rule("speed", **OPEN), rule("fog", retention_seconds=60, **OPEN)))
    hour = timedelta(hours=1)
    assert why(filter_, drive(), at=NOW - hour, speed=1) == {"speed": Reason.TOO_OLD}
    assert why(filter_, drive(), at=NOW + hour, speed=1) == {"speed": Reason.NOT_YET}
    ahead = measured(at=NOW + timedelta(minutes=1), speed=1)
    assert filter_.record(ahead, said=drive(), at=NOW).drop_at == NOW + hour
    both = measured(speed=1, fog=1)  # the shorter period is that of the whole record
    assert filter_.record(both, said=drive(), at=NOW).drop_at == NOW + timedelta(minutes=1)


def test_what_has_passed_passes_the_gateway_unchanged() -> None:
    rules = (position(off_by_default=False), rule("speed", **OPEN))
    filter_ = Filter(policy_of(*rules))
    where = {"latitude": 31.230416, "longitude": 121.473701}
    said = drive(consents=("position",))
    first = filter_.record(measured(position=where, speed=1), said=said, at=NOW).leaving
    assert first is not None
    arrived = msgspec.json.decode(first.body)
    assert arrived["consents"] == {"position": "2026-03-03T04:00:00Z"}
    again = records.read(first.body)
    second = filter_.record(again, said=Stated(again), at=NOW).leaving
    assert second is not None
    assert second.body == first.body
    expired = filter_.record(again, said=Stated(again), at=NOW + timedelta(days=1))
    assert expired.leaving is None
    unsaid = msgspec.structs.replace(again, consents={})
    found = filter_.record(unsaid, said=Stated(unsaid), at=NOW)
    assert found.withheld == {"position": Reason.NO_CONSENT}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b" " * 300_000],
)
def test_bytes_that_are_no_record_are_named_and_refused(content: bytes) -> None:
    with pytest.raises(WrongRecord):
        records.read(content)


def test_an_identifier_cannot_be_a_sentence() -> None:
    body = msgspec.json.encode(msgspec.structs.replace(measured(speed=1), id="31.2304,121.4737"))
    with pytest.raises(WrongRecord):
        records.read(body)
