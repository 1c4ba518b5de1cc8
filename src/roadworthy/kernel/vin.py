"""Vehicle identification numbers after GB 16735 and ISO 3779.

* A ``Vin`` has 17 characters of 0-9 and A-Z without I, O and Q; nothing else becomes one.
* The check digit (position 9) is a warning, never an error: Europe does not use it.
* Upper case and plain ASCII inside; full-width and lower-case input is read, not refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from vininfo.dicts import WMI

from roadworthy.kernel.errors import Invalid

LENGTH: Final = 17
CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"  # GB 16735 4.3: without I, O, Q
YEARS: Final = "123456789ABCDEFGHJKLMNPRSTVWXY"  # position 10; also without U, Z and 0
_FIRST_YEAR: Final = 1971  # the cycle of 30 letters began in 1971 and again in 2001
_WELL_FORMED: Final = re.compile(f"[{CHARACTERS}]{{{LENGTH}}}")
_CHECK_POSITION: Final = 8
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES: Final = {
    **{digit: int(digit) for digit in "0123456789"},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}


class WrongLength(Invalid):
    code = "vin-wrong-length"
    message = '"{vin}" has {length} characters; a VIN has 17.'


class WrongCharacter(Invalid):
    code = "vin-wrong-character"
    message = (
        '"{vin}" has {character} in place {place}; a VIN has digits and the letters A to Z '
        "without I, O and Q."
    )


@dataclass(frozen=True, slots=True, order=True)
class Vin:
    """A well-formed number. Make one with ``parse`` or ``compose``."""

    text: str

    def __post_init__(self) -> None:
        if not _WELL_FORMED.fullmatch(self.text):
            raise _fault(self.text)

    def __str__(self) -> str:
        return self.text

    @property
    def wmi(self) -> str:
        """The world manufacturer identifier."""
        return self.text[:3]

    @property
    def vds(self) -> str:
        """The descriptor section, check digit included."""
        return self.text[3:9]

    @property
    def vis(self) -> str:
        """The indicator section: year, plant, serial number."""
        return self.text[9:]

    @property
    def manufacturer(self) -> str | None:
        """Who holds the WMI, as far as the table of ``vininfo`` knows."""
        name: str | None = WMI.get(self.wmi)
        return name

    @property
    def check_digit_fits(self) -> bool:
        """Whether position 9 is what GB 16735 computes; a European VIN need not."""
        return self.text[_CHECK_POSITION] == check_digit(self.text)


def parse(text: str) -> Vin:
    """Read a VIN as people and spreadsheets write it.

    Raises:
        WrongLength: not 17 characters.
        WrongCharacter: I, O, Q, or no letter or digit at all.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    # Only ASCII: "ß".upper() is "SS", and a number must not grow while it is read.
    return Vin("".join(c.upper() if c.isascii() else c for c in plain))


def compose(*, wmi: str, descriptor: str, year: int, plant: str, serial: int) -> Vin:
    """Build a VIN with the right check digit from its sections.

    ``descriptor`` is positions 4-8, ``year`` the model year, ``serial`` up to 999999.

    Raises:
        WrongLength: a section is too short or too long.
        WrongCharacter: a section holds what a VIN may not hold.
    """
    head = f"{wmi}{descriptor}"
    tail = f"{year_code(year)}{plant}{serial:06d}"
    draft = Vin(f"{head}0{tail}")
    return Vin(f"{head}{check_digit(draft.text)}{tail}")


def year_code(year: int) -> str:
    """Return the letter or digit of a model year; it comes round every 30 years."""
    return YEARS[(year - _FIRST_YEAR) % len(YEARS)]


def check_digit(text: str) -> str:
    """Return what position 9 must be for the other sixteen: 0-9, or X for ten."""
    remainder = sum(
        _VALUES[character] * weight for character, weight in zip(text, _WEIGHTS, strict=True)
    ) % len("0123456789X")
    return "0123456789X"[remainder]


def _fault(text: str) -> Invalid:
    if len(text) != LENGTH:
        return WrongLength(vin=text, length=len(text))
    place = next(i for i, character in enumerate(text) if character not in CHARACTERS)
    return WrongCharacter(vin=text, character=f'"{text[place]}"', place=place + 1)
