"""The sharing data: bases, purposes, grants. Default deny: what no grant names is not shared.

The data are part of the package and checked when they are read; a mistake in them stops the
platform instead of sharing something. ``reading`` lowers the grade of a grant to D.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.rules import strict_yaml

Text = Mapping[str, str]  # {"zh-hans", "en"}
OTHER: Final = {Party.MIIT: Party.SAMR, Party.SAMR: Party.MIIT}
VERIFIED: Final = frozenset({"A", "B"})  # grades of evidence that need no mark
OWN_READING: Final = "D"
LANGUAGES: Final = {"zh-hans", "en"}


class Matter(StrEnum):
    """What can belong to one authority."""

    OTA_FILING = "ota-filing"
    ACCESS_FILING = "access-filing"
    RECALL_FILING = "recall-filing"
    RECALL = "recall"
    RECALL_NOTICE = "recall-notice"
    INCIDENT_REPORT = "incident-report"
    NEV_REPORT = "nev-report"
    COMPLAINTS = "complaints"  # of one type, counted


# What a matter consists of. A reviewer's notes are no part of any: nobody else ever reads them.
PARTS: Final[Mapping[Matter, frozenset[str]]] = {
    Matter.OTA_FILING: frozenset({"dossier", "decision", "questions"}),
    Matter.ACCESS_FILING: frozenset({"dossier", "decision", "questions"}),
    Matter.RECALL_FILING: frozenset({"dossier", "decision", "questions"}),
    Matter.RECALL: frozenset({"plan", "progress", "reports", "supervision"}),
    Matter.RECALL_NOTICE: frozenset({"notice", "objection", "decision"}),
    Matter.INCIDENT_REPORT: frozenset({"report", "acknowledgement", "questions"}),
    Matter.NEV_REPORT: frozenset({"report", "acknowledgement", "questions"}),
    Matter.COMPLAINTS: frozenset({"totals", "disputes"}),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """A provision that lets authorities share, in our own words."""

    key: str
    instrument: str  # key in the rulebook's register
    provision: Text
    words: Text
    since: date | None  # None: not in force
    source: Text
    grade: str
    binding: bool


@dataclass(frozen=True, slots=True)
class Purpose:
    key: str
    title: Text
    hint: Text


@dataclass(frozen=True, slots=True)
class Grant:
    """Parts of one authority's matters that the other opens for these purposes."""

    key: str
    matter: Matter
    of: Party
    parts: frozenset[str]
    purposes: Sequence[str]
    basis: Basis
    since: date
    until: date | None = None  # exclusive
    reading: Text = field(default_factory=dict)

    @property
    def to(self) -> Party:
        """Return who may look."""
        return OTHER[self.of]

    @property
    def grade(self) -> str:
        """Return how well it is known that this may be shared."""
        return OWN_READING if self.reading else self.basis.grade

    @property
    def is_verified(self) -> bool:
        return self.grade in VERIFIED

    def holds(self, on: date) -> bool:
        """Say whether it is in force on a day."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Policy:
    """All of the data."""

    bases: Mapping[str, Basis]
    purposes: Mapping[str, Purpose]
    grants: Sequence[Grant]

    def found(self, matter: str, of: Party, *, on: date, purpose: str = "") -> Sequence[Grant]:
        """Return what shares an authority's matters of a kind, for a purpose or for any."""
        return tuple(
            one
            for one in self.grants
            if one.matter == matter
            and one.of == of
            and one.holds(on)
            and (not purpose or purpose in one.purposes)
        )

    def purposes_for(self, matter: str, of: Party, *, on: date) -> Sequence[Purpose]:
        """Return for what an authority's matters of a kind may be opened, in order."""
        keys = {key for one in self.found(matter, of, on=on) for key in one.purposes}
        return tuple(one for one in self.purposes.values() if one.key in keys)


@cache
def policy() -> Policy:
    """Return the data that came with the package."""
    path = resources.files("roadworthy.domains.sharing") / "data" / "sharing.yaml"
    return read(path.read_text(encoding="utf-8"))


def read(text: str) -> Policy:
    """Return the data of a file.

    Raises:
        ValueError: it names what does not exist, or shares on a text that binds nobody.
    """
    told: Mapping[str, Any] = strict_yaml.load(text)
    bases = {key: _basis(key, one) for key, one in told["bases"].items()}
    purposes = {key: Purpose(key, **one) for key, one in told["purposes"].items()}
    made = Policy(bases, purposes, tuple(_grant(one, bases) for one in told["grants"]))
    for words in _texts(made):
        if set(words) != LANGUAGES:
            raise ValueError(f"not in both languages: {dict(words)}")
    for one in made.grants:
        _check(one, made)
    if len({one.key for one in made.grants}) != len(made.grants):
        raise ValueError("two grants have the same key")
    return made


def _basis(key: str, told: Mapping[str, Any]) -> Basis:
    rest = {name: value for name, value in told.items() if name not in {"from", "binding"}}
    return Basis(key=key, since=_day(told["from"]), binding=told.get("binding", True), **rest)


def _day(told: str | None) -> date | None:
    return None if told is None else date.fromisoformat(told)


def _grant(told: Mapping[str, Any], bases: Mapping[str, Basis]) -> Grant:
    basis = bases[told["basis"]]
    since = _day(told["from"]) if "from" in told else basis.since
    if since is None or not basis.binding:
        raise ValueError(f"{told['key']}: {basis.key} is not in force")
    return Grant(
        key=told["key"],
        matter=Matter(told["matter"]),
        of=Party(told["of"]),
        parts=frozenset(told["parts"]),
        purposes=tuple(told["purposes"]),
        basis=basis,
        since=since,
        until=_day(told.get("until")),
        reading=told.get("reading", {}),
    )


def _texts(made: Policy) -> Iterator[Text]:
    for basis in made.bases.values():
        yield from (basis.provision, basis.words, basis.source)
    for purpose in made.purposes.values():
        yield from (purpose.title, purpose.hint)
    yield from (one.reading for one in made.grants if one.reading)


def _check(one: Grant, made: Policy) -> None:
    if one.of not in OTHER:
        raise ValueError(f"{one.key}: {one.of} is not an authority")
    if one.basis.since is None or one.since < one.basis.since:
        raise ValueError(f"{one.key}: shares before its basis is in force")
    if not one.parts or one.parts - PARTS[one.matter]:
        raise ValueError(f"{one.key}: {one.matter} has no such part")
    if not one.purposes or set(one.purposes) - set(made.purposes):
        raise ValueError(f"{one.key}: no such purpose")
