"""What changed between two wordings, word by word; Chinese character by character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
SAME, GONE, NEW = "same", "gone", "new"


@dataclass(frozen=True, slots=True)
class Piece:
    kind: str  # same, gone, new
    words: str


def pieces(before: str, after: str) -> Iterator[Piece]:
    """Yield what stayed, what went and what came, in the order of reading."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(SAME, "".join(old[a:b]))
            continue
        if b > a:
            yield Piece(GONE, "".join(old[a:b]))
        if d > c:
            yield Piece(NEW, "".join(new[c:d]))
