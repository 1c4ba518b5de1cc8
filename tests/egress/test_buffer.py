"""What waits is bounded in size and time."""

from __future__ import annotations

from datetime import timedelta

from roadworthy.egress.buffer import Buffer, Held
from tests.egress.policies import NOW


def held(name: str, *, seconds: int = 60, size: int = 10, item: str = "speed") -> Held:
    drop_at = NOW + timedelta(seconds=seconds)
    return Held(name, b"x" * size, drop_at, "road hazards", frozenset({item}))


def test_the_oldest_goes_first_and_nothing_goes_after_its_period() -> None:
    buffer = Buffer()
    buffer.put(held("a", seconds=5))
    buffer.put(held("b", seconds=60))
    assert (buffer.oldest(at=NOW) or held("?")).id == "a"
    late = NOW + timedelta(seconds=5)
    assert (buffer.oldest(at=late) or held("?")).id == "b"
    assert (len(buffer), buffer.size, buffer.expired) == (1, 10, 1)
    buffer.sent("b")
    assert (buffer.oldest(at=late), buffer.size) == (None, 0)


def test_it_never_holds_more_than_it_may_however_long_the_stream() -> None:
    buffer = Buffer(most_bytes=1000)
    for number in range(50_000):
        buffer.put(held(str(number), seconds=number + 1))
        assert buffer.size <= 1000
    assert (len(buffer), buffer.crowded_out) == (100, 49_900)
    assert len(buffer._ends) <= 2 * 100 + 64
    assert not buffer.put(held("big", size=1001))
    assert len(buffer) == 100


def test_what_rests_on_a_withdrawn_consent_is_dropped_at_once() -> None:
    buffer = Buffer()
    buffer.put(held("a"))
    buffer.put(held("b", item="position"))
    assert buffer.forget("position", "advertising") == 0
    assert buffer.forget("position", "road hazards") == 1
    assert len(buffer) == 1


def test_the_same_again_takes_the_place_of_the_first() -> None:
    buffer = Buffer()
    buffer.put(held("a", seconds=5))
    buffer.put(held("a", seconds=60))
    assert (buffer.oldest(at=NOW + timedelta(seconds=6)) or held("?")).id == "a"
    assert buffer.size == 10
