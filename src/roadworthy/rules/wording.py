"""Claims in a text: which words claim what, for systems up to which level, on what ground.

Words are data of a pack (``wording.yaml``), each with its source and grade. What the words mean for
the law is said by a rule that reads the facts found here, never by this module.

* Full-width and half-width letters, capitals, and spaces or dots between Chinese characters make
  no difference.
* A claim denied in its own clause ("this is not self-driving") is found and excused.
* Words that no law names give warnings; a warning decides nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roadworthy.rules import text
from roadworthy.rules.instruments import Cited, Grade, Register, cited
from roadworthy.rules.text import Text

_CLAUSE = re.compile(r"[。！？；，、：!?;,:\n]|\.(?=\s|$)")
_NOT_ONLY = re.compile(r"not (?:only|just)|不只是|不仅仅?是?")
_STEM = "*"  # ends an English stem: any ending may follow
_BETWEEN = r"[\s·.\-_*]*"  # what somebody may put between two Chinese characters


class Claim(StrEnum):
    AUTONOMY = "autonomy"
    CAPABILITY = "capability"


class Weight(StrEnum):
    FAULT = "fault"
    WARNING = "warning"  # no law names the words


class Kind(StrEnum):
    """What sort of text it is; only a description has to be complete."""

    NAME = "name"
    DESCRIPTION = "description"
    INTERFACE = "interface"


@dataclass(frozen=True)
class Phrase:
    name: str
    claims: Claim
    up_to_level: int
    weight: Weight
    grade: Grade
    source: Cited
    pattern: re.Pattern[str]
    why: Text
    instead: Text


@dataclass(frozen=True)
class Limit:
    """One thing that a complete description speaks of."""

    name: str
    label: Text
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Lexicon:
    phrases: tuple[Phrase, ...]
    denials: re.Pattern[str]
    limits: tuple[Limit, ...]
    limits_source: Cited
    limits_grade: Grade
    limits_up_to_level: int
    limits_why: Text


@dataclass(frozen=True)
class Hit:
    """A phrase found in a text; ``start`` and ``end`` count its characters."""

    phrase: Phrase
    start: int
    end: int
    found: str
    denied: bool

    @property
    def counts(self) -> bool:
        return self.phrase.weight is Weight.FAULT and not self.denied

    def to_json(self) -> dict[str, Any]:
        return {
            "phrase": self.phrase.name,
            "start": self.start,
            "end": self.end,
            "found": self.found,
            "claims": self.phrase.claims,
            "weight": self.phrase.weight,
            "denied": self.denied,
            "why": self.phrase.why.to_json(),
            "instead": self.phrase.instead.to_json(),
            "citation": self.phrase.source.to_json(),
            "grade": self.phrase.grade,
        }


@dataclass(frozen=True)
class Checked:
    """What was found in a text, and the facts that follow from it for the rules."""

    hits: tuple[Hit, ...]  # as they stand in the text
    absent: tuple[Limit, ...]  # what a description does not speak of

    def claims(self, claim: Claim) -> bool:
        return any(hit.counts and hit.phrase.claims is claim for hit in self.hits)


def check(lexicon: Lexicon, words: str, *, kind: Kind, level: int) -> Checked:
    """Look for claims that are wrong for a system of ``level`` (GB/T 40429, 0 to 5)."""
    plain, places = _plain(words)
    hits = [
        _hit(lexicon, phrase, words, plain, places, match)
        for phrase in lexicon.phrases
        if level <= phrase.up_to_level
        for match in phrase.pattern.finditer(plain)
    ]
    absent: tuple[Limit, ...] = ()
    if kind is Kind.DESCRIPTION and level <= lexicon.limits_up_to_level:
        absent = tuple(limit for limit in lexicon.limits if not limit.pattern.search(plain))
    return Checked(tuple(_longest(hits)), absent)


def _hit(
    lexicon: Lexicon,
    phrase: Phrase,
    words: str,
    plain: str,
    places: list[int],
    match: re.Match[str],
) -> Hit:
    start, end = places[match.start()], places[match.end() - 1] + 1
    return Hit(phrase, start, end, words[start:end], _is_denied(lexicon, plain, match))


def _is_denied(lexicon: Lexicon, plain: str, match: re.Match[str]) -> bool:
    before = _CLAUSE.split(plain[: match.start()])[-1]
    after = _CLAUSE.split(plain[match.end() :])[0]
    around = (_NOT_ONLY.sub(" ", part) for part in (before, after))
    return any(lexicon.denials.search(part) for part in around)


def _longest(hits: list[Hit]) -> Iterator[Hit]:
    """Yield hits in order; of two about the same words of one phrase the longer one."""
    end: dict[str, int] = {}
    for hit in sorted(hits, key=lambda each: (each.start, -each.end, each.phrase.name)):
        if hit.end > end.get(hit.phrase.name, 0):
            end[hit.phrase.name] = hit.end
            yield hit


def _plain(words: str) -> tuple[str, list[int]]:
    """Return the text as it is searched, and the place in the original of each of its letters."""
    plain: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(words):
        for one in unicodedata.normalize("NFKC", letter).casefold():
            plain.append(one)
            places.append(place)
    return "".join(plain), places


def parse_lexicon(raw: Mapping[str, Any], register: Register) -> Lexicon:
    """Build a lexicon from a pack's ``wording.yaml``.

    Raises:
        LookupError: a source names a provision nobody has put into words.
    """
    limits = raw["limits"]
    return Lexicon(
        phrases=tuple(_phrase(name, row, register) for name, row in raw["phrases"].items()),
        denials=_any(raw["denials"]),
        limits=tuple(
            Limit(name, text.parse(row["label"]), _any(row))
            for name, row in limits.items()
            if isinstance(row, dict) and "label" in row
        ),
        limits_source=cited(register, limits["source"]),
        limits_grade=Grade(limits["grade"]),
        limits_up_to_level=limits["up_to_level"],
        limits_why=text.parse(limits["why"]),
    )


def _phrase(name: str, row: Mapping[str, Any], register: Register) -> Phrase:
    return Phrase(
        name=name,
        claims=Claim(row["claims"]),
        up_to_level=row["up_to_level"],
        weight=Weight(row["weight"]),
        grade=Grade(row["grade"]),
        source=cited(register, row["source"]),
        pattern=_any(row),
        why=text.parse(row["why"]),
        instead=text.parse(row["instead"]),
    )


def _any(row: Mapping[str, Any]) -> re.Pattern[str]:
    """Return a pattern for any of the words of both languages; the longest are tried first."""
    words = sorted((*row["zh-hans"], *row["en"]), key=len, reverse=True)
    return re.compile("|".join(map(_pattern, words)))


def _pattern(word: str) -> str:
    plain, _ = _plain(word.rstrip(_STEM))
    if plain.isascii():
        spaced = r"\s+".join(re.escape(part) for part in plain.split())
        end = "[a-z]*" if word.endswith(_STEM) else "s?"
        return rf"(?<![a-z0-9]){spaced}{end}(?![a-z0-9])"
    return _BETWEEN.join(re.escape(letter) for letter in plain)
