"""How far a campaign is, as the bar and the legend of the style's campaign page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.domains.campaigns.states import ActionState as S
from roadworthy.portals.shared import formats, presenting, words
from roadworthy.portals.shared.shapes import BarPart

# Look of the bar, the states that it adds up, the words of the legend.
PARTS: tuple[tuple[str, tuple[S, ...], S], ...] = (
    ("met", (S.PROVEN,), S.PROVEN),
    ("hatch", (S.INSTALLED,), S.INSTALLED),
    ("live", (S.OFFERED, S.RETRIEVED, S.RUNNING, S.CANCELLING), S.RUNNING),
    ("broken", (S.FAILED,), S.FAILED),
    ("unknown", (S.TIMED_OUT,), S.TIMED_OUT),
    ("idle", (S.DECLINED, S.CANCELLED), S.DECLINED),
    ("wait", (S.WAITING,), S.WAITING),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One share of the bar, with its words and its number."""

    look: str
    text: Any
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    parts: Sequence[BarPart]
    pieces: Sequence[Piece]
    total: int
    proven: int
    sentence: str

    @property
    def share(self) -> str:
        return formats.percent(self.proven, self.total)


def of_counts(counts: Mapping[Any, int], total: int | None = None) -> Bar:
    """Return the bar of actions counted by state."""
    whole = sum(counts.values()) if total is None else total
    pieces = [
        Piece(look, words.ACTION[name].text, sum(counts.get(state, 0) for state in states))
        for look, states, name in PARTS
    ]
    said = [
        _("{share} {state}").format(share=formats.percent(one.count, whole), state=one.text)
        for one in pieces
        if one.count
    ]
    return Bar(
        parts=presenting.stacked(((one.look, one.count) for one in pieces), whole),
        pieces=[one for one in pieces if one.count or one.look in {"met", "wait"}],
        total=whole,
        proven=counts.get(S.PROVEN, 0),
        sentence=pgettext("parts of a sentence", ", ").join(said),
    )


def of_place(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a running campaign on the first page."""
    run = row["place"].campaign
    return {"row": row, "run": run, "chip": words.CAMPAIGN[run.state], "bar": of_counts(run.counts)}
