"""Facts that cannot be true together: refused before any rule is asked, with the facts' names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roadworthy.kernel.errors import Invalid
from roadworthy.rules import text
from roadworthy.rules.facts import FactDefinition, WrongFact
from roadworthy.rules.text import Text


class Contradictory(Invalid):
    code = "contradictory-facts"
    message = "{facts} contradict each other. {words}"


@dataclass(frozen=True)
class Contradiction:
    """Values of several facts of which at least one must be wrong."""

    facts: Mapping[str, tuple[Any, ...]]
    words: Text

    def holds(self, stated: Mapping[str, Any]) -> bool:
        return all(stated.get(name) in values for name, values in self.facts.items())

    def faults(self, vocabulary: Mapping[str, FactDefinition]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with the row itself."""
        for name, values in self.facts.items():
            definition = vocabulary.get(name)
            if definition is None:
                yield "contradictions", f"there is no fact {name}"
                continue
            for value in values:
                try:
                    definition.read(value)
                except WrongFact as wrong:
                    yield "contradictions", str(wrong)


def parse_contradiction(raw: Mapping[str, Any]) -> Contradiction:
    facts = {name: tuple(values) for name, values in raw["facts"].items()}
    return Contradiction(facts, text.parse(raw["words"]))


def found(
    contradictions: Iterable[Contradiction], stated: Mapping[str, Any]
) -> Iterator[tuple[Contradiction, Contradictory]]:
    """Yield what cannot be true together, each with the refusal that names it and says why."""
    for contradiction in contradictions:
        if contradiction.holds(stated):
            named = ", ".join(f"{name} = {stated[name]}" for name in contradiction.facts)
            yield contradiction, Contradictory(facts=named, words=contradiction.words)


def refuse(contradictions: Iterable[Contradiction], stated: Mapping[str, Any]) -> None:
    """Refuse facts that cannot be true together.

    Raises:
        Contradictory: some are; names them with their values, and says why.
    """
    for _, refusal in found(contradictions, stated):
        raise refusal
