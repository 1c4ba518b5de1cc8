"""Numbers and ranges of numbers as recalls name them: whole VINs, wildcards, ends of a VIN.

* A pattern has 17 places; ``*``, ``#`` and ``?`` stand for one place each. In a shorter one a
  single run of ``*`` stands for as many places as are missing: ``VF7*025918``, ``*025918``.
* A range counts within one descriptor: both ends have the same places 1 to 8 and the same
  wildcards; what is compared is the text of places 10 to 17, wildcards left out.
* Place 9 is no part of the counting where it is the check digit of both ends; otherwise both ends
  must have the same character there.
* What is not clearly one of these is refused, with what to write instead: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from roadworthy.kernel import vin as vins
from roadworthy.kernel.errors import Invalid
from roadworthy.kernel.vin import CHARACTERS, LENGTH

ANY: Final = "*"
HEAD: Final = 8  # places 1 to 8: maker and descriptor
_CHECK: Final = 8  # index of place 9
_ONE_PLACE: Final = str.maketrans({"#": ANY, "?": ANY})
_BETWEEN: Final = re.compile(r"\s+(?:to|TO|To|bis|至|-|–|—)\s+|\.\.|…|–|—")
_SHAPE: Final = re.compile(r"[A-Z0-9*]+")


class NotAVin(Invalid):
    code = "scope-not-a-vin"
    message = '"{text}" is no VIN and no pattern of one: there is "{found}" in it.'


class PartOfAVin(Invalid):
    code = "scope-part-of-a-vin"
    message = '"{text}" has {length} characters. If it is the end of the VIN write "*{text}".'


class WrongPatternLength(Invalid):
    code = "scope-pattern-length"
    message = (
        '"{text}" has {length} characters; a VIN has 17. One run of * in a shorter one fills up.'
    )


class OtherWildcards(Invalid):
    code = "scope-other-wildcards"
    message = 'The ends "{low}" and "{high}" have wildcards in different places.'


class OtherDescriptor(Invalid):
    code = "scope-other-descriptor"
    message = (
        'The ends "{low}" and "{high}" differ in place {place}, before the serial part. A range '
        "counts within one descriptor: write * where any character will do, or one range each."
    )


class EndsFirst(Invalid):
    code = "scope-ends-first"
    message = 'The range ends before it begins: "{high}" comes before "{low}".'


@dataclass(frozen=True, slots=True)
class Pattern:
    """Seventeen places; ``*`` is any character."""

    text: str

    @property
    def is_whole(self) -> bool:
        return ANY not in self.text

    def matches(self, vin: str) -> bool:
        return len(vin) == LENGTH and all(
            mine in (ANY, theirs) for mine, theirs in zip(self.text, vin, strict=True)
        )


@dataclass(frozen=True, slots=True)
class VinRange:
    """VINs from one pattern to another, both included. Make one with ``between``."""

    low: str
    high: str
    head: str  # 9 places that must match, wildcards included
    places: tuple[int, ...]  # indices of the compared places

    def __str__(self) -> str:
        return f"{self.low} .. {self.high}"

    def serial(self, vin: str) -> str:
        """Return what of a VIN is compared."""
        return "".join(vin[index] for index in self.places)

    def matches(self, vin: str) -> bool:
        if len(vin) != LENGTH:
            return False
        head = all(mine in (ANY, theirs) for mine, theirs in zip(self.head, vin, strict=False))
        return head and self.serial(self.low) <= self.serial(vin) <= self.serial(self.high)


def pattern(text: str) -> Pattern:
    """Read one number or pattern.

    Raises:
        NotAVin: it holds what a VIN cannot hold.
        PartOfAVin: it may be the end of one.
        WrongPatternLength: it is too long, or too short and not clear about where.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper().translate(_ONE_PLACE)
    if not _SHAPE.fullmatch(plain):
        raise NotAVin(text=text.strip(), found=_strange(plain))
    wrong = next((c for c in plain if c != ANY and c not in CHARACTERS), None)
    if len(plain) < LENGTH and wrong is None:
        plain = _filled(plain, text.strip())
    if wrong is not None:
        raise NotAVin(text=text.strip(), found=wrong)
    if len(plain) != LENGTH:
        raise WrongPatternLength(text=text.strip(), length=len(plain))
    return Pattern(plain)


def between(low: str, high: str) -> VinRange:
    """Read a range from its two ends.

    Raises:
        NotAVin, PartOfAVin, WrongPatternLength: an end is no pattern.
        OtherWildcards, OtherDescriptor, EndsFirst: the two are no range.
    """
    first, last = pattern(low).text, pattern(high).text
    wild = [index for index, character in enumerate(first) if character == ANY]
    if wild != [index for index, character in enumerate(last) if character == ANY]:
        raise OtherWildcards(low=first, high=last)
    head = first[:HEAD] + _ninth(first, last)
    for index in range(HEAD + 1):
        if head[index] != ANY and first[index] != last[index]:
            raise OtherDescriptor(low=first, high=last, place=index + 1)
    places = tuple(i for i in range(HEAD + 1, LENGTH) if first[i] != ANY)
    made = VinRange(first, last, head, places)
    if made.serial(last) < made.serial(first):
        raise EndsFirst(low=first, high=last)
    return made


def read_fields(start: str, end: str) -> VinRange:
    """Read the two cells in which public registers give a range; the second may be empty.

    Registers also write ``.`` for one place, and a whole range into the first cell.

    Raises:
        What ``between`` raises.
    """
    low, high = start.strip(), end.strip()
    if not high:
        parts = [part.strip() for part in _BETWEEN.split(low) if part.strip()]
        low, high = parts if len(parts) == 2 else (low, low)
    return between(_dotted(low), _dotted(high))


def _dotted(text: str) -> str:
    return text.replace(".", ANY) if len(text) == LENGTH else text


def _ninth(first: str, last: str) -> str:
    """Return place 9 of the head: any character where it is a check digit."""
    if first[_CHECK] == ANY:
        return ANY
    whole = ANY not in first
    if whole and all(end[_CHECK] == vins.check_digit(end) for end in (first, last)):
        return ANY
    return first[_CHECK]


def _filled(plain: str, text: str) -> str:
    runs = re.findall(r"\*+", plain)
    if not runs:
        raise PartOfAVin(text=text, length=len(plain))
    if len(runs) > 1:
        raise WrongPatternLength(text=text, length=len(plain))
    missing = LENGTH - len(plain) + len(runs[0])
    return plain.replace(runs[0], ANY * missing)


def _strange(plain: str) -> str:
    return next((c for c in plain if not _SHAPE.fullmatch(c)), "")
