"""The map of squares: every place once, names as registers write them, nothing lost silently."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import translation

from roadworthy.portals.shared import tile_map


def row(region: str, n: int, severe: int = 0) -> dict[str, object]:
    return {"region": region, "n": n, "severe_n": severe}


def test_every_province_and_state_has_one_square_of_its_own() -> None:
    china, states = tile_map.areas()
    assert (len(china.units), len(states.units)) == (34, 51)
    for area in (china, states):
        places = Counter((one.x, one.y) for one in area.units.values())
        assert max(places.values()) == 1


@pytest.mark.parametrize(
    "name",
    ["江苏", "江苏省", "Jiangsu", "jiangsu province", "CN-JS"],
)
def test_a_province_is_found_by_every_name_in_use(name: str) -> None:
    (drawn,), off_map = tile_map.maps([row(name, 3, 1)])
    (found,) = (one for one in drawn.squares if one.count)
    assert (found.unit.code, found.count, off_map) == ("JS", "3", 0)


def test_a_bare_code_is_a_state_and_what_has_no_place_is_counted() -> None:
    rows = [row("CA", 40, 2), row("California", 10), row("HI", 1), row("", 5), row("Bavaria", 2)]
    with translation.override("en"):
        (drawn,), off_map = tile_map.maps(rows)
    counts = {one.unit.code: (one.count, one.shade) for one in drawn.squares if one.count}
    assert counts == {"CA": ("50", "0.60"), "HI": ("1", "0.12")}
    assert off_map == 7
    assert drawn.sentence == "51 incidents in 2 places; most in California, 50"


def test_the_legend_names_every_shade_once() -> None:
    (drawn,), _off_map = tile_map.maps([row("北京市", 2), row("上海市", 1)])
    assert [words for _shade, words in drawn.steps] == ["1", "2"]
