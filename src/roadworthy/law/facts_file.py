"""Facts as somebody writes them down: YAML or JSON, and every fault named at once, with its line.

* Either a flat mapping of facts, or ``facts:``; ``as_of`` and ``about`` may stand beside them.
* Nothing is guessed: ``yes`` is not true, a repeated name is not an overwrite, 2025-6-1 no day.
* A value that cannot be shown in a line (a list of lists) is named by its kind.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from roadworthy.kernel.errors import Invalid
from roadworthy.law.rulebook import Rulebook
from roadworthy.law.topics import Topic
from roadworthy.rules import contradictions, strict_yaml
from roadworthy.rules import facts as vocabulary
from roadworthy.rules.facts import WrongFact

AS_OF, ABOUT, FACTS = "as_of", "about", "facts"
FIELDS = (AS_OF, ABOUT, FACTS)
MOST_SHOWN = 60  # characters of a wrong value


class UnusableFacts(Invalid):
    """All that is wrong with a set of facts, one fault a line."""

    code = "unusable-facts"
    message = "{faults}"

    def __init__(self, faults: Iterable[Fault], *, file: str = "") -> None:
        self.file = file
        self.faults = tuple(faults)
        super().__init__(faults="\n".join(fault.at(file) for fault in self.faults))


class NotReadable(Invalid):
    code = "not-readable"
    message = "This is neither YAML nor JSON: {reason}."


class NoFacts(Invalid):
    code = "no-facts"
    message = "There are no facts in it. Write one a line, as in: removes_defect: false."


class NotNamed(Invalid):
    code = "facts-not-named"
    message = "Here stands {found}, where facts with their names belong (removes_defect: false)."


class Repeated(Invalid):
    code = "repeated-name"
    message = "{name} stands here again; it was stated in line {line} already."


class UnknownField(Invalid):
    code = "unknown-field"
    message = "Beside facts there can be as_of and about, but no {name}. Did you mean {suggestion}?"


@dataclass(frozen=True)
class Fault:
    """One refusal, and where: the field, and the line if it came in a file."""

    field: str
    wrong: Invalid
    line: int = 0
    column: int = 0

    def at(self, file: str) -> str:
        place = ":".join(filter(None, (file, str(self.line or ""))))
        return f"{place}: {self.wrong}" if place else str(self.wrong)


@dataclass(frozen=True)
class FactsFile:
    """What a file says; as of when and about what only if it says so."""

    facts: Mapping[str, Any]
    as_of: date | None = None
    about: tuple[Topic, ...] | None = None


@dataclass
class _Reader:
    book: Rulebook
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, name: str, wrong: Invalid, node: yaml.Node) -> None:
        mark = node.start_mark
        self.faults.append(Fault(name, wrong, mark.line + 1, mark.column + 1))

    def pairs(self, node: yaml.Node) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Yield each name with its node and its value's; refuse what has none or stands twice."""
        if not isinstance(node, yaml.MappingNode):
            self.refuse("", NotNamed(found=_kind(node)), node)
            return
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.refuse("", NotNamed(found=_kind(key)), key)
            elif key.value in lines:
                self.refuse(key.value, Repeated(name=key.value, line=lines[key.value]), key)
            else:
                lines[key.value] = key.start_mark.line + 1
                yield key.value, key, value

    def fact(self, name: str, key: yaml.Node, node: yaml.Node) -> Any:
        """Return a fact's value; None where it was refused or is not stated."""
        definition = self.book.facts.get(name)
        if definition is None:
            self.refuse(name, vocabulary.unknown(self.book.facts, name), key)
            return None
        try:
            value = _value(node)
            return None if value is None else definition.read(value)
        except (ValueError, WrongFact):
            shown = _shown(node)
            wrong = WrongFact(name=name, value=shown, expected=definition.expected)
            self.refuse(name, wrong, node)
            return None

    def facts(self, pairs: Iterable[tuple[str, yaml.Node, yaml.Node]]) -> dict[str, Any]:
        nodes = {name: (key, node) for name, key, node in pairs}
        read = {name: self.fact(name, *each) for name, each in nodes.items()}
        stated = {name: value for name, value in read.items() if value is not None}
        for row, wrong in contradictions.found(self.book.law.contradictions, stated):
            last = max((nodes[name][0] for name in row.facts), key=lambda n: n.start_mark.index)
            self.refuse(", ".join(row.facts), wrong, last)
        return stated

    def as_of(self, node: yaml.Node) -> date | None:
        try:
            value = _value(node)
            return None if value is None else vocabulary.in_range(date.fromisoformat(value))
        except (TypeError, ValueError):
            self.refuse(AS_OF, wrong_day(_shown(node)), node)
            return None

    def about(self, node: yaml.Node) -> tuple[Topic, ...] | None:
        try:
            value = _value(node)
            named = [value] if isinstance(value, str) else value
            return None if named is None else tuple(Topic(each) for each in named)
        except (TypeError, ValueError):
            wanted = f"a list of {', '.join(Topic)}"
            self.refuse(ABOUT, WrongFact(name=ABOUT, value=_shown(node), expected=wanted), node)
            return None

    def whole(self, node: yaml.Node) -> FactsFile:
        found = {name: (key, value) for name, key, value in self.pairs(node)}
        beside = {name: found.pop(name)[1] for name in (AS_OF, ABOUT) if name in found}
        pairs: Iterable[tuple[str, yaml.Node, yaml.Node]]
        if FACTS in found:
            _, inner = found.pop(FACTS)
            for name, (key, _) in found.items():
                near = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.0)[0]
                self.refuse(name, UnknownField(name=name, suggestion=near), key)
            pairs = self.pairs(inner)
        else:
            pairs = ((name, key, value) for name, (key, value) in found.items())
        return FactsFile(
            facts=self.facts(pairs),
            as_of=self.as_of(beside[AS_OF]) if AS_OF in beside else None,
            about=self.about(beside[ABOUT]) if ABOUT in beside else None,
        )


def read(content: bytes, *, file: str, book: Rulebook) -> FactsFile:
    """Read a file of facts.

    Raises:
        UnusableFacts: with everything that is wrong with it, line by line.
    """
    node = _node(content, file)
    reader = _Reader(book)
    said = reader.whole(node)
    if reader.faults:
        raise UnusableFacts(sorted(reader.faults, key=lambda f: (f.line, f.column)), file=file)
    return said


def check(book: Rulebook, facts: Mapping[str, Any]) -> None:
    """Refuse facts that came as data, with everything that is wrong with them.

    Raises:
        UnusableFacts: a name is unknown, a value has another form, or facts contradict each other.
    """
    faults: list[Fault] = []
    stated: dict[str, Any] = {}
    for name, value in facts.items():
        try:
            stated |= vocabulary.stated(book.facts, {name: value})
        except Invalid as wrong:
            faults.append(Fault(name, wrong))
    for row, refusal in contradictions.found(book.law.contradictions, stated):
        faults.append(Fault(", ".join(row.facts), refusal))
    if faults:
        raise UnusableFacts(faults)


def wrong_day(value: Any) -> WrongFact:
    """Return the refusal of a day on which nobody can ask."""
    span = f"a day (YYYY-MM-DD) from {vocabulary.EARLIEST} to {vocabulary.LATEST}"
    return WrongFact(name=AS_OF, value=value, expected=span)


def _node(content: bytes, file: str) -> yaml.Node:
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        fault = Fault("", NotReadable(reason="it is not UTF-8"), line)
        raise UnusableFacts([fault], file=file) from None
    if words.lstrip().startswith(("{", "[")):
        words = words.replace("\t", " ")  # JSON may be indented with them, YAML may not
    try:
        node = strict_yaml.compose(words)
    except yaml.YAMLError as wrong:
        raise UnusableFacts([_unreadable(wrong, words)], file=file) from None
    except RecursionError:
        fault = Fault("", NotReadable(reason="it is nested too deeply"), 1)
        raise UnusableFacts([fault], file=file) from None
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        raise UnusableFacts([Fault("", NoFacts(), 1)], file=file)
    return node


def _unreadable(wrong: yaml.YAMLError, words: str) -> Fault:
    if isinstance(wrong, yaml.MarkedYAMLError):
        mark = wrong.problem_mark or wrong.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Fault("", NotReadable(reason=wrong.problem or wrong.context or "?"), line, column)
    line = words.count("\n", 0, getattr(wrong, "position", 0)) + 1
    return Fault("", NotReadable(reason=str(wrong).splitlines()[0]), line)


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return strict_yaml.scalar(node)
    if isinstance(node, yaml.SequenceNode):
        if not all(isinstance(each, yaml.ScalarNode) for each in node.value):
            raise ValueError
        return [strict_yaml.scalar(each) for each in node.value]
    raise ValueError


def _shown(node: yaml.Node) -> str:
    words = _kind(node)
    if isinstance(node, yaml.ScalarNode):
        words = node.value
    elif isinstance(node, yaml.SequenceNode) and all(
        isinstance(each, yaml.ScalarNode) for each in node.value
    ):
        words = ", ".join(each.value for each in node.value[:MOST_SHOWN])
    words = " ".join(words.encode("utf-8", "replace").decode().split())
    return words if len(words) <= MOST_SHOWN else f"{words[:MOST_SHOWN]}…"


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else f"“{node.value[:MOST_SHOWN]}”"
