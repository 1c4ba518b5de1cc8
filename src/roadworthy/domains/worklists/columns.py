"""What each source of work publishes: one queryset, its columns always these, in this order.

So the database can put all sources one below the other, sort them, count them and cut out a page;
nothing is built for an item that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    Expression,
    F,
    Field,
    Func,
    JSONField,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists.asked import Lines
from roadworthy.domains.worklists.items import ROLES, Kind

_TEXT, _JSON, _NUMBER = TextField(), JSONField(), BigIntegerField()
_ROLES: Final = ArrayField(TextField())
TYPES: Final[Mapping[str, Field[Any, Any]]] = {
    "id": _NUMBER,  # of the row in the domain that it comes from
    "kind": _TEXT,
    "subject": _TEXT,
    "about": _JSON,
    "title": _JSON,
    "due": _JSON,
    "due_on": DateField(),
    "since": DateTimeField(),
    "changed_at": DateTimeField(),
    "rule_id": _TEXT,
    "why": _JSON,
    "state": _TEXT,
    "number": _NUMBER,
    "limit_of": _TEXT,
    "roles": _ROLES,
    "page": _TEXT,  # what is opened, and which one: portals know the address
    "page_of": _TEXT,
    "person_id": _NUMBER,  # who has it, where the domain itself says so
    "done": BooleanField(),
}
_USUAL: Final[Mapping[str, Any]] = {
    "about": {},
    "title": {},
    "due": {},
    "due_on": None,
    "rule_id": "",
    "why": {},
    "state": "",
    "number": 0,
    "limit_of": "",
    "person_id": None,
    "done": False,
}
_PREFIX: Final = "line_"  # a column may have the name of a field of the model
DATED: Final[Mapping[str, str]] = {"kind": "date"}


def lines(
    rows: QuerySet[Any], *, kind: Any, subject: Any, since: Any, page: tuple[Any, Any], **more: Any
) -> Lines:
    """Return a domain's rows as pieces of work; ``more`` are others of the columns above.

    An expression of Django's is taken from the row; anything else is the same for all rows.
    """
    given: dict[str, Any] = {
        **_USUAL,
        "id": F("pk"),
        "kind": kind,
        "subject": subject,
        "since": since,
        "changed_at": since,
        "page": page[0],
        "page_of": page[1],
        **more,
    }
    given.setdefault("roles", ROLES[kind] if isinstance(kind, Kind) else ())
    columns = {_PREFIX + name: _column(given[name], of) for name, of in TYPES.items()}
    return rows.order_by().annotate(**columns).values_list(*columns)


def roles_of(first: Expression | F, *others: Role) -> Func:
    """Return a role that a row names, and others after it."""
    return Func(
        first,
        *(Value(str(one)) for one in others),
        template="ARRAY[%(expressions)s]",
        output_field=_ROLES,
    )


def joined(*parts: Any) -> Func:
    """Return the parts that there are, with a space between."""
    return Func(Value(" "), *parts, function="CONCAT_WS", output_field=_TEXT)


def _column(given: Any, of: Field[Any, Any]) -> Expression:
    if isinstance(given, F | Expression):
        # A joined row may not be there.
        usual = Value({}, _JSON) if of is _JSON else Value("") if of is _TEXT else None
        typed = Cast(given, of)
        return Coalesce(typed, Cast(usual, of)) if usual else typed
    if of is _ROLES:
        return Cast(Value([str(one) for one in given], _ROLES), _ROLES)
    return Cast(Value(_plain(given), of), of)


def _plain(given: Any) -> Any:
    if isinstance(given, str):
        return str(given)  # psycopg would take an enumeration for a type of the database
    return dict(given) if isinstance(given, Mapping) else given
