"""What can be asked about reports and imports. The manufacturer comes first.

A manufacturer reads its own registers and the public ones; nobody reads another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.db import connection
from django.db.models import Q, QuerySet

from roadworthy.domains.surveillance import errors
from roadworthy.domains.surveillance.importing import LOCK
from roadworthy.domains.surveillance.models import Fault, ImportRun, Register


@dataclass(frozen=True, slots=True)
class Told:
    """A row that was refused or warned of, with the reason in words (a msgid and its facts)."""

    row: int
    column: str
    value: str
    code: str
    message: str
    facts: Mapping[str, Any]

    @property
    def reason(self) -> str:
        """Return the reason in English."""
        return self.message.format(**self.facts)


class Faults(Sequence[Told]):
    """The rows of one run that were refused or warned of, in their order; read as needed."""

    def __init__(self, rows: QuerySet[Fault]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return self._rows.count()

    @overload
    def __getitem__(self, place: int) -> Told: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Told]: ...
    def __getitem__(self, place: int | slice) -> Told | Sequence[Told]:
        if isinstance(place, slice):
            return [_told(one) for one in self._rows[place]]
        return _told(self._rows[place])

    def __iter__(self) -> Any:
        return map(_told, self._rows.iterator(chunk_size=5000))


def faults(run_id: int, *, warnings: bool) -> Faults:
    """Return what was refused, or taken with a warning, in a run that was asked for."""
    return Faults(Fault.objects.filter(run_id=run_id, is_warning=warnings).order_by("row", "pk"))


def _told(one: Fault) -> Told:
    message = errors.FAULTS[one.code].message
    return Told(one.row, one.column, one.value, one.code, message, one.facts)


def message_of(code: str) -> str:
    """Return the sentence (a msgid) of an error that ended an import."""
    every = (errors.WrongEncoding, errors.BrokenJson, errors.NoSuchFile)
    return next((one.message for one in every if one.code == code), code)


def registers(manufacturer_id: int | None) -> QuerySet[Register]:
    """Return the registers that may be read: the public ones, and the manufacturer's own."""
    return Register.objects.filter(
        Q(manufacturer=None) | Q(manufacturer_id=manufacturer_id)
    ).order_by("manufacturer_id", "source")


def runs(manufacturer_id: int | None) -> QuerySet[ImportRun]:
    """Return the imports into those registers, newest first."""
    return (
        ImportRun.objects.filter(register__in=registers(manufacturer_id))
        .select_related("register", "given_by")
        .order_by("-pk")
    )


def run(manufacturer_id: int | None, run_id: int) -> ImportRun:
    """Return one import.

    Raises:
        NoSuchRun: there is none that may be read.
    """
    found = runs(manufacturer_id).filter(pk=run_id).first()
    if found is None:
        raise errors.NoSuchRun
    return found


def at_work(run_ids: Sequence[int]) -> frozenset[int]:
    """Return which of the imports have a process that works on them right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCK],
        )
        locked = {int(row[0]) for row in cursor.fetchall()}
    return frozenset(locked & set(run_ids))
