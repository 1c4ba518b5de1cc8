"""Nothing that the policy forbids leaves: random policies and streams, and a scanner that shares
no code with the filter."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import msgspec
from hypothesis import given, settings

from roadworthy.egress import policy, records
from roadworthy.egress.drive import Consent, Drive
from roadworthy.egress.errors import CockpitLeaves, WrongRule
from roadworthy.egress.filtering import Filter, Stated
from roadworthy.egress.policy import Kind, Origin, Policy, Rule
from roadworthy.egress.records import Measured
from tests.egress.policies import NOW, policy_of
from tests.egress.scanner import findings, metres_between

ITEMS = ("speed", "position", "cabin", "eyes", "lights", "gear")
PURPOSES = ("road hazards", "advertising")
DAYS = st.none() | st.dates(date(2026, 2, 25), date(2026, 3, 8))
CANARY = "LSVAA4182E2184847"  # a VIN, which no policy of these knows


@st.composite
def rules(draw: st.DrawFn) -> Rule | None:
    kind = draw(st.sampled_from(Kind))
    begun, ended = draw(DAYS), draw(DAYS)
    try:
        return Rule(
            item=draw(st.sampled_from(ITEMS)),
            kind=kind,
            purpose=draw(st.sampled_from(PURPOSES)),
            recipient="starway",
            country=draw(st.sampled_from(["CN", "DE"])),
            retention_seconds=draw(st.integers(1, 10_000)),
            origin=draw(st.sampled_from(Origin)),
            derived_from=tuple(draw(st.sets(st.sampled_from(ITEMS), max_size=1))),
            in_car_only=draw(st.booleans()),
            off_by_default=draw(st.booleans()),
            consent=draw(st.booleans()),
            precision_metres=draw(st.integers(1, 50_000)) if kind is Kind.POSITION else None,
            words=("high", "low") if kind is Kind.WORD and draw(st.booleans()) else (),
            allowed_from=begun,
            allowed_until=ended,
        )
    except (WrongRule, CockpitLeaves):
        return None


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    drawn = draw(st.lists(rules(), max_size=12))
    chosen = {rule.key: rule for rule in drawn if rule is not None}
    try:
        return policy_of(*chosen.values())
    except CockpitLeaves:
        return policy_of()


places = st.builds(
    lambda latitude, longitude: {
        "latitude": latitude, "longitude": longitude, "vin": CANARY,
    },
    st.floats(-90, 90), st.floats(-180, 180),
)  # fmt: skip
values = st.one_of(
    st.booleans(), st.integers(), st.floats(), places,
    st.sampled_from(["high", CANARY, {"deep": [CANARY]}, None, [31.230416, 121.473701]]),
)  # fmt: skip
streams = st.lists(
    st.builds(
        Measured,
        id=st.uuids().map(str),
        taken_at=st.integers(-20_000, 600).map(lambda s: NOW + timedelta(seconds=s)),
        purpose=st.sampled_from(PURPOSES),
        recipient=st.sampled_from(["starway", CANARY]),
        country=st.sampled_from(["CN", "DE"]),
        items=st.dictionaries(st.sampled_from([*ITEMS, CANARY]), values, max_size=6),
    ),
    max_size=8,
)
said_by = st.builds(
    lambda on, agreed: (on, agreed),
    st.sets(st.tuples(st.sampled_from(ITEMS), st.sampled_from(PURPOSES))),
    st.dictionaries(
        st.tuples(st.sampled_from(ITEMS), st.sampled_from(PURPOSES)), st.integers(1, 200_000)
    ),
)


def started(on: Any, agreed: Any) -> Drive:
    drive = Drive()
    drive.start()
    for item, purpose in on:
        drive.choose(item, purpose, on=True)
    for (item, purpose), seconds in agreed.items():
        given_at = NOW - timedelta(seconds=100_000)
        drive.agree(Consent(item, purpose, given_at, given_at + timedelta(seconds=seconds)))
    return drive


@settings(max_examples=300, deadline=None)
@given(policies(), streams, said_by)
def test_nothing_forbidden_leaves_and_the_gateway_sees_nothing_to_take_out(
    made: Policy, stream: list[Measured], said: Any
) -> None:
    drive, filter_ = started(*said), Filter(policy.parse(policy.encode(made)))
    signed = json.loads(policy.encode(made))
    for measured in stream:
        leaving = filter_.record(measured, said=drive, at=NOW).leaving
        if leaving is None:
            continue
        body = leaving.body
        assert not findings(body, policy=signed, canaries=[CANARY.encode()], now=NOW)
        for item in leaving.items:  # the driver's word is not in the bytes
            rule = next(r for r in made.rules if r.key == (item, *_whither(measured)))
            assert not rule.off_by_default or (item, measured.purpose) in said[0]
        arrived = records.read(body)
        again = filter_.record(arrived, said=Stated(arrived), at=NOW).leaving
        assert again is not None
        assert again.body == body


def _whither(measured: Measured) -> tuple[str, str, str]:
    return (measured.purpose, measured.recipient, measured.country)


@settings(max_examples=300, deadline=None)
@given(
    st.floats(-90, 90), st.floats(-180, 180), st.integers(1, 200_000),
    st.floats(0, 0.499), st.floats(0, 0.499),
)  # fmt: skip
def test_every_place_near_a_middle_is_told_as_that_middle(
    latitude: float, longitude: float, metres: int, up: float, aside: float
) -> None:
    """A cell is at least as large as stated: what is nearer to its middle than half of that, in
    each direction, cannot be told from it. A scanner's own sum, not the product's."""
    rule = Rule(
        item="position", kind=Kind.POSITION, purpose="x", recipient="y", country="CN",
        retention_seconds=60, off_by_default=False, consent=False, precision_metres=metres,
    )  # fmt: skip
    filter_ = Filter(policy_of(rule))

    def told(one: tuple[float, float]) -> tuple[float, float]:
        measured = Measured(
            id="00000000-0000-0000-0000-000000000000", taken_at=NOW, purpose="x", recipient="y",
            country="CN", items={"position": {"latitude": one[0], "longitude": one[1]}},
        )  # fmt: skip
        leaving = filter_.record(measured, said=Stated(measured), at=NOW).leaving
        assert leaving is not None
        return tuple(leaving.items["position"].values())

    middle = told((latitude, longitude))
    assert told(middle) == middle
    # Walk from the middle, by the haversine distance, almost half a cell north and then east.
    north = min(90.0, middle[0] + up * metres / 111_195.1)
    step = 1e-4
    east_metres = metres_between((north, middle[1]), (north, middle[1] + step))
    east = middle[1] + (aside * metres / east_metres * step if east_metres > 1e-9 else 0)
    if -180 <= east <= 180 and metres_between(middle, (middle[0], east)) < aside * metres * 1.5:
        assert told((north, east)) == middle


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-89, 89), st.floats(-179, 179)), min_size=1, max_size=40),
    st.integers(100, 100_000),
)
def test_what_is_told_of_a_track_tells_no_two_places_of_one_cell_apart(
    track: list[tuple[float, float]], metres: int
) -> None:
    rule = Rule(
        item="position", kind=Kind.POSITION, purpose="x", recipient="y", country="CN",
        retention_seconds=60, off_by_default=False, consent=False, precision_metres=metres,
    )  # fmt: skip
    filter_ = Filter(policy_of(rule))
    told = defaultdict(set)
    for latitude, longitude in track:
        measured = Measured(
            id="00000000-0000-0000-0000-000000000000", taken_at=NOW, purpose="x", recipient="y",
            country="CN", items={"position": {"latitude": latitude, "longitude": longitude}},
        )  # fmt: skip
        leaving = filter_.record(measured, said=Stated(measured), at=NOW).leaving
        assert leaving is not None
        place = msgspec.json.decode(leaving.body)["items"]["position"]
        told[place["latitude"]].add(place["longitude"])
    middles = [(latitude, longitude) for latitude in told for longitude in told[latitude]]
    for number, one in enumerate(middles):
        for other in middles[number + 1 :]:
            # 0.99: the scanner's sphere against rounding to a centimetre.
            assert metres_between(one, other) >= 0.99 * metres or abs(one[0]) > 85
