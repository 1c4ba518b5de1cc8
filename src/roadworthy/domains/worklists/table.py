"""All work of an organisation as one table in the database: sorted, counted and cut out there.

* The legs are what the sources publish (``columns``); who was given an item is joined to them.
* The order and what is late are those of ``items.WorkItem``, said once more in SQL; a test holds
  the two together.
* What it costs hardly depends on how much there is: a page builds only its own rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, overload

from django.core.exceptions import EmptyResultSet
from django.db import connection

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists.asked import Asked, Sources
from roadworthy.domains.worklists.columns import EMPTY, PREFIX, TYPES, Lines
from roadworthy.domains.worklists.items import Kind, Person, Urgency, WorkItem
from roadworthy.domains.worklists.models import Assignment
from roadworthy.rules.answers import DueKind

_NAMES: Final = ", ".join(TYPES)
_ORDER: Final = " ORDER BY urgency, day NULLS LAST, since, kind, id"
_GIVEN: Final = f"""
  SELECT DISTINCT ON (item) item, number AS links, to_id FROM {Assignment._meta.db_table}
  WHERE organisation_id = %s ORDER BY item, number DESC
"""  # noqa: S608, SLF001 - nothing in it comes from outside
_HELD: Final = f"""
  SELECT line.*, coalesce(links, 0) AS given,
    CASE WHEN links IS NULL THEN person_id ELSE to_id END AS holder,
    CASE WHEN due ->> 'kind' = '{DueKind.KEEP_UNTIL}' THEN NULL ELSE due_on END AS day
  FROM line LEFT JOIN given ON item = kind || '/' || id
"""  # noqa: S608
_WORK: Final = f"""
  SELECT held.*, CASE
      WHEN day < %s AND NOT done THEN {Urgency.LATE:d}
      WHEN day IS NOT NULL THEN {Urgency.DATED:d}
      WHEN due = '{{}}' THEN {Urgency.WAITING:d}
      WHEN due ->> 'kind' = '{DueKind.IMMEDIATE}' THEN {Urgency.IMMEDIATE:d}
      WHEN due ->> 'kind' = '{DueKind.PROMPT}' THEN {Urgency.PROMPT:d}
      ELSE {Urgency.LATER:d}
    END AS urgency
  FROM held
"""  # noqa: S608
_USER: Final = User._meta.db_table  # noqa: SLF001
_NAME: Final = f"CASE WHEN holder > 0 THEN (SELECT name FROM {_USER} WHERE id = holder) END"  # noqa: S608
_TEXT: Final = (
    "concat_ws(chr(10), subject, rule_id, about ->> 'zh-hans', about ->> 'en',"
    f" title ->> 'zh-hans', title ->> 'en', {_NAME})"
)
_ROWS: Final = f"SELECT {_NAMES}, given, holder, {_NAME} FROM chosen"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Part:
    """A condition on the work, and what stands for its %s."""

    sql: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: Part) -> Part:
        return Part(f"({self.sql}) AND ({other.sql})", (*self.values, *other.values))


EVERYTHING: Final = Part("true")
LATE: Final = Part(f"urgency = {Urgency.LATE:d}")
PRESSING: Final = Part(f"urgency < {Urgency.LATER:d}")
UNDATED: Final = Part("day IS NULL")
AT_ONCE: Final = Part(f"urgency IN ({Urgency.IMMEDIATE:d}, {Urgency.PROMPT:d})")


def given_to(user_id: int | None) -> Part:
    """Take what a person was given."""
    return Part("holder = %s", (user_id,))


def open_to(user_id: int | None, roles: Iterable[Role]) -> Part:
    """Take what a person was given, and what nobody was and is for one of the roles."""
    names = [str(role) for role in roles]
    return Part("holder = %s OR (holder IS NULL AND roles && %s::text[])", (user_id, names))


def of_kinds(kinds: Iterable[Kind]) -> Part:
    """Take work of these kinds."""
    return Part("kind = ANY(%s)", ([str(kind) for kind in kinds],))


def of_role(role: str) -> Part:
    """Take what is for a role, whoever has it."""
    return Part("%s = ANY(roles)", (role,))


def due_between(first: date, last: date) -> Part:
    """Take what is due on these days."""
    return Part("day BETWEEN %s AND %s", (first, last))


def saying(search: str, tasks: Iterable[tuple[Kind, str]] = ()) -> Part:
    """Take what names something, and the tasks (kind and state) whose words the reader means."""
    pattern = "%" + search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    pairs = [f"{kind}/{state}" for kind, state in tasks]
    return Part(
        f"{_TEXT} ILIKE %s OR (title = '{{}}' AND kind || '/' || state = ANY(%s))",
        (pattern, pairs),
    )


@dataclass(frozen=True)
class Table:
    """The work of an organisation; a list that the database pages, counts and sorts."""

    asked: Asked
    sources: Sources
    kept: Sources = field(default_factory=dict)  # asked as well for what is done ...
    between: tuple[date, date] | None = None  # ... and was due on these days
    where: Part = EVERYTHING
    _counted: list[int] = field(default_factory=list, compare=False)
    _written: list[Part] = field(default_factory=list, compare=False)  # the legs, for all narrowed

    def only(self, part: Part) -> Table:
        """Narrow it."""
        return replace(self, where=self.where & part, _counted=[])

    def counted(self, count: int) -> Table:
        """Say how many there are, where that is known."""
        return replace(self, _counted=[count])

    def count(self) -> int:
        """Count the pieces of work; asked once."""
        if not self._counted:
            self._counted.extend(row[0] for row in self._asked("SELECT count(*) FROM chosen"))
        return self._counted[0]

    def counts(self, *parts: Part) -> dict[Kind, tuple[int, ...]]:
        """Count, for each kind that there is, what belongs to each of the parts."""
        filters = ", ".join(f"count(*) FILTER (WHERE {part.sql})" for part in parts)
        values = [value for part in parts for value in part.values]
        rows = self._asked(f"SELECT kind, {filters} FROM chosen GROUP BY kind", values)  # noqa: S608
        return {Kind(kind): tuple(numbers) for kind, *numbers in rows}

    @overload
    def __getitem__(self, key: int) -> WorkItem: ...
    @overload
    def __getitem__(self, key: slice) -> list[WorkItem]: ...
    def __getitem__(self, key: int | slice) -> WorkItem | list[WorkItem]:
        """Return the items of one page, the most urgent first."""
        if isinstance(key, int):
            return self[key : key + 1][0]
        start = key.start or 0
        most = None if key.stop is None else max(key.stop - start, 0)
        sql = f"SELECT kind, id FROM chosen{_ORDER} LIMIT %s OFFSET %s"  # noqa: S608
        keys = [(kind, number) for kind, number in self._asked(sql, [most, start])]
        found = self._whole(keys)
        return [found[one] for one in keys if one in found]

    def __len__(self) -> int:
        return self.count()

    def by_day(self, most: int) -> list[tuple[WorkItem, int]]:
        """Return at most so many items of each day, with how many the day has."""
        ranked = (
            f"SELECT kind, id, day, row_number() OVER (PARTITION BY day{_ORDER}) AS place,"  # noqa: S608
            " count(*) OVER (PARTITION BY day) AS of_day FROM chosen"
        )
        sql = f"SELECT kind, id, of_day FROM ({ranked}) r WHERE place <= %s ORDER BY day, place"  # noqa: S608
        rows = self._asked(sql, [most])
        found = self._whole([row[:2] for row in rows])
        return [(found[one], of_day) for *key, of_day in rows if (one := tuple(key)) in found]

    def _whole(self, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], WorkItem]:
        """Return these items with all that is said about them: sorting needs only their keys."""
        if not keys:
            return {}
        wanted = {kind: {of for name, of in keys if name == kind} for kind, _of in keys}
        made = replace(
            self,
            asked=replace(self.asked, only=frozenset(number for _kind, number in keys)),
            sources={kinds: one for kinds, one in self.sources.items() if wanted.keys() & kinds},
            kept={kinds: one for kinds, one in self.kept.items() if wanted.keys() & kinds},
            where=EVERYTHING,
            _written=[],
        )
        found = (_item(row) for row in made._asked(_ROWS))  # noqa: SLF001 - of the same class
        return {(str(one.kind), one.id): one for one in found if one.id in wanted.get(one.kind, ())}

    def _asked(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        legs = self._legs()
        head = (
            f"WITH line ({_NAMES}) AS ({legs.sql}), given AS ({_GIVEN}), held AS ({_HELD}),"  # noqa: S608
            f" work AS ({_WORK}), chosen AS (SELECT * FROM work WHERE {self.where.sql}) "
        )
        known = (self.asked.organisation_id, self.asked.today)
        with connection.cursor() as cursor:
            cursor.execute(head + sql, [*legs.values, *known, *self.where.values, *values])
            return list(cursor.fetchall())

    def _legs(self) -> Part:
        """Put what the sources publish one below the other; written once, however often asked."""
        if not self._written:
            self._written.append(self._union())
        return self._written[0]

    def _union(self) -> Part:
        done = replace(self.asked, done=True, between=self.between)
        found = [source(self.asked) for source in self.sources.values()]
        found += [source(done) for source in self.kept.values()]
        legs = [part for one in found if one is not None and (part := _leg(one))] or [_no_leg()]
        values = tuple(value for part in legs for value in part.values)
        return Part(" UNION ALL ".join(part.sql for part in legs), values)


def _no_leg() -> Part:
    return Part(f"SELECT {', '.join(f'NULL::{one}' for one in TYPES.values())} WHERE false")


def _leg(found: Lines) -> Part | None:
    """Return the rows of one source with all columns; the same ones are written beside them."""
    try:
        sql, values = found.rows.query.sql_with_params()
    except EmptyResultSet:  # Django knows that there cannot be any
        return None
    columns, fixed = [], []
    for name, kind in TYPES.items():
        empty = EMPTY.get(kind, "NULL")
        if name in found:
            columns.append(f"coalesce({PREFIX}{name}::{kind}, {empty})")
        elif name in found.fixed:
            columns.append(f"%s::{kind}")
            fixed.append(found.fixed[name])
        else:
            columns.append(f"{empty}::{kind}")
    return Part(f"SELECT {', '.join(columns)} FROM ({sql}) leg", (*fixed, *values))  # noqa: S608


def _item(row: Sequence[Any]) -> WorkItem:
    *columns, given, holder, name = row
    line = dict(zip(TYPES, columns, strict=True))
    for one in ("about", "title", "due", "why"):
        line[one] = json.loads(line[one])
    roles = dict.fromkeys(Role(role) for role in line.pop("roles"))
    page, page_of = line.pop("page"), line.pop("page_of")
    line.pop("person_id")
    return WorkItem(
        **line | {"kind": Kind(line["kind"])},
        roles=tuple(roles),
        link=(page, page_of),
        given=given,
        person=Person(holder, name) if holder else None,
    )
