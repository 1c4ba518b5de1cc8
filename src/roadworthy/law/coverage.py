"""What of the law is covered, and how well: instrument, article, rule, cases, grade, who checked.

Read from the packs and the register each time it is asked, so it cannot say more than is there. A
row without a rule is a fault of the rulebook, never hidden; so is a card that claims better
evidence than the register allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from roadworthy.law import cases as packs_cases
from roadworthy.law.register import rows as register
from roadworthy.law.register.rows import Row, ToVerify, Uncovered
from roadworthy.law.rulebook import Rulebook
from roadworthy.rules.cards import Rule
from roadworthy.rules.instruments import Cited, Instrument, Provision
from roadworthy.rules.text import Text

SCHEMA = "roadworthy/law-coverage/1"


class FaultKind(StrEnum):
    NO_RULE = "no-rule"
    NO_CASE = "no-case"
    NO_KIND = "no-kind-of-case"
    GRADE = "grade-differs"
    INSTRUMENT = "instrument-differs"
    BINDS = "draft-binds"
    LEFT_OUT = "left-out-and-cited"


_WORDS: Mapping[FaultKind, Text] = {
    FaultKind.NO_RULE: Text("没有规则", "no rule"),
    FaultKind.NO_CASE: Text("没有案例", "no case"),
    FaultKind.NO_KIND: Text("缺少案例类型：{detail}", "no case of this kind: {detail}"),
    FaultKind.GRADE: Text(
        "证据等级与登记册不一致：{detail}", "its grade is not the register's: {detail}"
    ),
    FaultKind.INSTRUMENT: Text(
        "依据与登记册不一致：{detail}", "it rests on another instrument than the register: {detail}"
    ),
    FaultKind.BINDS: Text(
        "登记为草案，卡片却有约束力", "a draft by the register, but its card binds"
    ),
    FaultKind.LEFT_OUT: Text(
        "列为不覆盖，却被规则引用：{detail}", "listed as not covered, but cited: {detail}"
    ),
}
_IN_SHORT = Text("{when}：{what}", "{when}: {what}")


@dataclass(frozen=True)
class Fault:
    subject: str  # a rule's id, or an instrument and its provision
    kind: FaultKind
    detail: str = ""

    @property
    def words(self) -> Text:
        detail = Text(self.detail, self.detail)
        return _WORDS[self.kind].fill({"detail": detail})

    def to_json(self) -> dict[str, Any]:
        return {"subject": self.subject, "kind": self.kind, "words": self.words.to_json()}


@dataclass(frozen=True)
class Covered:
    """A row of the register, a rule, or both together: what there is about one id."""

    id: str
    row: Row | None  # none: a rule outside the tables
    versions: tuple[Rule, ...]  # none: nobody wrote the rule yet
    cases: Mapping[str, int]  # by kind

    @property
    def rule(self) -> Rule | None:
        """The newest card."""
        return self.versions[-1] if self.versions else None

    @property
    def title(self) -> Text:
        if self.row is None or self.rule:
            return self.versions[-1].title
        return _IN_SHORT.fill({"when": self.row.condition, "what": self.row.duty})

    @property
    def has_every_kind(self) -> bool:
        return set(packs_cases.NEEDED) <= set(self.cases)

    def faults(self) -> Iterator[Fault]:
        if not self.versions:
            yield Fault(self.id, FaultKind.NO_RULE)
            return
        if not self.cases:
            yield Fault(self.id, FaultKind.NO_CASE)
        elif lacking := [kind for kind in packs_cases.NEEDED if kind not in self.cases]:
            yield Fault(self.id, FaultKind.NO_KIND, ", ".join(lacking))
        if self.row:
            yield from _disagreements(self.row, self.versions)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title.to_json(),
            "row": self.row.to_json() if self.row else None,
            "rules": [_card(rule) for rule in self.versions],
            "cases": {"number": sum(self.cases.values()), "kinds": dict(self.cases)},
        }


@dataclass(frozen=True)
class Article:
    """A provision that the packs have words for, and what rests on it."""

    provision: Provision
    rules: tuple[str, ...]  # that cite it first
    also: tuple[str, ...]  # that cite it besides
    others: tuple[str, ...]  # labels and parameters

    def to_json(self) -> dict[str, Any]:
        return {
            "provision": self.provision.name.to_json(),
            "rules": list(self.rules),
            "also": list(self.also),
            "others": list(self.others),
        }


@dataclass(frozen=True)
class Act:
    instrument: Instrument
    pack: str
    jurisdiction: str
    verified_by: str | None
    verified_on: str | None
    articles: tuple[Article, ...]

    def to_json(self) -> dict[str, Any]:
        act = self.instrument
        dates = ("made_on", "published_on", "in_force_from", "repealed_on")
        days = {name: getattr(act, name) for name in dates}
        return {
            "instrument": act.key,
            "title": act.title.to_json(),
            "pack": self.pack,
            "jurisdiction": self.jurisdiction,
            "grade": act.grade,
            **{name: day.isoformat() if day else None for name, day in days.items()},
            "verified_by": self.verified_by,
            "verified_on": self.verified_on,
            "articles": [article.to_json() for article in self.articles],
        }


@dataclass(frozen=True)
class Coverage:
    rulebook_version: str
    rows: tuple[Covered, ...]  # the register's
    outside: tuple[Covered, ...]  # rules that the register does not ask for
    acts: tuple[Act, ...]
    uncovered: tuple[Uncovered, ...]
    to_verify: tuple[ToVerify, ...]

    @property
    def without_rule(self) -> tuple[Covered, ...]:
        return tuple(row for row in self.rows if not row.versions)

    @property
    def complete(self) -> int:
        """How many rows have a rule with every kind of case."""
        return sum(bool(row.versions) and row.has_every_kind for row in self.rows)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is missing or does not agree, row by row; empty when the register is covered."""
        told = (one.faults() for one in (*self.rows, *self.outside))
        return tuple(chain(chain.from_iterable(told), _left_out(self)))

    def about(self, rule_id: str) -> Covered:
        """Return what there is about a row or a rule.

        Raises:
            KeyError: there is neither.
        """
        return {one.id: one for one in (*self.rows, *self.outside)}[rule_id]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "rulebook_version": self.rulebook_version,
            "tally": {
                "rows": len(self.rows),
                "with_rule": len(self.rows) - len(self.without_rule),
                "complete": self.complete,
                "outside": len(self.outside),
                "cases": sum(sum(one.cases.values()) for one in (*self.rows, *self.outside)),
            },
            "rows": [row.to_json() for row in self.rows],
            "outside": [rule.to_json() for rule in self.outside],
            "instruments": [act.to_json() for act in self.acts],
            "uncovered": [entry.to_json() for entry in self.uncovered],
            "to_verify": [entry.to_json() for entry in self.to_verify],
            "faults": [fault.to_json() for fault in self.faults],
        }


def coverage(book: Rulebook) -> Coverage:
    """Compare the register with what the packs hold.

    Raises:
        BadPack: a file of the register or of the cases is wrong, or not finished.
    """
    counted: dict[str, Counter[str]] = {}
    for case in packs_cases.cases():
        counted.setdefault(case.rule_id, Counter())[case.kind] += 1

    def covered(rule_id: str, row: Row | None) -> Covered:
        found = counted.get(rule_id, Counter())
        return Covered(rule_id, row, book.law.rules.get(rule_id, ()), dict(sorted(found.items())))

    wanted = {row.id for row in register.rows()}
    return Coverage(
        rulebook_version=book.version,
        rows=tuple(covered(row.id, row) for row in register.rows()),
        outside=tuple(covered(name, None) for name in sorted(set(book.law.rules) - wanted)),
        acts=_acts(book),
        uncovered=register.uncovered(),
        to_verify=register.to_verify(),
    )


def _disagreements(row: Row, versions: tuple[Rule, ...]) -> Iterator[Fault]:
    """Compare a row with its newest card; an earlier one may have rested on another instrument."""
    newest = versions[-1]
    if newest.grade is not row.grade:
        yield Fault(row.id, FaultKind.GRADE, f"{newest.grade} ≠ {row.grade}")
    known = [source.instrument for source in row.sources]
    key = newest.source.instrument.key
    if key not in known:
        yield Fault(row.id, FaultKind.INSTRUMENT, f"{key} ∉ {', '.join(known)}")
    if not row.may_bind and any(rule.binding for rule in versions):
        yield Fault(row.id, FaultKind.BINDS)


def _left_out(found: Coverage) -> Iterator[Fault]:
    left = {(entry.instrument, entry.provision.zh_hans) for entry in found.uncovered}
    for act in found.acts:
        for article in act.articles:
            name = article.provision.name.zh_hans
            if (act.instrument.key, name) in left and article.rules:
                subject = f"{act.instrument.key} {name}"
                yield Fault(subject, FaultKind.LEFT_OUT, ", ".join(article.rules))


def _acts(book: Rulebook) -> tuple[Act, ...]:
    first, also, others = _citations(book)
    return tuple(
        Act(
            instrument=act,
            pack=pack.id,
            jurisdiction=pack.jurisdiction,
            verified_by=pack.verified_by,
            verified_on=pack.verified_on,
            articles=tuple(
                Article(provision, *(_at(part, act, provision) for part in (first, also, others)))
                for provision in act.provisions.values()
            ),
        )
        for pack in book.packs
        for act in pack.instruments
    )


_Cites = dict[tuple[str, str], list[str]]  # who cites a provision of an instrument


def _citations(book: Rulebook) -> tuple[_Cites, _Cites, _Cites]:
    first: _Cites = {}
    also: _Cites = {}
    others: _Cites = {}
    for rule in _each(book.law.rules):
        first.setdefault(_key(rule.source), []).append(rule.id)
        for besides in rule.also:
            also.setdefault(_key(besides), []).append(rule.id)
    for label in _each(book.law.labels):
        for source in (label.source, *label.also):
            others.setdefault(_key(source), []).append(label.id)
    for parameter in book.law.parameters.values():
        for value in parameter.values:
            others.setdefault(_key(value.source), []).append(parameter.name)
    return first, also, others


def _key(source: Cited) -> tuple[str, str]:
    return source.instrument.key, source.provision.name.zh_hans


def _each(versions: Mapping[str, Iterable[Rule]]) -> Iterator[Rule]:
    return chain.from_iterable(versions.values())


def _at(cites: _Cites, act: Instrument, provision: Provision) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cites.get((act.key, provision.name.zh_hans), ())))


def _card(rule: Rule) -> dict[str, Any]:
    until = rule.applies.until
    return {
        "citation": rule.source.named(),
        "grade": rule.grade,
        "binding": rule.binding,
        "gate": rule.gate,
        "topics": list(rule.topics),
        "jurisdiction": rule.jurisdiction,
        "from": rule.applies.since.isoformat(),
        "until": until.isoformat() if until else None,
        "verified_by": rule.verified_by,
    }
