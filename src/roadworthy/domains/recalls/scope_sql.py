"""A scope as SQL: the same three answers as ``scope``, for millions of vehicles in one statement.

The row is ``v`` of ``vehicles_vehicle``. VINs are compared byte by byte (``COLLATE "C"``): what a
database thinks of languages has no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roadworthy.domains.recalls.scope import (
    And,
    Built,
    BuiltUnknown,
    Clause,
    EcuRuns,
    Not,
    Or,
    Scope,
    Term,
    TypeIs,
    VinBetween,
    VinIs,
)
from roadworthy.domains.recalls.scope_vin import ANY, Pattern, VinRange


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in a scope stand for here."""

    types: Mapping[str, int]  # code -> id
    ecus: Mapping[str, Sequence[int]]  # name -> ids, one for each type that has it
    types_with: Mapping[str, Sequence[int]]  # ECU name -> ids of those types


@dataclass(slots=True)
class Sql:
    """A piece of SQL with what goes into its places."""

    text: str
    parameters: list[Any] = field(default_factory=list)


def decision(scope: Scope, names: Names) -> Sql:
    """Return an expression: clause that takes in, minus the one that takes out, 0 open, null out.

    The order of its cases is that of ``Scope.verdict``.
    """
    cases, parameters = [], []
    exceptions = [_one(clause, names) for clause in scope.exceptions]
    inclusions = [_one(clause, names) for clause in scope.inclusions]
    taken_in = _any(inclusions)
    for clause, term in zip(scope.exceptions, exceptions, strict=True):
        cases.append(f"WHEN {term.text} THEN -{clause.number}")
        parameters += term.parameters
    if exceptions:
        left_open = _any(exceptions)
        cases.append(f"WHEN ({left_open.text}) IS NULL AND ({taken_in.text}) IS NOT FALSE THEN 0")
        parameters += [*left_open.parameters, *taken_in.parameters]
    for clause, term in zip(scope.inclusions, inclusions, strict=True):
        cases.append(f"WHEN {term.text} THEN {clause.number}")
        parameters += term.parameters
    cases.append(f"WHEN ({taken_in.text}) IS NULL THEN 0")
    parameters += taken_in.parameters
    return Sql(f"CASE {' '.join(cases)} END", parameters)


def could_be_in(scope: Scope, names: Names) -> Sql:
    """Return a condition that every vehicle meets that is not plainly out: what to look at."""
    taken_in = _any([_one(clause, names) for clause in scope.inclusions])
    return Sql(f"({taken_in.text}) IS NOT FALSE", taken_in.parameters)


def _one(clause: Clause, names: Names) -> Sql:
    return term(clause.term, names)


def _any(some: Sequence[Sql]) -> Sql:
    return Sql(
        " OR ".join(f"({one.text})" for one in some), [p for one in some for p in one.parameters]
    )


def term(one: Term, names: Names) -> Sql:
    """Return a term as a condition that is true, false or null."""
    match one:
        case EcuRuns():
            return _ecu(one, names)
        case Not():
            inner = term(one.term, names)
            return Sql(f"NOT ({inner.text})", inner.parameters)
        case And():
            return _joined(" AND ", one.terms, names)
        case Or():
            return _joined(" OR ", one.terms, names)
        case _:
            return _simple(one, names)


def _simple(one: Term, names: Names) -> Sql:
    """Return a term that looks at the vehicle's own row only."""
    match one:
        case VinIs():
            return _vins(one.patterns)
        case VinBetween():
            return _between(one.range)
        case TypeIs():
            ids = [names.types[code] for code in one.codes if code in names.types]
            return Sql("v.type_id = ANY(%s::bigint[])", [ids])
        case Built():
            return _built(one)
        case BuiltUnknown():
            return Sql("v.built_on IS NULL")
        case _:
            return Sql("TRUE")


def _joined(word: str, terms: Sequence[Term], names: Names) -> Sql:
    parts = [term(one, names) for one in terms]
    return Sql(
        word.join(f"({one.text})" for one in parts), [p for one in parts for p in one.parameters]
    )


def _vins(patterns: Sequence[Pattern]) -> Sql:
    whole = [one.text for one in patterns if one.is_whole]
    parts = [Sql("v.vin = ANY(%s::text[])", [whole])] if whole else []
    parts += [Sql("v.vin LIKE %s", [_like(p.text)]) for p in patterns if not p.is_whole]
    return _any(parts)


def _between(one: VinRange) -> Sql:
    conditions = ["v.vin LIKE %s"]
    parameters: list[Any] = [_like(one.head) + "%"]
    if one.places:
        taken = " || ".join(f"substr(v.vin, {a + 1}, {n})" for a, n in _runs(one.places))
        conditions.append(f'({taken}) COLLATE "C" BETWEEN %s AND %s')
        parameters += [one.serial(one.low), one.serial(one.high)]
    return Sql(" AND ".join(conditions), parameters)


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return stretches of neighbouring places as (first, length)."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and found[-1][0] + found[-1][1] == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((place, 1))
    return found


def _built(one: Built) -> Sql:
    if one.since is not None and one.until is not None:
        return Sql("v.built_on BETWEEN %s AND %s", [one.since, one.until])
    if one.since is not None:
        return Sql("v.built_on >= %s", [one.since])
    return Sql("v.built_on <= %s", [one.until])


def _ecu(one: EcuRuns, names: Names) -> Sql:
    """False on a type without the ECU, null where it is not known what runs."""
    ids = list(names.ecus.get(one.ecu, ()))
    types = list(names.types_with.get(one.ecu, ()))
    runs = (
        "SELECT s.vehicle_id FROM vehicles_installedsoftware s WHERE s.ecu_id = ANY(%s::bigint[])"
    )
    text = (
        "CASE WHEN v.type_id <> ALL(%s::bigint[]) THEN FALSE "
        f"WHEN v.id IN ({runs} AND s.version = ANY(%s::text[])) THEN TRUE "
        f"WHEN v.id IN ({runs}) THEN FALSE END"
    )
    return Sql(text, [types, ids, list(one.versions), ids])


def _like(pattern: str) -> str:
    return pattern.replace(ANY, "_")
