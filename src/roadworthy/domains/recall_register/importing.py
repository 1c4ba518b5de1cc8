"""Recalls from files, in one transaction: all of a file is entered, or nothing of it.

* A row that cannot be used costs only itself and is told with its number, column and reason.
* A file that is read again changes nothing: its recalls are left alone if none of its rows is new.
* What is in memory grows with the recalls of a file, never with its rows.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_noop as _m

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recall_register import entering, errors, formats, merging
from roadworthy.domains.recall_register.cells import Fault
from roadworthy.domains.recall_register.formats import Reading
from roadworthy.domains.recall_register.models import Import
from roadworthy.domains.recall_register.records import Details
from roadworthy.domains.recall_register.states import Format, Origin
from roadworthy.kernel.errors import Invalid
from roadworthy.kernel.tabular import Refused, Row, Table

_INDEXES = frozenset({Format.NHTSA})  # they know less than a notice


@dataclass
class Summary:
    """What an import did. ``rows`` is the sum of the five counts and of the refused rows."""

    format: Format
    encoding: str
    rows: int = 0
    imported: int = 0
    amended: int = 0
    duplicates: int = 0
    blank: int = 0
    refused: list[Refused] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    recalls_new: int = 0
    recalls_changed: int = 0
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        whole = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**whole, "refused": [_told(one) for one in self.refused]}


@transaction.atomic(durable=True)
def import_file(
    path: Path,
    *,
    wanted: Format | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _size: None,
    actor: Actor,
    at: datetime,
) -> Summary:
    """Enter the recalls of a file. ``on_progress`` is told the bytes read and their number.

    Raises:
        NotTheRegister: the actor is neither SAMR nor the platform's operator.
        UnknownFormat, ColumnMissing, ColumnTwice, FileEmpty, FileUnreadable, WrongEncoding.
    """
    by = rights(actor)
    table = Table(path, encoding)
    kind, reader = formats.reader(table, wanted)
    summary = Summary(kind, table.encoding, dry_run=dry_run)
    found: dict[uuid.UUID, Callable[[], Details]] = {}
    rows = table.rows(summary.refused.append, lambda done: on_progress(done, table.size))
    merging.stage(_readings(rows, reader, found, summary))
    counts = merging.counts()
    summary.rows, summary.blank = table.count, table.blank
    summary.imported, summary.amended = counts.get("new", 0), counts.get("amended", 0)
    summary.duplicates = counts.get("duplicate", 0)
    summary.unknown_columns = list(reader.unknown)
    news = {key: found[key]() for key in merging.touched()}
    entered = entering.enter(news, origin=Origin.FILE, fills_only=kind in _INDEXES, at=at)
    summary.recalls_new, summary.recalls_changed = entered.new, entered.changed
    kept = _keep(path, summary, at)
    merging.merge(kept.pk)
    ledger.record(
        event="recall-register:imported",
        subject=f"register-import/{kept.pk}",
        actor=by,
        at=at,
        data={"sha256": kept.sha256, **_counts(summary)},
    )
    transaction.set_rollback(dry_run)
    return summary


def rights(actor: Actor) -> ledger.Named:
    """Return the actor's form for the ledger.

    Raises:
        NotTheRegister, NotAMember.
    """
    if actor.role not in {Role.SAMR_REVIEWER, Role.PLATFORM}:
        raise errors.NotTheRegister
    return witnessed(actor)


def _readings(
    rows: Iterator[Row],
    reader: formats.Reader,
    found: dict[uuid.UUID, Callable[[], Details]],
    summary: Summary,
) -> Iterator[tuple[int, Reading]]:
    for row in rows:
        try:
            if not reader.is_csv:
                _check_text(row)
            reading = reader.read(row.cells)
            if reading.recall not in found:
                reading.details()
        except Fault as fault:
            summary.refused.append(Refused(row.number, fault.column, fault.value, fault.error))
        except Invalid as wrong:
            summary.refused.append(Refused(row.number, "", "", wrong))
        except KeyError as missing:
            name = str(missing.args[0])
            summary.refused.append(Refused(row.number, name, "", errors.FieldMissing(field=name)))
        else:
            found.setdefault(reading.recall, reading.details)
            yield row.number, reading


def _check_text(row: Row) -> None:
    for name, value in row.cells.items():
        words = str(value)
        if "\0" in words or any("\ud800" <= c <= "\udfff" for c in words):
            raise Fault(name, "", _m("The field holds characters that are not text."))


def _keep(path: Path, summary: Summary, at: datetime) -> Import:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Import.objects.create(
        file_name=path.name[:300],
        sha256=sha256,
        format=summary.format,
        encoding=summary.encoding,
        summary=_counts(summary),
        at=at,
    )


def _counts(summary: Summary) -> dict[str, Any]:
    told = summary.as_json()
    return {**told, "refused": len(summary.refused)}


def _told(one: Refused) -> dict[str, Any]:
    """Return a refused row with its reason in both languages."""
    with translation.override("zh-hans"):
        chinese = translation.gettext(one.error.message).format(**one.error.data)
    return {
        "row": one.row, "column": one.column, "value": one.value, "reason": one.reason,
        "reason_zh": chinese,
    }  # fmt: skip
