"""The identity of a standard, however it is written; one spelling for each.

* The letters belong to the identity: "GB/T 44721-2024" and "GB 44721-2026" are two standards.
* So does the year: an undated number ("GB/T 32960") is its own identity, the series or any edition.
* Spelling is repaired (full-width characters, dashes, missing spaces, "GBT"), digits never: a
  number that may be a typing error is refused or repaired by a list with reasons, not here.
* ``parse`` reads exactly one; ``expand`` reads what stands for several ("4778–4783").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from roadworthy.kernel.errors import Invalid

LONGEST: Final = 120  # characters as written
_MOST: Final = 100  # numbers that one range may stand for
_MOST_DIGITS: Final = 6
_CENTURY: Final = 1900


class NotANumber(Invalid):
    code = "not-a-standard-number"
    message = (
        '"{raw}" is not the number of a standard. Write it as GB/T 44721-2024, T/CSAE 53-2020, '
        "ISO 9221-1:1992 or UN R155."
    )


class SeveralNumbers(Invalid):
    code = "several-standard-numbers"
    message = '"{raw}" stands for several standards: {numbers}. Enter each by itself.'


# Codes of the sectors' standards (行业标准代号), without their /T and /Z.
SECTORS: Final = frozenset(
    {"AQ", "BB", "CB", "CH", "CJ", "CY", "DA", "DB", "DL", "DZ", "EJ", "FZ", "GA", "GH", "GM"}
    | {"GY", "HB", "HG", "HJ", "HS", "HY", "JB", "JC", "JG", "JR", "JT", "JY", "LB", "LD", "LS"}
    | {"LY", "MH", "MT", "MZ", "NB", "NY", "QB", "QC", "QJ", "QX", "RB", "SB", "SC", "SF", "SH"}
    | {"SJ", "SL", "SN", "SW", "SY", "TB", "TD", "TY", "WB", "WH", "WJ", "WM", "WS", "WW", "XB"}
    | {"XF", "YB", "YC", "YD", "YS", "YY", "YZ", "ZY"}
)
_NATIONAL: Final = ("GB", "GBZ", "GBJ")
_ISO: Final = (
    *("ISO/IEC/IEEE", "ISO/IEC/TS", "ISO/IEC/TR", "ISO/IEC", "ISO/SAE/PAS", "ISO/SAE"),
    *("ISO/PAS", "ISO/TS", "ISO/TR", "ISO", "IEC/PAS", "IEC/TS", "IEC/TR", "IEC"),
)

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣﹘ー"), "-")
_SLASHES = dict.fromkeys(map(ord, "∕⁄／╱⧸"), "/")
_COLONS = dict.fromkeys(map(ord, "：∶﹕"), ":")
_BLANKS = dict.fromkeys(map(ord, "_\u00a0\u200b\u2003\u3000\ufeff\t\r\n"), " ")
_MARKS = dict.fromkeys(map(ord, "《》〈〉“”\"'「」"), "")
_TRANSLATED: Final = {**_DASHES, **_SLASHES, **_COLONS, **_BLANKS, **_MARKS}

_CHINESE = re.compile(
    # GBZ (occupational health) is not GB/Z: only a T may be glued on.
    r"(?P<body>GBZ|GBJ|[A-Z]{2}|DB ?[0-9]{2}|DB ?[0-9]{4})"
    r"(?: ?/ ?(?P<force>[TZ])| ?-? ?(?P<glued>T))?(?![A-Z/])"
    r" ?-? ?(?P<digits>[0-9]{1,6}(?: ?\. ?[0-9]{1,3})*)"
    r"(?: ?- ?(?P<year>[0-9]{2}|[0-9]{4}))?"
)
_ASSOCIATION = re.compile(
    r"T ?/ ?(?P<body>[A-Z]{2,16}) ?-? ?(?P<digits>[0-9]{1,6}(?: ?\. ?[0-9]{1,3})*)"
    r"(?: ?- ?(?P<year>[0-9]{4}))?"
)
_ENTERPRISE = re.compile(
    r"Q ?/ ?(?P<body>[A-Z0-9]{2,20}) (?P<rest>[A-Z]{0,4}[0-9]{1,8}(?:\.[0-9]{1,3})?)"
    r"(?:-(?P<year>[0-9]{4}))?"
)
_FOREIGN = re.compile(
    rf"(?P<body>{'|'.join(_ISO)})[ -]?(?P<digits>[0-9]{{1,6}})(?P<part>(?:-[0-9]{{1,3}}){{0,3}})"
    r"(?: ?[:-] ?(?P<year>[0-9]{4}))?"
)
_UN = re.compile(
    r"(?:UN(?:[/ -]?ECE)?|ECE)[ -]?(?:R|REG(?:ULATION)?\.?)[ .-]*(?:NO\.?)? ?(?P<digits>[0-9]{1,4})"
)
_UN_SHORT = re.compile(r"R ?(?P<digits>[0-9]{1,4})")
_IEEE = re.compile(
    r"IEEE(?: STD\.?)? ?(?P<digits>[0-9]{1,5}(?:\.[0-9]{1,3}[A-Z]?)*)"
    r"(?: ?[:-] ?(?P<year>[0-9]{4}))?"
)
_SAE = re.compile(r"SAE ?(?P<rest>J[0-9]{3,5})(?: ?[-_ ] ?(?P<year>[0-9]{4})(?:[0-9]{2})?)?")
_ITU = re.compile(r"ITU ?- ?T ?(?P<rest>[A-Z]\.[A-Z0-9][A-Z0-9.-]{0,30})")
_GPP = re.compile(r"3GPP ?(?P<kind>TS|TR) ?(?P<digits>[0-9]{2}\.[0-9]{3}(?:-[0-9]{1,2})?)")
_DRAFT = re.compile(r"DRAFT[ :]+(?P<rest>[A-Z0-9][A-Z0-9-]{2,70}[A-Z0-9])")

_RANGE = re.compile(
    r"(?P<head>.*?[^0-9.])(?P<first>[0-9]{2,6})-(?P<last>[0-9]{2,6})(?:-(?P<year>[0-9]{4}))?"
)
_LISTED = re.compile(
    r"(?P<head>.*?[^0-9./-])(?P<first>[0-9]{1,6}(?:\.[0-9]{1,3})?)"
    r"(?P<more>(?:[/、,;] ?\.?[0-9]{1,6}(?:\.[0-9]{1,3})?)+)(?:-(?P<year>[0-9]{4}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A parsed identity. ``body`` is what stands before the number, its force included."""

    body: str  # "GB/T", "T/CSAE", "ISO/IEC", "UN R", "ITU-T", "DRAFT"
    digits: str  # "44461", "155", "F.DLT-FAM"
    part: str = ""  # "1", "1.2"; of ISO "1-2"
    year: int | None = None

    def __str__(self) -> str:
        if self.body == "UN R":
            return f"UN R{self.digits}"
        is_foreign = self.body in _ISO
        part = f"{'-' if is_foreign else '.'}{self.part}" if self.part else ""
        year = f"{':' if is_foreign else '-'}{self.year}" if self.year is not None else ""
        return f"{self.body} {self.digits}{part}{year}"

    @property
    def sort_key(self) -> str:
        """Return what sorts numbers as numbers: GB 7258 before GB 44495, part 2 before part 10.

        What has no number yet comes last.
        """
        padded = re.sub(r"[0-9]+", lambda m: m[0].zfill(7), f"{self.digits}.{self.part}")
        last = "ZZ " if self.body == "DRAFT" else ""
        return f"{last}{self.body} {padded} {self.year or 0}"[:160]

    @property
    def undated(self) -> Number:
        return Number(self.body, self.digits, self.part)


def parse(raw: str) -> Number:
    """Read one number.

    Raises:
        NotANumber: it is none.
        SeveralNumbers: it stands for several.
    """
    text = _folded(raw)
    found = _one(text)
    if found is not None:
        return found
    several = _several(text)
    if several:
        raise SeveralNumbers(raw=raw.strip(), numbers=", ".join(map(str, several)))
    raise NotANumber(raw=raw.strip()[:LONGEST])


def expand(raw: str) -> tuple[Number, ...]:
    """Read a number, a range of them or a list with a common head, in their order.

    Raises:
        NotANumber: it is none of these.
    """
    text = _folded(raw)
    found = _one(text)
    several = (found,) if found is not None else _several(text)
    if not several:
        raise NotANumber(raw=raw.strip()[:LONGEST])
    return several


def normal(raw: str) -> str:
    """Return the one spelling of a number.

    Raises:
        NotANumber, SeveralNumbers.
    """
    return str(parse(raw))


def neighbours(number: Number) -> frozenset[str]:
    """Return the numbers that one typing error in the digits makes of this one, or this of them.

    For a question to a person ("is ... meant?"): nothing is repaired by it.
    """
    digits = number.digits
    found: set[str] = set()
    for at in range(len(digits) + 1):
        found.update(f"{digits[:at]}{one}{digits[at:]}" for one in "0123456789")
        found.add(digits[:at] + digits[at + 1 :])
        found.update(f"{digits[:at]}{one}{digits[at + 1 :]}" for one in "0123456789")
        found.add(digits[:at] + digits[at : at + 2][::-1] + digits[at + 2 :])
    found -= {digits, ""}
    return frozenset(
        str(Number(number.body, one, number.part, number.year))
        for one in found
        if one.isdigit() and not one.startswith("0") and len(one) <= _MOST_DIGITS
    )


def _folded(raw: str) -> str:
    if len(raw) > LONGEST:
        raise NotANumber(raw=raw.strip()[:LONGEST] + "…")
    text = unicodedata.normalize("NFKC", raw.translate(_TRANSLATED)).translate(_TRANSLATED)
    text = re.sub(r" +", " ", text).strip().upper()
    text = re.sub(r"--+", "-", text)
    return re.sub(r" ?- ?", "-", text).rstrip(".;,。；，、")


def _one(text: str) -> Number | None:
    for read in (_chinese, _association, _foreign, _un, _others):
        found = read(text)
        if found is not None:
            return found
    return None


def _chinese(text: str) -> Number | None:
    found = _CHINESE.fullmatch(text)
    if found is None:
        return None
    letters = found["body"].replace(" ", "")
    force = found["force"] or found["glued"]
    if letters not in SECTORS and letters not in _NATIONAL and not letters[2:].isdigit():
        return None
    body = f"{letters}/{force}" if force else letters
    digits, _, part = found["digits"].replace(" ", "").partition(".")
    return Number(body, digits, part, _year(found["year"]))


def _association(text: str) -> Number | None:
    found = _ASSOCIATION.fullmatch(text)
    if found is not None:
        digits, _, part = found["digits"].replace(" ", "").partition(".")
        return Number(f"T/{found['body']}", digits, part, _year(found["year"]))
    found = _ENTERPRISE.fullmatch(text)
    if found is not None:
        return Number(f"Q/{found['body']}", found["rest"], "", _year(found["year"]))
    return None


def _foreign(text: str) -> Number | None:
    found = _FOREIGN.fullmatch(text)
    if found is None:
        return None
    part, year = found["part"].removeprefix("-"), _year(found["year"])
    return Number(found["body"], found["digits"], part, year)


def _un(text: str) -> Number | None:
    found = _UN.fullmatch(text) or _UN_SHORT.fullmatch(text)
    return Number("UN R", found["digits"].lstrip("0")) if found else None


def _others(text: str) -> Number | None:
    if found := _IEEE.fullmatch(text):
        digits, _, part = found["digits"].partition(".")
        return Number("IEEE", digits, part, _year(found["year"]))
    if found := _SAE.fullmatch(text):
        return Number("SAE", found["rest"], "", _year(found["year"]))
    if found := _ITU.fullmatch(text):
        return Number("ITU-T", found["rest"])
    if found := _GPP.fullmatch(text):
        return Number(f"3GPP {found['kind']}", found["digits"])
    if found := _DRAFT.fullmatch(text):
        return Number("DRAFT", found["rest"].lower())
    return None


def _several(text: str) -> tuple[Number, ...]:
    if found := _RANGE.fullmatch(text):
        first, last = int(found["first"]), int(found["last"])
        if first < last <= first + _MOST and len(found["first"]) == len(found["last"]):
            tail = f"-{found['year']}" if found["year"] else ""
            return _all(f"{found['head']}{one}{tail}" for one in range(first, last + 1))
    if found := _LISTED.fullmatch(text):
        tail = f"-{found['year']}" if found["year"] else ""
        stem = found["first"].partition(".")[0]
        more = re.findall(r"\.?[0-9]{1,6}(?:\.[0-9]{1,3})?", found["more"])
        digits = [found["first"], *(f"{stem}{one}" if one[0] == "." else one for one in more)]
        return _all(f"{found['head']}{one}{tail}" for one in digits)
    return ()


def _all(texts: Iterable[str]) -> tuple[Number, ...]:
    read = [_one(text) for text in texts]
    known = tuple(one for one in read if one is not None)
    return known if len(known) == len(read) else ()


def _year(digits: str | None) -> int | None:
    """Return a year of four digits; two digits are of the last century, as it wrote them."""
    if digits is None:
        return None
    return _CENTURY + int(digits) if len(digits) == 2 else int(digits)
