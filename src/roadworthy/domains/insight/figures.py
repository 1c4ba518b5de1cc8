"""Official figures: those of the package and those that an authority's people entered."""

from __future__ import annotations

from collections.abc import Sequence

from roadworthy.domains.insight.register import Official, packaged


def official(key: str = "") -> Sequence[Official]:
    """Return the official figures of one indicator, or of all, oldest first."""
    return tuple(one for one in packaged() if key in ("", one.indicator))
