"""Pictures of figures, made by the server: Vega-Altair describes, vl-convert draws. No script.

What is counted here and what an authority published stand in two panels of their own scale: they
are not the same number, and no bar adds them. Every picture stands beside a table of the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

Row = tuple[str, str, float]  # period, part ("" if not split), value

_REMEMBERED: Final = 256
_WIDE, _HIGH = 300, 150
_OURS, _THEIRS = "#0f4c81", "#8a5a00"
_MANY: Final = ("#0f4c81", "#8a5a00", "#2f7d5b", "#8b3a62", "#5b6770", "#b0562b", "#4b5bb0")
# Large numbers on an axis: by thousands, or by myriads as Chinese counts.
_LABELS: Final = {
    False: "datum.value >= 1e3 ? format(datum.value, '~s') : datum.label",
    True: "datum.value >= 1e8 ? format(datum.value / 1e8, '~r') + '亿'"
    " : datum.value >= 1e4 ? format(datum.value / 1e4, '~r') + '万' : datum.label",
}


@lru_cache(maxsize=_REMEMBERED)
def svg(
    counted: tuple[Row, ...],
    published: tuple[Row, ...],
    titles: tuple[str, str],
    unit: str,
    *,
    by_myriads: bool,
) -> str:
    """Return a picture of what was counted here and of what was published."""
    import altair as alt  # noqa: PLC0415 - heavy
    import vl_convert  # noqa: PLC0415 - heavy

    panels = [
        _panel(alt, rows, title, colour, _y(alt, unit, by_myriads=by_myriads))
        for rows, title, colour in (
            (counted, titles[0], _OURS),
            (published, titles[1], _THEIRS),
        )
        if rows
    ]
    chart = alt.hconcat(*panels).configure(
        background="#ffffff", font="sans-serif", padding=8, view={"stroke": None}
    )
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def _y(alt: Any, unit: str, *, by_myriads: bool) -> Any:
    axis = alt.Axis(grid=True, tickCount=4, labelExpr=_LABELS[by_myriads])
    return alt.Y("value:Q", title=unit, axis=axis)


def _panel(alt: Any, rows: Sequence[Row], title: str, colour: str, y: Any) -> Any:
    told = [{"period": period, "part": part, "value": value} for period, part, value in rows]
    is_split = any(part for _period, part, _value in rows)
    encoding: dict[str, Any] = {
        "x": alt.X("period:N", title=None, sort=None, axis=alt.Axis(labelAngle=0)),
        "y": y,
    }
    if is_split:
        scale = alt.Scale(range=list(_MANY))
        legend = alt.Legend(title=None, orient="bottom", columns=2)
        encoding["color"] = alt.Color("part:N", scale=scale, legend=legend, sort=None)
        encoding["xOffset"] = alt.XOffset("part:N", sort=None)
    mark = alt.Chart(alt.Data(values=told)).mark_bar(
        **({} if is_split else {"color": colour, "size": 34})
    )
    return mark.encode(**encoding).properties(title=title, width=_WIDE, height=_HIGH)


def rows_of(cells: Sequence[Any], names: Mapping[str, str], *, split: bool) -> tuple[Row, ...]:
    """Return the cells of one table as rows of a picture; hidden ones are not in it."""
    return tuple(
        (str(one.year), names.get(one.of, "") if split else "", float(one.value))
        for one in cells
        if one.value is not None and (one.of is not None) == split
    )
