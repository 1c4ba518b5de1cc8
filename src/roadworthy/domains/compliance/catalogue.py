"""The requirements that the package carries: read whole, checked, put under their standards.

* Loading the same file again changes nothing; an entry that the file no longer has stays, for the
  evidence that rests on it, and is asked of nobody any more.
* A file that is wrong anywhere is refused whole: rules, facts and instruments it names must exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml
from django.db import transaction

from roadworthy.domains.compliance.errors import BadRequirements
from roadworthy.domains.compliance.models import Requirement
from roadworthy.domains.compliance.states import EvidenceKind
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.standards.models import Standard
from roadworthy.kernel.canonical import digest
from roadworthy.law.rulebook import rulebook
from roadworthy.rules import strict_yaml
from roadworthy.rules.instruments import Grade

FILE: Final = "requirements.yaml"
_FIELDS: Final = frozenset(
    {"key", "clause", "title", "text", "note", "evidence", "rules", "guards", "under", "scope"}
    | {"from", "fact", "by_law", "ecus", "functions", "grade", "standard", "source"}
)
_TESTS: Final = frozenset({"in", "from", "to", "is"})


@cache
def ours() -> tuple[Mapping[str, Any], ...]:
    """Return the entries of the file that the package carries."""
    text = resources.files(f"{__package__}.data").joinpath(FILE).read_text(encoding="utf-8")
    return tuple(parse(text))


def parse(text: str) -> list[Mapping[str, Any]]:
    """Read a file of requirements into entries in its order, each with "standard" and "source".

    Raises:
        BadRequirements: it is no such file, or names what does not exist.
    """
    try:
        content = strict_yaml.load(text)
    except yaml.YAMLError as error:
        raise BadRequirements(where=FILE, why=str(error)) from None
    entries: list[Mapping[str, Any]] = []
    for group in content if isinstance(content, list) else ():
        common = {key: group[key] for key in ("standard", "source", "grade")}
        entries += [common | one for one in group["requirements"]]
    known: set[str] = set()
    for one in entries:
        for why in _faults(one, known):
            raise BadRequirements(where=str(one.get("key", "?")), why=why)
        known.add(one["key"])
    if not entries:
        raise BadRequirements(where=FILE, why="there is no requirement in it")
    return entries


@transaction.atomic(durable=True)
def load(*, actor: ledger.Named, at: datetime) -> int:
    """Put the carried requirements under their standards; return how many were new or changed.

    Raises:
        BadRequirements: the catalogue has no such standard.
    """
    done = loaded(at)
    if done:
        ledger.record(
            event="requirements:loaded",
            subject="requirements",
            actor=actor,
            at=at,
            data={"changed": done, "sha256": digest([dict(one) for one in ours()])},
        )
    return done


def loaded(_at: datetime) -> int:
    """Do what ``load`` does, inside the caller's transaction and without its entry."""
    entries = ours()
    known = {one.key: one for one in Requirement.objects.select_for_update()}
    numbers = {one["standard"] for one in entries}
    found = Standard.objects.filter(manufacturer=None, number__in=numbers)
    standards = {one.number: one for one in found}
    made: dict[str, Requirement] = {}
    changed = 0
    for place, entry in enumerate(entries):
        row, is_new = _one(entry, place, known, standards, made)
        made[entry["key"]] = row
        changed += is_new
    gone = Requirement.objects.filter(is_current=True).exclude(key__in=made)
    return changed + gone.update(is_current=False)


def _one(
    entry: Mapping[str, Any],
    place: int,
    known: Mapping[str, Requirement],
    standards: Mapping[str, Standard],
    made: Mapping[str, Requirement],
) -> tuple[Requirement, bool]:
    sha256 = digest({"entry": dict(entry), "place": place})
    row = known.get(entry["key"])
    if row is not None and row.sha256 == sha256 and row.is_current:
        return row, False
    standard = standards.get(entry["standard"])
    if standard is None:
        raise BadRequirements(where=entry["key"], why=f"no standard {entry['standard']}")
    row = row or Requirement(key=entry["key"])
    row.standard, row.number = standard, entry["clause"]
    row.title, row.text, row.source = entry["title"], entry["text"], entry["source"]
    row.under = made.get(entry.get("under", ""))
    days = entry.get("from", {})
    row.new_types_from = _day(days.get("new"))
    row.existing_types_from = _day(days.get("existing"))
    row.existing_grade = days.get("existing_grade", "")
    row.place, row.sha256, row.is_current = place, sha256, True
    row.grade, row.evidence = entry["grade"], entry["evidence"]
    for name, empty in (("rules", []), ("guards", []), ("scope", []), ("functions", {})):
        setattr(row, name, entry.get(name, empty))
    for name in ("fact", "by_law"):
        setattr(row, name, entry.get(name, ""))
    ecus = entry.get("ecus", [])
    row.ecus = [ecus] if isinstance(ecus, str) else ecus
    row.note = entry.get("note", {})
    row.save()
    return row, True


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _faults(one: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    for name in sorted(set(one) - _FIELDS):
        yield f"there is no field {name}"
    for name in ("key", "clause", "title", "text", "evidence"):
        if not one.get(name):
            yield f"{name} is missing"
    if one["key"] in known:
        yield "the key stands twice"
    if one["grade"] not in set(Grade):
        yield f"there is no grade {one['grade']}"
    if unknown := set(one["evidence"]) - set(EvidenceKind):
        yield f"there is no evidence {', '.join(sorted(unknown))}"
    if one.get("under") and one["under"] not in known:
        yield f"{one['under']} does not stand above it"
    yield from _unknown_to_law(one)


def _unknown_to_law(one: Mapping[str, Any]) -> Iterator[str]:
    law, scope = rulebook().law, one.get("scope", ())
    named = {
        "rule": ((*one.get("rules", ()), *one.get("guards", ())), law.rules),
        "fact": ((*(test["fact"] for test in scope), one.get("fact")), law.facts),
        "instrument": ((one.get("by_law"),), law.register),
    }
    for what, (names, there) in named.items():
        for name in names:
            if name and name not in there:
                yield f"there is no {what} {name}"
    for test in scope:
        if not _TESTS & set(test):
            yield f"nothing is asked of {test['fact']}"
