"""One field of the neutral record: where a file has it, and its values of one row or of many.

* Of one row a field says its value or why there is none.
* Of many rows at once it says those values that nothing is unusual about; the others (refused,
  redacted, warned of) are None and are looked at row by row. Most columns say few things again and
  again: those are looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from roadworthy.domains.surveillance import errors, values
from roadworthy.domains.surveillance.values import Reader

Values = list[str | None]

_CACHED: Final = 1 << 16  # values remembered of a column
_SHORT: Final = 64  # characters; longer values are seldom repeated
_BETWEEN: Final = "\x1f"
_SPECIAL: Final = "\\\t\n\r\0["  # what COPY reads otherwise, and what a redaction begins with


class Field:
    """One field: the places of its columns in a row, and what its values mean."""

    __slots__ = ("_column", "_known", "name", "places", "read")

    def __init__(self, name: str, places: Sequence[int], read: Reader) -> None:
        """``read`` is applied to the first of ``places`` that says something."""
        self.name, self.places, self.read = name, tuple(places), read
        self._known = _Known(read)
        each_its_own: dict[str, Callable[[Sequence[str]], Values | None]] = {
            "report_key": _keys,
            "incident_key": _optional_keys,
            "narrative": _stripped,
            "vin": self._vins,
        }
        self._column = each_its_own.get(name, self._looked_up)

    def raw(self, cells: Sequence[str]) -> str:
        """Return the first of its columns that says something."""
        for place in self.places:
            if (raw := cells[place]) and not raw.isspace():
                return raw
        return ""

    @property
    def unusual(self) -> int:
        """Return how many values of columns were None so far."""
        return self._known.unusual

    def value(self, cells: Sequence[str]) -> str:
        """Read its value of a row.

        Raises:
            RowFault: it has none that could be taken.
        """
        return self.read(self.raw(cells))

    def column(self, rows: Sequence[list[str]], columns: Sequence[Sequence[str]]) -> Values:
        """Read its values of many rows, which are given by row and by column."""
        cells = columns[self.places[0]] if len(self.places) == 1 else list(map(self.raw, rows))
        found = self._column(cells)
        return list(map(self._known.of, cells)) if found is None else found

    def _looked_up(self, cells: Sequence[str]) -> Values:
        return list(map(self._known.__getitem__, cells))

    def _vins(self, cells: Sequence[str]) -> Values:
        is_vin, of = values.VIN.fullmatch, self._known.of
        return [raw if is_vin(raw) else of(raw) for raw in cells]


class _Known(dict[str, str | None]):
    """Values by what stands in the file; what is not among them yet is read."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self._read = read
        self.unusual = 0

    def __missing__(self, raw: str) -> str | None:
        found = self.of(raw)
        if found is not None and len(raw) < _SHORT:
            if len(self) >= _CACHED:
                self.clear()
            self[raw] = found
        return found

    def of(self, raw: str) -> str | None:
        """Read one value; None if anything about it is unusual."""
        found: str | None
        try:
            found = self._read("" if raw.isspace() else raw)
        except errors.RowFault:
            found = None
        if type(found) is str:
            return found
        self.unusual += 1
        return None


def _stripped(cells: Sequence[str]) -> Values | None:
    """Read plain words; None if some are to be read one by one."""
    together = _BETWEEN.join(cells)
    if any(one in together for one in _SPECIAL):
        return None
    return list(map(str.strip, cells))


def _keys(cells: Sequence[str]) -> Values | None:
    found = _optional_keys(cells)
    return None if found is None or values.NULL in found else found


def _optional_keys(cells: Sequence[str]) -> Values | None:
    found = _stripped(cells)
    if found is None or max(map(len, cells)) > values.LONGEST_KEY:
        return None
    return [one or values.NULL for one in found]
