"""Positions in a stated precision.

The Earth is divided into rows of equal height and each row into cells of equal width, and a
position becomes the middle of its cell.

* A cell is at least ``metres`` high and at least ``metres`` wide, everywhere in it: what is given
  away is the cell, and every place in the cell gives the same answer.
* The answer for a middle is that middle, so whoever applies the grid again changes nothing, and
  whoever receives a position can tell whether it is on the grid.
* Nothing here is random: noise could be averaged away over many positions, a cell cannot.
* A row of positions tells when the border between two cells was crossed. Only a larger cell, or
  fewer positions, tells less.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

EARTH_RADIUS_METRES: Final = 6_371_008.8  # the mean radius (IUGG)
DECIMALS: Final = 7  # of a degree: 1 cm; the middle of the smallest cell stays in it
_METRES_PER_DEGREE: Final = EARTH_RADIUS_METRES * math.pi / 180


class Position(NamedTuple):
    latitude: float
    longitude: float


def coarsened(latitude: float, longitude: float, *, metres: int) -> Position:
    """Return the middle of the cell of a position, in degrees.

    Raises:
        ValueError: there is no such place, or no such cell.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or metres <= 0:
        raise ValueError(metres)
    rows = _rows(metres)
    row = min(int((latitude + 90) / 180 * rows), rows - 1)
    columns = _columns(row, rows, metres)
    column = int((longitude + 180) / 360 * columns) % columns  # 180 degrees east is 180 west
    return Position(
        round((row + 0.5) * 180 / rows - 90, DECIMALS),
        round((column + 0.5) * 360 / columns - 180, DECIMALS),
    )


def _rows(metres: int) -> int:
    return max(1, int(180 * _METRES_PER_DEGREE / metres))


@lru_cache(maxsize=4096)
def _columns(row: int, rows: int, metres: int) -> int:
    """Return how many cells a row has: by its edge that is nearer to a pole, the shorter one."""
    edges = (row * 180 / rows - 90, (row + 1) * 180 / rows - 90)
    shorter = min(math.cos(math.radians(edge)) for edge in edges)
    return max(1, int(360 * _METRES_PER_DEGREE * max(shorter, 0.0) / metres))
