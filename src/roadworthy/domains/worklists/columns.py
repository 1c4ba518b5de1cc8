"""What each source of work publishes: one queryset, its columns always these, in this order.

So the database can put all sources one below the other, sort them, count them and cut out a page;
nothing is built for an item that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import Expression, F, Func, QuerySet, TextField, Value
from django.db.models.expressions import BaseExpression
from psycopg.types.json import Jsonb

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists.items import ROLES, Kind

TYPES: Final[Mapping[str, str]] = {
    "id": "bigint",  # of the row in the domain that it comes from
    "kind": "text",
    "subject": "text",
    "about": "jsonb",
    "title": "jsonb",
    "due": "jsonb",
    "due_on": "date",
    "since": "timestamptz",
    "changed_at": "timestamptz",
    "rule_id": "text",
    "why": "jsonb",
    "state": "text",
    "number": "bigint",
    "limit_of": "text",
    "roles": "text[]",
    "page": "text",  # what is opened, and which one: portals know the address
    "page_of": "text",
    "person_id": "bigint",  # who has it, where the domain itself says so
    "done": "boolean",
}
# What stands where nothing was said, or a joined row is not there.
EMPTY: Final[Mapping[str, str]] = {"text": "''", "jsonb": "'{}'", "boolean": "false"}
DATED: Final[Mapping[str, str]] = {"kind": "date"}
PREFIX: Final = "work_"  # a column may have the name of a field of the model


@dataclass(frozen=True, slots=True)
class Lines:
    """The rows of one source, and the columns that are the same for all of them."""

    rows: QuerySet[Any, Any]  # with each other column under its name and PREFIX
    fixed: Mapping[str, Any]

    def __contains__(self, column: str) -> bool:
        """Say whether a column is taken from the rows."""
        return PREFIX + column in self.rows.query.annotations


def lines(
    rows: QuerySet[Any], *, kind: Any, subject: Any, since: Any, page: tuple[Any, Any], **more: Any
) -> Lines:
    """Return a domain's rows as pieces of work; ``more`` are others of the columns above.

    An expression of Django's is taken from the row; anything else is the same for all rows.
    """
    given = {
        "id": F("pk"),
        "kind": kind,
        "subject": subject,
        "since": since,
        "changed_at": since,
        "page": page[0],
        "page_of": page[1],
        "number": 0,
        **more,
    }
    given.setdefault("roles", ROLES[kind] if isinstance(kind, Kind) else ())
    taken = {
        PREFIX + name: one for name, one in given.items() if isinstance(one, F | BaseExpression)
    }
    fixed = {name: _plain(one) for name, one in given.items() if PREFIX + name not in taken}
    return Lines(rows.order_by().annotate(**taken).values(*taken), fixed)


def roles_of(first: Expression | F, *others: Role) -> Func:
    """Return a role that a row names, and others after it."""
    return Func(
        first,
        *(Value(str(one)) for one in others),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(TextField()),
    )


def joined(*parts: Any) -> Func:
    """Return the parts that there are, with a space between."""
    return Func(Value(" "), *parts, function="CONCAT_WS", output_field=TextField())


def _plain(given: Any) -> Any:
    if isinstance(given, str):
        return str(given)  # psycopg would take an enumeration for a type of the database
    if isinstance(given, tuple):
        return [str(one) for one in given]
    return Jsonb(dict(given)) if isinstance(given, Mapping) else given
