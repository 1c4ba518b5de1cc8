"""The register of legal texts: which instrument, its dates, and how well it was read.

The three dates of an instrument differ (成文、发布、实施) and are kept apart. A provision's words
are our own paraphrase; the official Chinese term stands beside the English one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from roadworthy.kernel.citation import Citation
from roadworthy.rules import text
from roadworthy.rules.text import Text

_PARAGRAPH = re.compile(r"^(terms|zh-hans|en): (.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


class Grade(StrEnum):
    """How well a statement of law is evidenced, best first."""

    A = "A"  # the full official text was read
    B = "B"  # a faithful copy, or several that agree
    C = "C"  # a digest or one secondary source
    D = "D"  # own knowledge, no source read


@dataclass(frozen=True, slots=True)
class Term:
    official: str  # as the Chinese text has it
    english: str  # our rendering, unofficial


@dataclass(frozen=True, slots=True)
class Provision:
    """One article or item in our own words."""

    name: Text  # "三(七)" and "Part 3 (7)"
    words: Text
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Instrument:
    key: str
    title: Text
    issuer: Text
    number: str | None
    made_on: date | None
    published_on: date | None
    in_force_from: date | None  # None: a draft, which never binds
    repealed_on: date | None
    grade: Grade
    note: Text  # what about this row is not certain
    provisions: Mapping[str, Provision]  # by the Chinese name


@dataclass(frozen=True)
class Cited:
    """A citation with all that a reader needs to look it up and to judge it."""

    instrument: Instrument
    provision: Provision

    @property
    def citation(self) -> Citation:
        return Citation(self.instrument.key, self.provision.name.zh_hans)

    def named(self) -> dict[str, Any]:
        """Return only what it is called, where the full citation stands elsewhere."""
        return {
            "instrument": self.instrument.key,
            "title": self.instrument.title.to_json(),
            "provision": self.provision.name.to_json(),
        }

    def to_json(self) -> dict[str, Any]:
        act = self.instrument
        return {
            "instrument": act.key,
            "title": act.title.to_json(),
            "issuer": act.issuer.to_json(),
            "number": act.number,
            "provision": self.provision.name.to_json(),
            "text": self.provision.words.to_json(),
            "terms": [{"official": t.official, "english": t.english} for t in self.provision.terms],
            "made_on": _iso(act.made_on),
            "published_on": _iso(act.published_on),
            "in_force_from": _iso(act.in_force_from),
            "repealed_on": _iso(act.repealed_on),
            "grade": act.grade,
            "note": act.note.to_json() if act.note else None,
        }


Register = Mapping[str, Instrument]


def cited(register: Register, raw: Mapping[str, str]) -> Cited:
    """Resolve ``{instrument, provision}``.

    Raises:
        LookupError: no such instrument, or no words for that provision of it.
    """
    act = register.get(raw["instrument"])
    if act is None:
        raise LookupError(f"no instrument {raw['instrument']} in the register")
    provision = act.provisions.get(_printed(raw["provision"]))
    if provision is None:
        raise LookupError(f"{act.key}: no words for {raw['provision']} in its texts/ file")
    return Cited(act, provision)


def _printed(provision: str) -> str:
    """Return a provision's name as print has it: 三(七) is 三（七）."""
    return provision.replace("(", "（").replace(")", "）")


def parse_instrument(key: str, raw: Mapping[str, Any], words: str) -> Instrument:
    """Build an instrument from its row in pack.yaml and its texts/ file."""
    return Instrument(
        key=key,
        title=text.parse(raw["title"]),
        issuer=text.parse(raw["issuer"]),
        number=raw.get("number"),
        made_on=_date(raw.get("made_on")),
        published_on=_date(raw.get("published_on")),
        in_force_from=_date(raw.get("in_force_from")),
        repealed_on=_date(raw.get("repealed_on")),
        grade=Grade(raw["grade"]),
        note=text.parse(raw["note"]) if "note" in raw else text.NOTHING,
        provisions={_printed(p.name.zh_hans): p for p in _provisions(words)},
    )


def _provisions(words: str) -> list[Provision]:
    """Read the sections of a texts/ file: a heading "中文 | English", then labelled paragraphs."""
    found = []
    for section in re.split(r"^## ", words, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        chinese, _, english = (part.strip() for part in heading.partition("|"))
        parts = dict(_PARAGRAPH.findall(body.strip()))
        if not english or not {"zh-hans", "en"} <= set(parts):
            raise ValueError(f"section {heading!r} needs 'name | name' and both languages")
        found.append(
            Provision(
                Text(chinese, english),
                Text(_joined(parts["zh-hans"], ""), _joined(parts["en"], " ")),
                tuple(map(_term, filter(None, parts.get("terms", "").split(";")))),
            )
        )
    return found


def _joined(paragraph: str, space: str) -> str:
    return space.join(line.strip() for line in paragraph.splitlines())


def _term(pair: str) -> Term:
    official, _, english = pair.partition("=")
    return Term(official.strip(), english.strip())


def _date(raw: str | None) -> date | None:
    return date.fromisoformat(raw) if raw else None


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
