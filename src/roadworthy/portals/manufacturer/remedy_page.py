"""What the pages of a recall in progress show: words, and the curve of completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from roadworthy.domains.remedies.queries import Point
from roadworthy.domains.remedies.states import Channel, Choice, Reason
from roadworthy.portals.shared.shapes import Text

CHANNELS: Mapping[Channel, Text] = {
    Channel.LETTER: _("Registered letter"),
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("Text message"),
}
CHOICES: Mapping[str, Text] = {
    Choice.ACCEPT: _("Agrees"),
    Choice.DECLINE: _("Declines"),
    Choice.UNREACHABLE: _("Was not reached"),
}
REASONS: Mapping[Reason, Text] = {
    Reason.NO_ADDRESS: _("No address"),
    Reason.BOUNCED: _("Notice came back"),
    Reason.DECLINED: _("Declines"),
    Reason.UNREACHABLE: _("Was not reached"),
}
_WIDTH, _HEIGHT = 1200, 220


@dataclass(frozen=True, slots=True)
class Chart:
    """The curve in the units of its drawing: paths for all proofs and for workshops alone."""

    width: int
    height: int
    total: str
    workshop: str
    first: Any
    last: Any


def chart(points: Sequence[Point], vehicles: int) -> Chart | None:
    """Draw the curve from 0 to all vehicles in scope; None while nothing is proven."""
    if not points or not vehicles:
        return None
    first, last = points[0].on, points[-1].on
    span = max((last - first).days, 1)

    def path(values: list[int]) -> str:
        told = [
            (_WIDTH * (point.on - first).days / span, _HEIGHT - _HEIGHT * value / vehicles)
            for point, value in zip(points, values, strict=True)
        ]
        start = f"M0 {_HEIGHT} L0 {told[0][1]:.1f}"
        # Between two days of proofs nothing is proven: the line stays level and then rises.
        steps = "".join(f" H{x:.1f} V{y:.1f}" for x, y in told)
        return f"{start}{steps} H{_WIDTH}"

    return Chart(
        _WIDTH,
        _HEIGHT,
        path([point.total for point in points]),
        path([point.by_workshop for point in points]),
        first,
        last,
    )


def unused(mailings: Sequence[Any]) -> list[tuple[str, Text]]:
    """Return the channels by which owners are not told yet."""
    used = {one.channel for one in mailings}
    return [(str(key), name) for key, name in CHANNELS.items() if key not in used]
