"""Which vehicles a recall is about: a small language, read here without a database.

One clause a line; a line that begins with ``except`` takes vehicles out::

    type SW-S1 and built 2024-02-06 .. 2024-11-26
    vin VF7******AZ025918 .. VF7******AZ030421
    ecu adas = "2.0.1", "2.0.2"
    except vin LTVAAAAA0SA000150

* Terms: ``all``; ``vin`` with a list, patterns or a range; ``type`` with codes; ``built`` with a
  range, ``from``, ``until`` or ``unknown``; ``ecu NAME =`` with versions. They are joined by
  ``and``, ``or``, ``not`` and brackets. ``#`` at the beginning of a line is a remark.
* What is not known of a vehicle makes a term neither true nor false: such a vehicle is not in, and
  it is counted apart, never silently out.
* The first exception that holds decides, then the first clause that holds: so there is one reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.translation import gettext_noop as _m

from roadworthy.domains.recalls.scope_vin import Pattern, VinRange, between, pattern
from roadworthy.kernel.errors import Invalid

MOST_CLAUSES: Final = 500
_TOKEN: Final = re.compile(r'\s*(?:"([^"]*)"|(\.\.|[(),=])|((?:(?!\.\.)[^\s(),="])+))')
_WORDS: Final = frozenset({"and", "or", "not"})


class ScopeError(Invalid):
    code = "scope-unclear"
    message = "Line {line}: {problem}"


class Unclear(Invalid):
    code = "scope-term-unclear"
    message = 'Expected: {wanted}. Found: "{found}".'


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one vehicle; None and absence: not known."""

    vin: str | None
    type_code: str | None
    built_on: date | None = None
    # Of its type: what runs on each; empty where it is not known.
    ecus: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class All:
    def holds(self, _vehicle: Known) -> bool | None:
        return True


@dataclass(frozen=True, slots=True)
class VinIs:
    patterns: tuple[Pattern, ...]

    def holds(self, vehicle: Known) -> bool | None:
        vin = vehicle.vin
        return None if vin is None else any(one.matches(vin) for one in self.patterns)


@dataclass(frozen=True, slots=True)
class VinBetween:
    range: VinRange

    def holds(self, vehicle: Known) -> bool | None:
        return None if vehicle.vin is None else self.range.matches(vehicle.vin)


@dataclass(frozen=True, slots=True)
class TypeIs:
    codes: tuple[str, ...]

    def holds(self, vehicle: Known) -> bool | None:
        return None if vehicle.type_code is None else vehicle.type_code in self.codes


@dataclass(frozen=True, slots=True)
class Built:
    since: date | None
    until: date | None

    def holds(self, vehicle: Known) -> bool | None:
        day = vehicle.built_on
        if day is None:
            return None
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


@dataclass(frozen=True, slots=True)
class BuiltUnknown:
    def holds(self, vehicle: Known) -> bool | None:
        return vehicle.built_on is None


@dataclass(frozen=True, slots=True)
class EcuRuns:
    ecu: str
    versions: tuple[str, ...]

    def holds(self, vehicle: Known) -> bool | None:
        if self.ecu not in vehicle.ecus:
            return None if vehicle.type_code is None else False
        running = vehicle.ecus[self.ecu]
        return any(one in self.versions for one in running) if running else None


@dataclass(frozen=True, slots=True)
class Not:
    term: Term

    def holds(self, vehicle: Known) -> bool | None:
        inner = self.term.holds(vehicle)
        return None if inner is None else not inner


@dataclass(frozen=True, slots=True)
class And:
    terms: tuple[Term, ...]

    def holds(self, vehicle: Known) -> bool | None:
        answers = {one.holds(vehicle) for one in self.terms}
        return False if False in answers else None if None in answers else True


@dataclass(frozen=True, slots=True)
class Or:
    terms: tuple[Term, ...]

    def holds(self, vehicle: Known) -> bool | None:
        answers = {one.holds(vehicle) for one in self.terms}
        return True if True in answers else None if None in answers else False


Term = All | VinIs | VinBetween | TypeIs | Built | BuiltUnknown | EcuRuns | Not | And | Or


@dataclass(frozen=True, slots=True)
class Clause:
    """One line: what it says, and whether it takes out."""

    number: int  # from 1, as ``InScope.clause``
    text: str
    is_exception: bool
    term: Term


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a vehicle is in (None: cannot be said), and which clause decided (0: none)."""

    included: bool | None
    clause: int


@dataclass(frozen=True, slots=True)
class Scope:
    clauses: tuple[Clause, ...]

    @property
    def exceptions(self) -> tuple[Clause, ...]:
        return tuple(one for one in self.clauses if one.is_exception)

    @property
    def inclusions(self) -> tuple[Clause, ...]:
        return tuple(one for one in self.clauses if not one.is_exception)

    def verdict(self, vehicle: Known) -> Verdict:
        """Say whether a vehicle is in, by which clause.

        An exception of which it is not known whether it holds leaves the vehicle open.
        """
        for some, result in ((self.exceptions, False), (self.inclusions, True)):
            answers = [(one.number, one.term.holds(vehicle)) for one in some]
            for number, answer in answers:
                if answer:
                    return Verdict(included=result, clause=number)
            open_ = [number for number, answer in answers if answer is None]
            if open_ and (result or self._may_be_in(vehicle)):
                return Verdict(included=None, clause=open_[0])
        return Verdict(included=False, clause=0)

    def _may_be_in(self, vehicle: Known) -> bool:
        return any(one.term.holds(vehicle) is not False for one in self.inclusions)


def parse(text: str) -> Scope:
    """Read a scope.

    Raises:
        ScopeError: a line cannot be read; it says which and why.
    """
    clauses: list[Clause] = []
    for number, raw in enumerate(text.replace("\r", "").split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        is_exception = line.lower().startswith("except ")
        body = line[len("except ") :] if is_exception else line
        try:
            term = _Reader(body).whole()
        except ScopeError:
            raise
        except Invalid as wrong:
            raise ScopeError(line=number, problem=wrong) from wrong
        clauses.append(Clause(len(clauses) + 1, line, is_exception, term))
    if not any(not one.is_exception for one in clauses) or len(clauses) > MOST_CLAUSES:
        problem = Unclear(wanted=_m("a line that takes vehicles in"), found=text.strip()[:40])
        raise ScopeError(line=1, problem=problem)
    return Scope(tuple(clauses))


class _Reader:
    """Reads one line from left to right; each method one rule of the grammar."""

    def __init__(self, line: str) -> None:
        self._tokens = list(_tokens(line))
        self._at = 0

    def whole(self) -> Term:
        term = self._or()
        if self._next is not None:
            raise Unclear(wanted=_m("and, or, or the end of the line"), found=self._next)
        return term

    @property
    def _next(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    @property
    def _word(self) -> str:
        """The next token as a word of the language; "" if it is none (or quoted)."""
        if self._next is None or self._tokens[self._at][1]:
            return ""
        return self._next.lower()

    def _take(self, wanted: str) -> str:
        token = self._next
        if token is None:
            raise Unclear(wanted=wanted, found="⏎")
        self._at += 1
        return token

    def _or(self) -> Term:
        terms = [self._and()]
        while self._word == "or":
            self._at += 1
            terms.append(self._and())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _and(self) -> Term:
        terms = [self._unary()]
        while self._word == "and":
            self._at += 1
            terms.append(self._unary())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _unary(self) -> Term:
        if self._word == "not":
            self._at += 1
            return Not(self._unary())
        if self._word == "(":
            self._at += 1
            inner = self._or()
            if self._word != ")":
                raise Unclear(wanted=")", found=self._next or "⏎")
            self._at += 1
            return inner
        return self._term()

    def _term(self) -> Term:
        readers = {
            "all": All,
            "vin": self._vin,
            "type": self._type,
            "built": self._built,
            "ecu": self._ecu,
        }
        word = self._word
        if word not in readers:
            wanted = _m("vin, type, built, ecu or all")
            raise Unclear(wanted=wanted, found=self._next or "⏎")
        self._at += 1
        return readers[word]()

    def _vin(self) -> Term:
        first = self._take(_m("a VIN"))
        if self._word in {"..", "to", "-", "–", "至"}:
            self._at += 1
            return VinBetween(between(first, self._take(_m("the end of the range"))))
        patterns = [pattern(first)]
        while self._word == ",":
            self._at += 1
            patterns.append(pattern(self._take(_m("a VIN"))))
        return VinIs(tuple(patterns))

    def _type(self) -> Term:
        return TypeIs(self._list(_m("the code of a type")))

    def _built(self) -> Term:
        if self._word == "unknown":
            self._at += 1
            return BuiltUnknown()
        if self._word in {"from", "until"}:
            is_start = self._word == "from"
            self._at += 1
            day = self._day()
            return Built(day if is_start else None, None if is_start else day)
        since = self._day()
        if self._word not in {"..", "to"}:
            return Built(since, since)
        self._at += 1
        until = self._day()
        if until < since:
            raise Unclear(wanted=_m("a day that is not before the first"), found=until)
        return Built(since, until)

    def _ecu(self) -> Term:
        name = self._take(_m("the name of an ECU"))
        if self._word != "=":
            raise Unclear(wanted="=", found=self._next or "⏎")
        self._at += 1
        return EcuRuns(name, self._list(_m("a version")))

    def _list(self, wanted: str) -> tuple[str, ...]:
        found = [self._value(wanted)]
        while self._word == ",":
            self._at += 1
            found.append(self._value(wanted))
        return tuple(found)

    def _value(self, wanted: str) -> str:
        if self._word in _WORDS | {"(", ")", ",", "="}:
            raise Unclear(wanted=wanted, found=self._next)
        return self._take(wanted)

    def _day(self) -> date:
        token = self._take(_m("a day"))
        try:
            return date.fromisoformat(token)
        except ValueError:
            raise Unclear(wanted=_m("a day, year-month-day"), found=token) from None


def _tokens(line: str) -> Iterator[tuple[str, bool]]:
    """Yield the tokens of a line, each with whether it was quoted."""
    at, end = 0, len(line.rstrip())
    while at < end:
        found = _TOKEN.match(line, at)
        if found is None:
            raise Unclear(wanted=_m("a closing quotation mark"), found=line[at:].strip()[:20])
        quoted, sign, word = found.groups()
        if quoted is not None:
            yield quoted, True
        else:
            yield sign or word, False
        at = found.end()


def ecus(terms: Sequence[Term]) -> frozenset[str]:
    """Return the names of the ECUs that terms ask about."""
    return frozenset(one.ecu for term in terms for one in leaves(term) if isinstance(one, EcuRuns))


def types(terms: Sequence[Term]) -> frozenset[str]:
    """Return the codes of the types that terms name."""
    return frozenset(
        code
        for term in terms
        for one in leaves(term)
        if isinstance(one, TypeIs)
        for code in one.codes
    )


def leaves(term: Term) -> Iterator[Term]:
    """Return the terms of a term that are made of no others."""
    match term:
        case Not():
            yield from leaves(term.term)
        case And() | Or():
            for one in term.terms:
                yield from leaves(one)
        case _:
            yield term
