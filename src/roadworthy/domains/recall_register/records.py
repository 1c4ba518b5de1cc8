"""A recall as a source states it, before it is entered: read, checked, given a key.

Values are what the source says, or empty. Two sources mean the same recall if they name the same
authority and number; NHTSA writes its numbers with and without a tail of zeros.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any, Final

from roadworthy.domains.recall_register import errors
from roadworthy.domains.recall_register.states import Authority, Remedy

_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_NHTSA_TAIL: Final = re.compile(r"(\d{2}[A-Z][0-9A-Z]{3})000")
_AIR: Final = re.compile(
    r"over[- ]the[- ]air|\bOTA\b|(?<![A-Za-z])OTA(?![A-Za-z])|远程升级|在线升级", re.IGNORECASE
)
_NOT_AIR: Final = re.compile(
    r"\b(?:not|no|without|non)[- ](?:by |via |an? )?(?:OTA|over[- ]the[- ]air)\b"
    r"|非OTA|不(?:能|可)?通过OTA",
    re.IGNORECASE,
)
_WORKSHOP: Final = re.compile(
    r"service cent(?:re|er)|dealer|workshop|inspect|repair|replace"
    r"|服务中心|授权(?:经销|服务)|维修|更换",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a source says of a recall."""

    authority: Authority
    maker: str
    number: str = ""
    products: str = ""
    announced: str = ""  # an ISO date, or its year and month, or its year
    built_from: date | None = None
    built_to: date | None = None
    units: int | None = None
    concern: str = ""
    defect: str = ""
    remedy: Remedy | None = None  # None: read it from the words
    remedy_text: str = ""
    target_software: str = ""
    plan_filed_on: date | None = None
    started_on: date | None = None
    investigated: bool | None = None
    sources: Sequence[str] = ()
    licence: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what the fields say together.

        Raises:
            MakerMissing, CannotBeTold, NotADay, BuiltBackwards.
        """
        if not self.maker:
            raise errors.MakerMissing
        if self.announced:
            parts_of(self.announced)
        if not self.number and not (self.announced and self.products):
            raise errors.CannotBeTold
        if self.built_from and self.built_to and self.built_from > self.built_to:
            raise errors.BuiltBackwards(first=self.built_from, last=self.built_to)

    @property
    def key(self) -> uuid.UUID:
        """Return by what the recall is found again."""
        if self.number:
            return key_of(self.authority, plain_number(self.authority, self.number))
        return key_of(self.authority, self.maker, self.announced, self.products)

    @property
    def content(self) -> str:
        """Return the digest of everything it says."""
        return digest_of(*(repr(value) for value in asdict(self).values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineIn:
    """One row of a source about a recall."""

    key: str  # 128 bits in hexadecimal
    content: str
    make: str = ""
    model: str = ""
    model_year: int | None = None
    document: str = ""
    words: str = ""
    vin_from: str = ""
    vin_to: str = ""
    built_from: date | None = None
    built_to: date | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def digest_of(*parts: str) -> str:
    """Return 128 bits over the parts in hexadecimal, their borders included."""
    told = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=16).hexdigest()


def key_of(*parts: str) -> uuid.UUID:
    """Return the same bits as a key of the database."""
    return uuid.UUID(digest_of(*parts))


def plain_number(authority: Authority, number: str) -> str:
    """Return a recall's number as one compares it: "23V862000" and "23V862" are one recall."""
    plain = "".join(number.split()).upper()
    if authority is Authority.NHTSA:
        plain = plain.replace("-", "")
        if tail := _NHTSA_TAIL.fullmatch(plain):
            return tail[1]
    return plain


def parts_of(announced: str) -> tuple[int, date | None]:
    """Return the year and, where it is told, the day.

    Raises:
        NotADay: neither a date nor the beginning of one.
    """
    found = _PARTIAL.fullmatch(announced)
    if not found:
        raise errors.NotADay(value=announced)
    try:
        whole = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise errors.NotADay(value=announced) from None
    return whole.year, whole if found[3] else None


def read_remedy(*texts: str) -> Remedy:
    """Say from the words of a remedy how the defect is removed; no words, no answer."""
    words = " ".join(texts).strip()
    if not words:
        return Remedy.UNKNOWN
    if not _AIR.search(_NOT_AIR.sub(" ", words)):
        return Remedy.WORKSHOP
    return Remedy.BOTH if _WORKSHOP.search(words) else Remedy.OTA
