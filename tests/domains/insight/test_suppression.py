"""What is hidden cannot be worked out from what is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roadworthy.domains.insight.suppression import Cell, suppressed

SMALLEST = 5


def table(parts: list[int]) -> list[Cell]:
    total = sum(parts)
    return [
        Cell(2025, None, float(total), total),
        *(Cell(2025, f"P{place}", float(n), n) for place, n in enumerate(parts)),
    ]


def test_a_small_cell_is_hidden_and_the_next_smallest_with_it() -> None:
    shown = suppressed(table([3, 40, 9, 0]), SMALLEST, additive=True)
    assert [one.value for one in shown] == [52, None, 40, None, 0]
    assert [one.hidden for one in shown] == [False, True, False, True, False]


def test_without_parts_that_sum_only_the_small_cell_is_hidden() -> None:
    shown = suppressed(table([3, 40]), SMALLEST, additive=False)
    assert [one.hidden for one in shown] == [False, True, False]


def test_two_small_parts_take_a_third_where_their_sum_would_tell() -> None:
    shown = suppressed(table([1, 1, 30]), SMALLEST, additive=True)
    assert [one.hidden for one in shown] == [False, True, True, True]


def test_a_line_without_anything_to_hide_behind_hides_its_total() -> None:
    shown = suppressed(table([3]), SMALLEST, additive=True)
    assert [one.hidden for one in shown] == [True, True]


def test_a_share_is_hidden_where_it_speaks_of_few_or_of_all_but_few() -> None:
    cells = [Cell(2025, None, value, base) for value, base in ((95.0, 20), (5.0, 20), (50.0, 20))]
    cells += [Cell(2025, None, value, base) for value, base in ((0.0, 20), (100.0, 20))]
    shown = suppressed(cells, SMALLEST, additive=False, share=True)
    assert [one.hidden for one in shown] == [True, True, False, False, False]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_the_hidden_parts_of_a_shown_total_are_several_and_no_small_number(
    parts: list[int],
) -> None:
    total, *shown = suppressed(table(parts), SMALLEST, additive=True)
    hidden = [n for n, one in zip(parts, shown, strict=True) if one.hidden]
    assert all(one.value is None and one.base is None for one in shown if one.hidden)
    assert all(one.hidden for n, one in zip(parts, shown, strict=True) if 0 < n < SMALLEST)
    if hidden and not total.hidden:
        assert len(hidden) > 1
        assert sum(hidden) >= SMALLEST
