"""Files of standards in and out: CSV, Excel, OSCAL. What cannot be taken is listed row by row.

* A file is taken in one transaction: every row that is right, each whole, or after a failure none.
* A second import of the same file changes nothing.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
from django.db import transaction
from django.db.models import QuerySet
from openpyxl.utils.exceptions import InvalidFileException

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.standards import entries, errors, keeping, oscal, rows, services, tree
from roadworthy.domains.standards.entries import Entry
from roadworthy.domains.standards.keeping import Asked, Kept
from roadworthy.domains.standards.models import ImportFault, ImportRun, Standard
from roadworthy.domains.standards.rows import ForAll, Places, WrongCell
from roadworthy.kernel import tabular
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError, Invalid

CSV, XLSX, OSCAL = "csv", "xlsx", "oscal"
_FORMS: Final = {".csv": CSV, ".tsv": CSV, ".txt": CSV, ".xlsx": XLSX, ".json": OSCAL}
_LARGEST: Final = 200_000_000  # bytes of a workbook, unpacked
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as a table: the names of its columns, and its rows as its reader counts them."""

    form: str
    columns: Sequence[str]
    rows: Sequence[tuple[int, Mapping[str, Any]]]
    unread: Sequence[tuple[int, str, str]] = ()  # row, value, why: not even cells


def form_of(name: str) -> str:
    """Return how a file is read, by its name.

    Raises:
        NoSuchForm: nobody knows.
    """
    try:
        return _FORMS[Path(name).suffix.lower()]
    except KeyError:
        raise errors.NoSuchForm(name=name) from None


def sheet(path: Path, name: str) -> Sheet:
    """Read a table whole.

    Raises:
        NoSuchForm, WrongWorkbook, FileEmpty, FileUnreadable, WrongEncoding, ColumnTwice.
    """
    try:
        return _workbook(path) if form_of(name) == XLSX else _table(path)
    except Invalid as wrong:
        if "path" not in wrong.data:
            raise
        # A kept file has its digest for a name; its reader knows it by another.
        raise type(wrong)(**{**wrong.data, "path": name}) from None


def _table(path: Path) -> Sheet:
    table = tabular.Table(path)
    unread: list[tabular.Refused] = []
    found = [(row.number, row.cells) for row in table.rows(unread.append)]
    return Sheet(CSV, table.columns, found, [(one.row, one.value, one.reason) for one in unread])


@transaction.atomic(durable=True)
def take_in(
    *,
    path: Path,
    name: str,
    mapping: Mapping[str, str],
    everywhere: ForAll,
    actor: Actor,
    at: datetime,
) -> ImportRun:
    """Take in a table of standards.

    Raises:
        NotAMember, NotYoursToChange, NotMapped, and what ``sheet`` raises.
    """
    by, manufacturer_id = witnessed(actor), scope(actor)
    for wanted in rows.REQUIRED:
        if not mapping.get(wanted):
            raise errors.NotMapped(field=wanted)
    found = sheet(path, name)
    chosen = {key: column for key, column in mapping.items() if column}
    asked, faults = _asked(found, chosen, everywhere, manufacturer_id, at)
    kept = keeping.keep(asked, manufacturer_id=manufacturer_id, role=actor.role, at=at)
    return _written(
        kept,
        faults,
        found.form,
        len(found.rows) + len(found.unread),
        path=path,
        name=name,
        mapping=chosen,
        manufacturer_id=manufacturer_id,
        actor=actor,
        by=by,
        at=at,
    )


@transaction.atomic(durable=True)
def take_in_oscal(*, path: Path, name: str, actor: Actor, at: datetime) -> ImportRun:
    """Take in an OSCAL catalog.

    Raises:
        NotAMember, NotYoursToChange.
        WrongOscal: it is none that can be read.
    """
    by, manufacturer_id = witnessed(actor), scope(actor)
    whole = oscal.read(path.read_bytes())
    asked = [Asked(number, one) for number, one in enumerate(whole, start=1)]
    kept = keeping.keep(asked, manufacturer_id=manufacturer_id, role=actor.role, at=at)
    return _written(
        kept,
        [],
        OSCAL,
        len(whole),
        path=path,
        name=name,
        mapping={},
        manufacturer_id=manufacturer_id,
        actor=actor,
        by=by,
        at=at,
    )


def scope(actor: Actor) -> int | None:
    """Return whose entries an import keeps; the platform keeps everybody's."""
    return None if actor.role == Role.PLATFORM else services.scope(actor)


def whole(manufacturer_id: int | None) -> list[Entry]:
    """Return everything that somebody may read, or only their own, as entries."""
    found = Standard.objects.filter(manufacturer=None)
    if manufacturer_id is not None:
        found = found | Standard.objects.filter(manufacturer_id=manufacturer_id)
    return [entries.of(one) for one in keeping.with_relations(found).order_by("sort_key")]


def as_oscal(manufacturer_id: int | None) -> bytes:
    """Return the catalogue as an OSCAL catalog."""
    return oscal.exported(whole(manufacturer_id), frameworks())


def as_csv(manufacturer_id: int | None) -> str:
    """Return the catalogue as CSV, with the columns that an import knows."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(rows.COLUMNS)
    writer.writerows(map(_cells, whole(manufacturer_id)))
    return file.getvalue()


def as_xlsx(manufacturer_id: int | None) -> bytes:
    """Return the catalogue as a workbook."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("standards")
    page.append(list(rows.COLUMNS))
    for one in whole(manufacturer_id):
        page.append(_cells(one))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def frameworks() -> list[dict[str, Any]]:
    """Return the frameworks as ``oscal.exported`` wants them, in one order."""
    return [
        {
            "path": f"{one.framework.key}/{one.key}",
            "title": one.framework.title,
            "areas": [
                {
                    "code": bough.code,
                    "title": bough.title,
                    "sub_areas": [
                        {"code": each.code, "title": each.title} for each in bough.branches
                    ],
                }
                for bough in tree.tree(one.pk)
            ],
        }
        for one in tree.versions()
    ]


def _cells(one: Entry) -> list[str]:
    told = {name: getattr(one, name, "") for name in rows.COLUMNS}
    told |= {
        "places": "; ".join(place.path for place in one.places),
        "supersedes": "; ".join(link.number for link in one.supersedes),
        "adopts": "; ".join(each.number for each in one.adopts),
        "note_zh": one.note.get("zh-hans", ""),
        "note_en": one.note.get("en", ""),
    }
    return [_safe("" if value is None else str(value)) for value in told.values()]


def _safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "@", "\t", "\r"} else text


def _asked(
    found: Sheet,
    mapping: Mapping[str, str],
    everywhere: ForAll,
    manufacturer_id: int | None,
    at: datetime,
) -> tuple[list[Asked], list[ImportFault]]:
    known = {
        one.number: entries.of(one)
        for one in keeping.with_relations(Standard.objects.filter(manufacturer_id=manufacturer_id))
    }
    places, today = _places(), legal_day(at)
    faults = [
        ImportFault(row=row, value=value[:200], code="row-unreadable", facts={"reason": why})
        for row, value, why in found.unread
    ]
    asked = []
    for row, cells in found.rows:
        try:
            number = rows.number_of(cells, mapping)
            made = rows.entry(cells, mapping, known.get(number), everywhere, places, today)
            asked.append(Asked(row, made))
        except WrongCell as wrong:
            column = mapping.get(wrong.name, wrong.name)
            faults.append(_fault(row, wrong.error, column, wrong.value))
    return asked, faults


def _places() -> Places:
    names: dict[str, str] = {}
    for _framework, path, _code, title in tree.choices():
        names[path.casefold()] = path
        for told in title.values():
            names.setdefault(told.casefold(), path)
    return Places(names)


def _fault(row: int, error: DomainError, column: str = "", value: str = "") -> ImportFault:
    facts = {name: str(told)[:200] for name, told in error.data.items()}
    return ImportFault(
        row=row,
        column=column[:80],
        value=value[:200],
        code=error.code,
        facts={"message": error.message, **facts},
    )


def _written(
    kept: Kept, faults: Iterable[ImportFault], form: str, count: int, **told: Any
) -> ImportRun:
    every = [*faults, *(_fault(row, wrong) for row, wrong in kept.refused)]
    actor, at = told["actor"], told["at"]
    run = ImportRun.objects.create(
        manufacturer_id=told["manufacturer_id"],
        file_name=told["name"][:200],
        file_sha256=hashlib.sha256(told["path"].read_bytes()).hexdigest(),
        form=form,
        mapping=dict(told["mapping"]),
        rows=count,
        added=len(kept.added),
        changed=len(kept.changed),
        same=kept.same,
        refused=len(every),
        by_id=actor.user_id,
        at=at,
    )
    for one in every:
        one.run = run
    ImportFault.objects.bulk_create(sorted(every, key=lambda one: one.row), batch_size=_BATCH)
    counts = ("rows", "added", "changed", "same", "refused")
    ledger.record(
        event="standards:imported",
        subject=f"standards-import/{run.pk}",
        actor=told["by"],
        at=at,
        data={
            "file_sha256": run.file_sha256,
            **{name: getattr(run, name) for name in counts},
        },
    )
    return run


def _workbook(path: Path) -> Sheet:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > _LARGEST:
                raise errors.WrongWorkbook(reason="too large")
        with path.open("rb") as file:  # a path would be judged by its name
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            try:
                lines = _lines(book.worksheets[0])
            finally:
                book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as wrong:
        raise errors.WrongWorkbook(reason=str(wrong)) from None
    head = next(lines, None)
    if head is None:
        raise tabular.FileEmpty(path=path.name)
    columns = [tabular.name_of(str(one or "")) for one in head[1]]
    found = [
        (number, dict(zip(columns, cells, strict=False)))
        for number, cells in lines
        if any(one not in (None, "") for one in cells)
    ]
    return Sheet(XLSX, columns, found)


def _lines(page: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Return the rows at once: the workbook is closed after."""
    return iter(list(enumerate(page.iter_rows(values_only=True), start=1)))


def runs(manufacturer_id: int | None) -> QuerySet[ImportRun]:
    """Return the imports into everybody's catalogue, or into a manufacturer's own, newest first."""
    return ImportRun.objects.filter(manufacturer_id=manufacturer_id).order_by("-pk")


def run(manufacturer_id: int | None, run_id: int) -> ImportRun:
    """Return one import.

    Raises:
        NoSuchRun: there is none of this keeper's.
    """
    found = ImportRun.objects.filter(manufacturer_id=manufacturer_id, pk=run_id).first()
    if found is None:
        raise errors.NoSuchRun
    return found


def faults(run_id: int) -> QuerySet[ImportFault]:
    """Return the rows of an import that were not taken, in the file's order."""
    return ImportFault.objects.filter(run_id=run_id).order_by("row", "pk")
