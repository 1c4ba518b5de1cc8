"""The cases of the packs: what each rule was shown to answer, on which day, with which facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from roadworthy.law import PACKS
from roadworthy.rules import packs, schema, strict_yaml
from roadworthy.rules.schema import BadPack

NEEDED = ("applies", "does-not", "day-before", "first-day", "missing-fact")
_FOLDERS = ("labels", "rules")


@dataclass(frozen=True)
class Case:
    pack: str
    rule_id: str
    is_label: bool
    name: str
    kind: str
    as_of: date
    facts: Mapping[str, Any]
    wanted: Mapping[str, Any]  # the outcome, and what else the case states


@cache
def cases() -> tuple[Case, ...]:
    """Return the cases of all packs, in the order of packs and files.

    Raises:
        BadPack: a file of cases is wrong, or not finished.
    """
    return tuple(case for pack in PACKS for case in _of(pack))


def _of(pack: str) -> Iterator[Case]:
    root = resources.files(f"{__package__}.{pack}")
    for folder in _FOLDERS:
        for card in _cards(root / folder):
            rule_id = strict_yaml.load(card.read_text(encoding="utf-8"))["id"]
            for raw in _read(root / "cases" / card.name, f"{pack}/cases/{card.name}"):
                yield Case(
                    pack=pack,
                    rule_id=rule_id,
                    is_label=folder == "labels",
                    name=raw["name"],
                    kind=raw["kind"],
                    as_of=date.fromisoformat(raw["as_of"]),
                    facts=raw["facts"],
                    wanted=raw,
                )


def _cards(folder: Traversable) -> list[Traversable]:
    if not folder.is_dir():
        return []
    files = (file for file in folder.iterdir() if file.name.endswith(".yaml"))
    return sorted(files, key=lambda file: file.name)


def _read(file: Traversable, name: str) -> list[dict[str, Any]]:
    """Return a file's cases; a rule that has none is for the coverage to report."""
    if not file.is_file():
        return []
    words = file.read_text(encoding="utf-8")
    packs.unfinished(name, words)
    try:
        raw = strict_yaml.load(words)
    except yaml.YAMLError as fault:
        raise BadPack(file=name, fault=" ".join(str(fault).split())) from None
    found: list[dict[str, Any]] = schema.check("cases", raw, name)
    return found
