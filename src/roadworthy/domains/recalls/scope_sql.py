"""A scope as SQL: the same three answers as ``scope``, for millions of vehicles in one statement.

The row is ``v`` of ``vehicles_vehicle``. VINs are compared byte by byte (``COLLATE "C"``): what a
database thinks of languages has no part in it.
"""

# ruff: noqa: S608 - made of the words below only; what a person wrote goes in as parameters
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from roadworthy.domains.recalls.scope import (
    All,
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
    ecus,
    leaves,
)
from roadworthy.domains.recalls.scope_groups import Group, grouped, taken
from roadworthy.domains.recalls.scope_vin import ANY, Pattern, VinRange

OUT, IN = "taken_out", "taken_in"
_SIDES: Final[Mapping[str, Callable[[Scope], Sequence[Clause]]]] = {
    OUT: lambda scope: scope.exceptions,
    IN: lambda scope: scope.inclusions,
}
FENCE: Final = " OFFSET 0"  # PostgreSQL works out what stands before it, once


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in a scope stand for here."""

    types: Mapping[str, int]  # code -> id
    types_with: Mapping[str, Sequence[int]]  # ECU name -> ids of the types that have it
    # ECU name -> by type the id of its ECU; a type that has two of the name is in the second, too.
    ecus: Mapping[str, Sequence[Mapping[int, int]]]


@dataclass(slots=True)
class Sql:
    """A piece of SQL with what goes into its places."""

    text: str
    parameters: list[Any] = field(default_factory=list)


def looked_at(scope: Scope, names: Names, manufacturer_id: int) -> Sql:
    """Return the registered vehicles of a maker with what the clauses say of each.

    * ``cN``: whether clause N holds; ``taken_out`` and ``taken_in``: the first of those clauses
      that were looked up together (``scope_groups``), 0 for none, null where no VIN is known.
    * Every clause is looked at once for each vehicle, however often its answer is needed: what
      stands before ``FENCE`` is not worked out again.
    """
    columns, joins = [], []
    for name, clauses in _SIDES.items():
        groups, together = grouped(clauses(scope), name)
        columns.append(_first_of(groups, name))
        joins += [Sql(one.join, [*one.of_join]) for one in groups]
        for clause in clauses(scope):
            if clause.number not in together:
                sql = term(clause.term, names)
                columns.append(Sql(f"({sql.text}) AS c{clause.number}", sql.parameters))
    joins += [_installed(name, names) for name in sorted(ecus([c.term for c in scope.clauses]))]
    text = (
        f"SELECT v.id, v.type_id, v.last_seen_at, {', '.join(one.text for one in columns)} "
        f"FROM vehicles_vehicle v {' '.join(one.text for one in joins)} "
        f"WHERE v.manufacturer_id = %s AND v.type_id IS NOT NULL {FENCE * is_costly(scope)}"
    )
    parameters = [p for one in (*columns, *joins) for p in one.parameters]
    return Sql(text, [*parameters, manufacturer_id])


def _first_of(groups: Sequence[Group], name: str) -> Sql:
    if not groups:
        return Sql(f"0 AS {name}")
    first = ", ".join(one.column for one in groups)
    text = f"CASE WHEN v.vin IS NOT NULL THEN coalesce(LEAST({first}), 0) END AS {name}"
    return Sql(text, [p for one in groups for p in one.of_column])


def is_costly(scope: Scope) -> bool:
    """Say whether to look at a clause once more costs more than to keep its answer."""
    cheap = (All, TypeIs, Built, BuiltUnknown)
    return any(not isinstance(leaf, cheap) for one in scope.clauses for leaf in leaves(one.term))


def decision(scope: Scope) -> str:
    """Return an expression: clause that takes in, minus the one that takes out, 0 open, null out.

    The order of its cases is that of ``Scope.verdict``; the row is one of ``looked_at``.
    """
    first, holds = {}, {}
    for name, clauses in _SIDES.items():
        groups, together = grouped(clauses(scope), name)
        alone = [one.number for one in clauses(scope) if one.number not in together]
        looked_up = [f"v.{name} > 0"] if groups else []
        holds[name] = " OR ".join([*looked_up, *(f"v.c{number}" for number in alone)])
        cases = " ".join(f"WHEN v.c{number} THEN {number}" for number in alone)
        either = [f"NULLIF(v.{name}, 0)"] * bool(groups) + [f"CASE {cases} END"] * bool(alone)
        first[name] = f"LEAST({', '.join(either)})"
    cases = f"WHEN {holds[IN]} THEN {first[IN]} WHEN ({holds[IN]}) IS NULL THEN 0"
    if holds[OUT]:
        cases = (
            f"WHEN {holds[OUT]} THEN -{first[OUT]} "
            f"WHEN ({holds[OUT]}) IS NULL AND ({holds[IN]}) IS NOT FALSE THEN 0 {cases}"
        )
    return f"CASE {cases} END"


def _installed(name: str, names: Names) -> Sql:
    """Join what an ECU of this name runs: one row for each vehicle, from its own type's ECU."""
    text, parameters = [], []
    for alias, by_type in zip(_aliases(name, names), names.ecus.get(name, ()), strict=True):
        types = sorted(by_type)
        ids = [by_type[one] for one in types]
        text.append(
            f"LEFT JOIN vehicles_installedsoftware {alias} ON {alias}.vehicle_id = v.id "
            f"AND {alias}.ecu_id = ANY(%s::bigint[]) "
            f"AND {alias}.ecu_id = (%s::bigint[])[width_bucket(v.type_id, %s::bigint[])]"
        )
        parameters += [ids, ids, types]
    return Sql(" ".join(text), parameters)


def _aliases(name: str, names: Names) -> list[str]:
    place = sorted(names.ecus).index(name) if name in names.ecus else 0
    return [f"ecu{place}_{n}" for n in range(len(names.ecus.get(name, ())))]


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
        conditions.append(f'({taken(one.places)}) COLLATE "C" BETWEEN %s AND %s')
        parameters += [one.serial(one.low), one.serial(one.high)]
    return Sql(" AND ".join(conditions), parameters)


def _built(one: Built) -> Sql:
    if one.since is not None and one.until is not None:
        return Sql("v.built_on BETWEEN %s AND %s", [one.since, one.until])
    if one.since is not None:
        return Sql("v.built_on >= %s", [one.since])
    return Sql("v.built_on <= %s", [one.until])


def _ecu(one: EcuRuns, names: Names) -> Sql:
    """False on a type without the ECU, null where it is not known what runs."""
    aliases = _aliases(one.ecu, names)
    if not aliases:
        return Sql("FALSE")
    runs = " OR ".join(f"coalesce({alias}.version = ANY(%s::text[]), FALSE)" for alias in aliases)
    is_known = " OR ".join(f"{alias}.version IS NOT NULL" for alias in aliases)
    text = (
        "CASE WHEN v.type_id <> ALL(%s::bigint[]) THEN FALSE "
        f"WHEN {runs} THEN TRUE WHEN {is_known} THEN FALSE END"
    )
    versions = [list(one.versions) for _ in aliases]
    return Sql(text, [list(names.types_with[one.ecu]), *versions])


def _like(pattern: str) -> str:
    return pattern.replace(ANY, "_")
