"""When a peer is asked what it has: before lines go on, each hour, and when a person wishes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from roadworthy.federation.running import HOUR, LONGEST_DELAY, Asked

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)


def due(asked: Asked, now: datetime, wished_at: datetime | None = None, *, is_open=True) -> bool:
    return asked.is_due(1, wished_at=wished_at, is_open=is_open, now=now)


def test_each_hour_and_before_lines_go_on():
    asked = Asked()
    assert due(asked, NOW)
    asked.last[1] = NOW
    assert not due(asked, SOON)
    assert due(asked, SOON, is_open=False)
    assert due(asked, NOW + HOUR)


def test_a_wish_is_tried_once_in_a_pause_and_then_as_often_as_everything_else():
    asked = Asked(last={1: NOW}, pauses={1: NOW + HOUR})
    assert not due(asked, SOON, is_open=False)
    assert due(asked, SOON, wished_at=SOON)
    asked.pauses[1] = NOW + HOUR
    assert not due(asked, SOON + timedelta(minutes=1), wished_at=SOON)
    assert due(asked, NOW + HOUR, wished_at=SOON)
    later = SOON + timedelta(minutes=9)
    assert due(asked, later, wished_at=later)


def test_messages_that_come_and_go_delay_the_hour_and_not_for_ever():
    asked = Asked(last={1: NOW})
    for now, is_due in ((NOW + HOUR, False), (NOW + HOUR + LONGEST_DELAY, True)):
        found = asked.is_due(1, wished_at=None, is_open=True, is_quiet=False, now=now)
        assert found == is_due
