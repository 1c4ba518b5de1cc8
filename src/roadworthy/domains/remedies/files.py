"""Files of a manufacturer: addresses of owners, and repairs as workshops report them.

Read by the names of their columns in any usual encoding; a bad row costs only itself.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.remedies import errors, proving, rights
from roadworthy.domains.remedies.models import Contact
from roadworthy.domains.remedies.proving import CompletionRow, Refusal, Taken
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel import tabular, vin
from roadworthy.kernel.errors import Invalid
from roadworthy.kernel.tabular import Refused, Row, Table

LANGUAGES: Final = ("zh-hans", "en")
_COMPLETION: Final = {"vin": ["vin"], "workshop": ["workshop"], "done_on": ["done_on"],
                      "evidence": ["evidence"]}  # fmt: skip
_CONTACT: Final = {
    name: [name] for name in ("vin", "name", "address", "email", "phone", "language")
}
_ECU: Final = "ecu:"
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BATCH: Final = 1000
_LONGEST: Final = {"name": 120, "address": 300, "email": 254, "phone": 40}


class NoSuchVehicle(Invalid):
    code = "no-such-vehicle-here"
    message = "None of your registered vehicles has this VIN."


class WrongEmail(Invalid):
    code = "wrong-email"
    message = '"{value}" is no e-mail address.'


class WrongLanguage(Invalid):
    code = "wrong-language"
    message = '"{value}" is no language here; write zh-hans or en.'


class TooLong(Invalid):
    code = "contact-too-long"
    message = "This has {length} characters; {longest} are kept."


@dataclass
class FileSummary:
    """What a file did. ``rows`` is the sum of the others."""

    encoding: str
    rows: int = 0
    taken: int = 0
    duplicates: int = 0
    blank: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)


def import_completions(
    path: Path, *, plan_id: int, actor: Actor, at: datetime, encoding: str | None = None
) -> FileSummary:
    """Take the repairs of a file with the columns vin, workshop, done_on, evidence, ecu:NAME.

    Raises:
        FileUnreadable, FileEmpty, WrongEncoding, ColumnMissing, ColumnTwice.
        NoSuchPlan, NotAMember, NotYourTask, NotInForce.
    """
    table = Table(path, encoding)
    at_column = tabular.columns(table, _COMPLETION, ("vin", "workshop", "done_on"))
    ecus = [name for name in table.columns if name.lower().startswith(_ECU)]
    summary = FileSummary(table.encoding)
    summary.unknown_columns = _unknown(table, {*at_column.values(), *ecus})
    rows = [_completion(row, at_column, ecus) for row in table.rows(_into(summary))]
    done: Taken = proving.record_completions(
        plan_id=plan_id, rows=rows, channel="file", actor=actor, at=at
    )
    summary.rows, summary.blank = table.count, table.blank
    summary.taken, summary.duplicates = done.taken, done.duplicates
    summary.refused = sorted([*summary.refused, *done.refused], key=lambda one: one.number)
    return summary


def import_contacts(
    path: Path, *, manufacturer_id: int, actor: Actor, at: datetime, encoding: str | None = None
) -> FileSummary:
    """Take addresses of owners: vin, name, address, email, phone, language. The newest counts.

    Raises:
        FileUnreadable, FileEmpty, WrongEncoding, ColumnMissing, ColumnTwice.
        NotAMember, NotYourTask.
    """
    witnessed(actor)
    mine = actor.role == Role.PLATFORM or actor.organisation_id == manufacturer_id
    if not mine or actor.role not in {*rights.REPORTS, Role.PLATFORM}:
        raise errors.NotYourTask(roles=", ".join(rights.REPORTS))
    table = Table(path, encoding)
    at_column = tabular.columns(table, _CONTACT, ("vin",))
    summary = FileSummary(table.encoding)
    summary.unknown_columns = _unknown(table, set(at_column.values()))
    rows = table.rows(_into(summary))
    while batch := list(itertools.islice(rows, _BATCH)):
        _keep(manufacturer_id, batch, at_column, summary, at)
    summary.rows, summary.blank = table.count, table.blank
    summary.refused.sort(key=lambda one: one.number)
    return summary


@transaction.atomic(durable=True)
def erase_contact(*, vehicle_id: int, actor: Actor, at: datetime) -> None:
    """Forget how the owner of a vehicle is reached; nothing else in the platform knows it.

    Raises:
        NotAMember, NotYourTask.
    """
    del at  # nothing about it is written down: that would be about the owner again
    witnessed(actor)
    if actor.role not in rights.REPORTS:
        raise errors.NotYourTask(roles=", ".join(rights.REPORTS))
    Contact.objects.filter(
        vehicle_id=vehicle_id, vehicle__manufacturer_id=actor.organisation_id
    ).delete()


def _completion(row: Row, at: Mapping[str, str], ecus: list[str]) -> CompletionRow:
    cells = row.cells

    def words(name: str) -> str:
        return str(cells.get(at.get(name, ""), "") or "")

    return CompletionRow(
        number=row.number,
        vin=words("vin"),
        workshop=words("workshop"),
        done_on=words("done_on"),
        versions={name[len(_ECU) :].strip(): str(cells[name]) for name in ecus if cells.get(name)},
        evidence=words("evidence"),
    )


@transaction.atomic(durable=True)
def _keep(
    manufacturer_id: int,
    rows: list[Row],
    at_column: Mapping[str, str],
    summary: FileSummary,
    at: datetime,
) -> None:
    texts = [{n: str(row.cells.get(c, "") or "") for n, c in at_column.items()} for row in rows]
    vins = ["".join(one["vin"].split()).upper() for one in texts]
    known = dict(
        Vehicle.objects.filter(manufacturer_id=manufacturer_id, vin__in=vins).values_list(
            "vin", "pk"
        )
    )
    made: dict[int, Contact] = {}
    for row, told in zip(rows, texts, strict=True):
        try:
            pk = _checked(told, known)
        except Invalid as wrong:
            column = getattr(wrong, "column", "vin")
            summary.refused.append(Refusal(row.number, column, told.get(column, ""), wrong))
            continue
        if pk in made:
            summary.duplicates += 1
        else:
            summary.taken += 1
        language = told.get("language", "").lower() or LANGUAGES[0]
        plain = {name: told.get(name, "") for name in _LONGEST}
        made[pk] = Contact(vehicle_id=pk, language=language, updated_at=at, **plain)
    Contact.objects.bulk_create(
        made.values(),
        update_conflicts=True,
        unique_fields=["vehicle"],
        update_fields=["name", "address", "email", "phone", "language", "updated_at"],
    )


def _checked(told: Mapping[str, str], known: Mapping[str | None, int]) -> int:
    pk = known.get(vin.parse(told["vin"]).text)
    if pk is None:
        raise NoSuchVehicle
    if told.get("email") and not _EMAIL.fullmatch(told["email"]):
        raise _of("email", WrongEmail(value=told["email"]))
    if told.get("language", "").lower() not in ("", *LANGUAGES):
        raise _of("language", WrongLanguage(value=told["language"]))
    for name, longest in _LONGEST.items():
        length = len(told.get(name, ""))
        if length > longest:
            raise _of(name, TooLong(length=length, longest=longest))
    return pk


def _of(column: str, wrong: Invalid) -> Invalid:
    wrong.column = column  # type: ignore[attr-defined]
    return wrong


def _into(summary: FileSummary) -> Callable[[Refused], None]:
    return lambda one: summary.refused.append(Refusal(one.row, one.column, one.value, one.error))


def _unknown(table: Table, known: set[str]) -> list[str]:
    return [name for name in table.columns if name and name not in known]
