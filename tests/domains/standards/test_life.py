"""Where a standard stands follows from its dates and from what replaced it."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from roadworthy.domains.standards import chains, life
from roadworthy.domains.standards.chains import Replaces
from roadworthy.domains.standards.life import Dates, Stands
from roadworthy.domains.standards.states import State

DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))
NAMES = st.sampled_from("ABCDEFGH")


def stands(dates, as_of, *, replaced=()):
    return life.standing(dates, replaced, as_of).stands


def test_a_life_from_its_plan_to_its_end():
    dates = Dates(
        State.WITHDRAWN,
        planned_on=date(2020, 1, 1),
        comment_from=date(2021, 5, 6),
        comment_until=date(2021, 7, 4),
        approved_on=date(2022, 1, 1),
        published_on=date(2022, 2, 1),
        in_force_on=date(2023, 1, 1),
        withdrawn_on=date(2026, 1, 1),
    )
    told = [
        (date(2020, 1, 1), Stands.PLANNED),
        (date(2021, 5, 6), Stands.COMMENT),
        (date(2021, 7, 4), Stands.COMMENT),
        (date(2021, 7, 5), Stands.DRAFTING),
        (date(2022, 1, 1), Stands.APPROVED),
        (date(2022, 2, 1), Stands.PUBLISHED),
        (date(2022, 12, 31), Stands.PUBLISHED),
        (date(2023, 1, 1), Stands.IN_FORCE),
        (date(2026, 1, 1), Stands.WITHDRAWN),
    ]
    assert [(day, stands(dates, day)) for day, _ in told] == told
    assert stands(dates, date(2024, 1, 1), replaced=[date(2024, 1, 1)]) == Stands.SUPERSEDED
    assert stands(dates, date(2023, 12, 31), replaced=[date(2024, 1, 1)]) == Stands.IN_FORCE


def test_what_is_said_to_be_in_force_is_believed_from_the_day_it_is_said_of():
    dates = Dates(State.IN_FORCE, stated_on=date(2026, 10, 1))
    told = life.standing(dates, [], date(2026, 10, 1))
    assert (told.stands, told.missing) == (Stands.IN_FORCE, ("in_force_on",))
    told = life.standing(dates, [], date(2026, 9, 30))
    assert (told.stands, told.missing) == (Stands.UNDETERMINED, ("in_force_on",))


@given(DAYS, DAYS, DAYS)
def test_before_its_first_day_nothing_is_in_force(published, first, as_of):
    dates = Dates(State.PUBLISHED, published_on=min(published, first), in_force_on=first)
    assert (stands(dates, as_of) == Stands.IN_FORCE) == (as_of >= first)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20))
def test_what_is_let_in_never_closes_a_circle(wanted):
    """Pairs let in one by one, as the services do; then no standard comes before itself."""
    kept: list[tuple[str, str]] = []
    for successor, predecessor in wanted:
        if chains.cycle(kept, successor, predecessor) is None:
            kept.append((successor, predecessor))
    for start in "ABCDEFGH":
        seen, open_ = set(), {start}
        while open_:
            open_ = {before for after, before in kept if after in open_} - seen
            assert start not in open_
            seen |= open_


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20), NAMES, NAMES)
def test_a_circle_that_is_told_is_one(kept, successor, predecessor):
    way = chains.cycle(kept, successor, predecessor)
    if way is None or len(way) == 1:
        assert way is None or successor == predecessor
        return
    pairs = {*kept, (successor, predecessor)}
    assert way[0] == way[-1] == successor
    assert all(step in pairs for step in itertools.pairwise(way))


@given(st.lists(st.tuples(NAMES, NAMES, DAYS), max_size=15), NAMES, DAYS)
def test_the_end_of_a_chain_is_not_replaced_by_then(rows, number, as_of):
    pairs: list[tuple[str, str]] = []
    links = []
    for successor, predecessor, day in rows:
        if chains.cycle(pairs, successor, predecessor) is None:
            pairs.append((successor, predecessor))
            links.append(Replaces(successor, predecessor, day))
    ends = chains.current(links, number, as_of)
    replaced = {one.predecessor for one in links if one.from_on <= as_of}
    assert ends
    assert not replaced & set(ends)
    assert (ends == (number,)) == (number not in replaced)
    earlier = chains.current(links, number, date(2014, 12, 31))
    assert earlier == (number,)


@given(DAYS, st.integers(1, 500))
def test_a_chain_is_followed_day_by_day(first, apart):
    later = first + timedelta(days=apart)
    links = [Replaces("B", "A", first), Replaces("C", "B", later)]
    before, between = first - timedelta(days=1), later - timedelta(days=1)
    assert chains.current(links, "A", before) == ("A",)
    assert chains.current(links, "A", between) == ("B",)
    assert chains.current(links, "A", later) == ("C",)


def test_one_may_be_replaced_by_several_and_a_part_leaves_it_standing():
    day = date(2025, 1, 1)
    links = [
        Replaces("B", "A", day),
        Replaces("C", "A", day),
        Replaces("D", "X", day, is_partial=True),
    ]
    assert chains.current(links, "A", day) == ("B", "C")
    assert chains.current(links, "X", day) == ("X",)
