"""Which standard took whose place. Pure: on pairs of numbers with the day from which.

* A standard never replaces itself, by whatever way: ``cycle`` finds the way.
* Several may replace one, and one may replace several; a partial replacement leaves both standing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Replaces:
    """``successor`` takes the place of ``predecessor`` from a day on; None: not known when."""

    successor: str
    predecessor: str
    from_on: date | None
    is_partial: bool = False


def current(links: Iterable[Replaces], number: str, as_of: date) -> tuple[str, ...]:
    """Return what stands for a number on a day: the ends of the chain, sorted; itself if none."""
    later = defaultdict(list)
    for one in links:
        if not one.is_partial and one.from_on is not None and one.from_on <= as_of:
            later[one.predecessor].append(one.successor)
    ends, seen, open_ = set(), {number}, deque([number])
    while open_:
        here = open_.popleft()
        if not later[here]:
            ends.add(here)
        for following in later[here]:
            if following not in seen:
                seen.add(following)
                open_.append(following)
    return tuple(sorted(ends))


def cycle(
    links: Iterable[tuple[str, str]], successor: str, predecessor: str
) -> tuple[str, ...] | None:
    """Return the way by which a new pair would close a circle, or None.

    ``links`` are pairs (successor, predecessor) that are there already.
    """
    if successor == predecessor:
        return (successor,)
    before = defaultdict(list)
    for after, earlier in links:
        before[after].append(earlier)
    came_from: dict[str, str] = {predecessor: successor}
    open_ = deque([predecessor])
    while open_:
        here = open_.popleft()
        for following in before[here]:
            if following == successor:
                return _way(came_from, here, successor)
            if following not in came_from:
                came_from[following] = here
                open_.append(following)
    return None


def _way(came_from: dict[str, str], last: str, start: str) -> tuple[str, ...]:
    way = [start, last]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))
