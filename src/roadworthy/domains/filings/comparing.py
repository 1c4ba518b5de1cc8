"""What differs between two dossiers, part by part: what a reviewer reads after a return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roadworthy.domains.filings.models import Filing

_UNNAMED = frozenset({"amends", "kind", "manufacturer"})
_NAMES = ("name", "key", "ecu", "code", "filename", "sha256")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in a dossier; None stands for "was not there"."""

    path: tuple[str, ...]  # ("details", "contingency")
    before: Any
    after: Any


def since_the_last(filing: Filing) -> tuple[Difference, ...]:
    """Return what changed since the filing that this one takes the place of.

    A version that was never handed in is nobody's business but its writers'.
    """
    if filing.supersedes is None or filing.supersedes.submitted_at is None:
        return ()
    return differences(filing.supersedes.dossier.content, filing.dossier.content)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return every place where two contents differ, in the order of the newer one."""
    old = {path: value for path, value in _leaves(before) if path[0] not in _UNNAMED}
    new = {path: value for path, value in _leaves(after) if path[0] not in _UNNAMED}
    places = [*new, *(path for path in old if path not in new)]
    return tuple(
        Difference(path, old.get(path), new.get(path))
        for path in places
        if old.get(path) != new.get(path)
    )


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for name, one in value.items():
            yield from _leaves(one, (*path, str(name)))
    elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        # Rows are known by their names: a new row in front is one difference, not all of them.
        for number, one in enumerate(value):
            yield from _leaves(one, (*path, _name(one, number)))
    else:
        yield path, value


def _name(row: Mapping[str, Any], number: int) -> str:
    return next((str(row[name]) for name in _NAMES if row.get(name)), str(number))
