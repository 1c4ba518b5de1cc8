"""The flows as a picture made by the server: vehicle, China, abroad. Beside it stands a table.

Rows are counted out here; the template only writes numbers down. Colours come from the style sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from roadworthy.domains.processing import countries
from roadworthy.domains.processing.states import Outcome, Place, State
from roadworthy.portals.shared import data_words
from roadworthy.portals.shared.formats import localised

WIDTH = 960
_COLUMNS = {"vehicle": 16, "china": 376, "abroad": 736}
_BOX, _ROW, _TOP, _HEIGHT = 208, 52, 44, 36
_LONGEST = 15  # characters of a box


@dataclass(frozen=True, slots=True)
class Box:
    key: str
    text: str
    full: str
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.y + _HEIGHT // 2

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def text_y(self) -> int:
        return self.middle + 5


@dataclass(frozen=True, slots=True)
class Edge:
    path: str
    look: str  # met due broken unknown idle
    dashed: bool
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    boxes: Sequence[Box]
    edges: Sequence[Edge]
    height: int
    columns: Sequence[tuple[int, Any]]
    staying: Sequence[Box]  # items of which something stays in the vehicle


_LOOKS = {
    Outcome.ALLOWED: "met",
    Outcome.ALLOWED_IF: "met",
    Outcome.DENIED: "broken",
    Outcome.UNDETERMINED: "unknown",
    "": "unknown",
}


def picture(flows: Iterable[Any], heads: Sequence[Any]) -> Picture | None:
    """Draw the flows that stand; nothing where there is none."""
    standing = [one for one in flows if one.state not in {State.REFUSED, State.ENDED}]
    if not standing:
        return None
    places: dict[str, dict[str, Box]] = {name: {} for name in _COLUMNS}
    edges, staying = [], {}
    for flow in standing:
        item = _put(places, "vehicle", flow.item.item.code, localised(flow.item.name))
        if flow.processed_in == Place.CAR:
            staying[item.key] = item
            continue
        end = _end(places, flow)
        edges.append(_edge(flow, item, end))
        for code in flow.opened_from:
            if countries.is_abroad(code):
                there = _put(places, "abroad", f"from-{code}", data_words.country(code))
                edges.append(_edge(flow, end, there))
    most = max(len(column) for column in places.values())
    return Picture(
        boxes=[box for column in places.values() for box in column.values()],
        edges=edges,
        height=_TOP + most * _ROW + 8,
        columns=list(zip(_COLUMNS.values(), heads, strict=True)),
        staying=list(staying.values()),
    )


def _end(places: dict[str, dict[str, Box]], flow: Any) -> Box:
    to = flow.recipient
    if to is None:
        return _put(places, "china", "nobody", "–")
    column = "abroad" if countries.is_abroad(to.country) else "china"
    name = localised(to.name)
    shown = f"{name} · {data_words.country(to.country)}" if column == "abroad" else name
    return _put(places, column, to.code, shown)


def _put(places: dict[str, dict[str, Box]], column: str, key: str, text: str) -> Box:
    boxes = places[column]
    if key not in boxes:
        short = text if len(text) <= _room(text) else text[: _room(text) - 1] + "…"
        boxes[key] = Box(key, short, text, _COLUMNS[column], _TOP + len(boxes) * _ROW)
    return boxes[key]


def _room(text: str) -> int:
    """Return how many characters fit: a Latin letter takes half the room of a Chinese one."""
    return _LONGEST if any(ord(one) > 0x2E80 for one in text) else 2 * _LONGEST - 4


def _edge(flow: Any, start: Box, end: Box) -> Edge:
    x1, x2 = start.x + _BOX, end.x
    bend = (x1 + x2) // 2
    state = data_words.FLOW[State(flow.state)].text
    outcome = data_words.OUTCOMES[flow.outcome].text
    return Edge(
        path=f"M{x1} {start.middle} C{bend} {start.middle} {bend} {end.middle} {x2} {end.middle}",
        look=_LOOKS.get(flow.outcome, "unknown"),
        dashed=flow.state != State.APPROVED,
        title=f"{flow.number} · {start.full} → {end.full} · {state} · {outcome}",
    )
