"""What is entered into the register: items, whom they go to, what people are told and asked.

An entry never changes: what is entered anew is its next version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.processing import countries, errors, records
from roadworthy.domains.processing.models import (
    ConsentForm,
    Item,
    ItemVersion,
    Notice,
    Recipient,
)
from roadworthy.domains.processing.states import Important, NoticeItem, Purpose, Sensitive, Subject
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.egress.policy import Kind, Origin
from roadworthy.kernel.canonical import digest

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of an item."""

    name: Mapping[str, str]
    kind: Kind
    origin: Origin
    personal: bool
    derived_from: Sequence[str] = ()
    words: Sequence[str] = ()
    lowest: float | None = None
    highest: float | None = None
    precision: str = ""
    subjects: Sequence[Subject] = ()
    sensitive: Sequence[Sensitive] = ()
    important: Sequence[Important] | None = None  # None: nobody has examined it
    marked_important: bool = False
    told_important: bool | None = None
    shows_persons_outside: bool = False
    persons: int | None = None
    type_ids: Sequence[int] = field(default=())
    function_ids: Sequence[int] = field(default=())
    ecus: Sequence[str] = ()


@transaction.atomic(durable=True)
def enter_item(*, code: str, entry: Entry, actor: Actor, at: datetime) -> ItemVersion:
    """Enter an item into the register.

    Raises:
        NotAMember, WrongRole, NameMissing, WrongItem, NotPersonal.
        ItemCodeTaken: the register has one of that code.
    """
    by = records.writer(actor, action="enter")
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise errors.WrongItem(reason="A-Z a-z 0-9 . _ : -")
    try:
        with transaction.atomic():
            item = Item.objects.create(
                manufacturer_id=records.mine(actor), code=code, entered_at=at
            )
    except IntegrityError:
        raise errors.ItemCodeTaken(short=code) from None
    version = _write(item, entry, 1, actor, at)
    _log("data-item:entered", version, by, at)
    return version


@transaction.atomic(durable=True)
def change_item(*, code: str, entry: Entry, actor: Actor, at: datetime) -> ItemVersion:
    """Write the next version of an item; flows of the old one have to be declared again.

    Raises:
        NotAMember, WrongRole, NoSuchItem, NameMissing, WrongItem, NotPersonal.
        NothingChanged: it says what the last version says.
    """
    by = records.writer(actor, action="change")
    item = records.item(actor, code)
    last = item.versions.order_by("-number")[0]
    version = _write(item, entry, last.number + 1, actor, at)
    if version.sha256 == last.sha256:
        raise errors.NothingChanged
    _log("data-item:changed", version, by, at)
    return version


@transaction.atomic(durable=True)
def enter_recipient(
    *,
    code: str,
    name: Mapping[str, str],
    country: str,
    is_company: bool = False,
    contact: str = "",
    belongs_to: str = "",
    actor: Actor,
    at: datetime,
) -> Recipient:
    """Enter somebody who receives data.

    Raises:
        NotAMember, WrongRole, NameMissing.
        NoSuchCountry: ISO 3166-1 has no such code.
        RecipientCodeTaken: there is one of that code.
    """
    by = records.writer(actor, action="enter")
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise errors.WrongItem(reason="A-Z a-z 0-9 . _ : -")
    try:
        with transaction.atomic():
            made = Recipient.objects.create(
                manufacturer_id=records.mine(actor),
                code=code,
                name=records.both(name, errors.NameMissing),
                country=countries.checked(country),
                is_company=is_company,
                contact=contact.strip(),
                belongs_to=belongs_to.strip(),
                entered_at=at,
            )
    except IntegrityError:
        raise errors.RecipientCodeTaken(short=code) from None
    data = {"code": code, "country": made.country}
    records.log("data-recipient:entered", f"data-recipient/{made.pk}", by, at, data)
    return made


@transaction.atomic(durable=True)
def write_notice(
    *, code: str, content: Mapping[str, Mapping[str, str]], actor: Actor, at: datetime
) -> Notice:
    """Write what people are told about an item, in both languages; what is left out is absent.

    Raises:
        NotAMember, WrongRole, NoSuchItem.
        TextMissing: nothing is said, or something in one language only.
    """
    by = records.writer(actor, action="write")
    item = records.item(actor, code)
    kept = _said(content)
    number = item.notices.count() + 1
    made = Notice.objects.create(
        item=item,
        number=number,
        content=kept,
        written_by_id=actor.person_id,
        written_at=at,
        sha256=digest(kept),
    )
    data = {"item": code, "version": number, "sha256": made.sha256}
    records.log("data-notice:written", f"data-item/{item.pk}", by, at, data)
    return made


@transaction.atomic(durable=True)
def write_consent_form(
    *,
    code: str,
    purpose: Purpose,
    words: Mapping[str, str],
    periods: Sequence[int],
    offers_always: bool = False,
    actor: Actor,
    at: datetime,
) -> ConsentForm:
    """Write how consent to an item for one purpose is asked for.

    Raises:
        NotAMember, WrongRole, NoSuchItem, TextMissing.
        OnlyAlways: no period in days is offered.
    """
    by = records.writer(actor, action="write")
    item = records.item(actor, code)
    offered = sorted({days for days in periods if days > 0})
    if not offered:
        raise errors.OnlyAlways
    kept = records.both(words, errors.TextMissing)
    number = item.consent_forms.filter(purpose=purpose).count() + 1
    made = ConsentForm.objects.create(
        item=item,
        purpose=purpose,
        number=number,
        words=kept,
        periods=offered,
        offers_always=offers_always,
        written_by_id=actor.person_id,
        written_at=at,
        sha256=digest({"words": kept, "periods": offered, "always": offers_always}),
    )
    data = {"item": code, "purpose": purpose, "version": number, "sha256": made.sha256}
    records.log("consent-form:written", f"data-item/{item.pk}", by, at, data)
    return made


def entry_of(version: ItemVersion) -> Entry:
    """Return what a version says, to be changed and written anew."""
    return Entry(
        name=version.name,
        kind=Kind(version.kind),
        origin=Origin(version.origin),
        personal=version.personal,
        derived_from=tuple(version.derived_from),
        words=tuple(version.words),
        lowest=version.lowest,
        highest=version.highest,
        precision=version.precision,
        subjects=tuple(map(Subject, version.subjects)),
        sensitive=tuple(map(Sensitive, version.sensitive)),
        important=None if version.important is None else tuple(map(Important, version.important)),
        marked_important=version.marked_important,
        told_important=version.told_important,
        shows_persons_outside=version.shows_persons_outside,
        persons=version.persons,
        type_ids=tuple(sorted(version.types.values_list("pk", flat=True))),
        function_ids=tuple(sorted(version.functions.values_list("pk", flat=True))),
        ecus=tuple(version.ecus),
    )


def _said(content: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = {one: {} for one in records.LANGUAGES}
    for item in NoticeItem:
        words = {one: content.get(one, {}).get(item, "").strip() for one in records.LANGUAGES}
        if not any(words.values()):
            continue
        for language, text in records.both(words, errors.TextMissing).items():
            kept[language][str(item)] = text
    if not any(kept.values()):
        raise errors.TextMissing
    return kept


def _write(item: Item, entry: Entry, number: int, actor: Actor, at: datetime) -> ItemVersion:
    kept = _checked(item, entry)
    types = _own(VehicleType, item.manufacturer_id, kept.type_ids)
    functions = _own(Function, item.manufacturer_id, kept.function_ids)
    version = ItemVersion.objects.create(
        item=item,
        number=number,
        **_columns(kept),
        written_by_id=actor.person_id,
        written_at=at,
        sha256=digest(_columns(kept) | {"types": types, "functions": functions}),
    )
    version.types.set(types)
    version.functions.set(functions)
    return version


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "name": dict(entry.name),
        "kind": str(entry.kind),
        "origin": str(entry.origin),
        "derived_from": list(entry.derived_from),
        "words": list(entry.words),
        "lowest": entry.lowest,
        "highest": entry.highest,
        "precision": entry.precision,
        "subjects": sorted(map(str, entry.subjects)),
        "personal": entry.personal,
        "sensitive": sorted(map(str, entry.sensitive)),
        "important": None if entry.important is None else sorted(map(str, entry.important)),
        "marked_important": entry.marked_important,
        "told_important": entry.told_important,
        "shows_persons_outside": entry.shows_persons_outside,
        "persons": entry.persons,
        "ecus": list(entry.ecus),
    }


def _checked(item: Item, entry: Entry) -> Entry:
    if (entry.sensitive or entry.subjects or entry.persons) and not entry.personal:
        raise errors.NotPersonal
    if entry.kind is not Kind.NUMBER and (entry.lowest, entry.highest) != (None, None):
        raise errors.WrongItem(reason="lowest/highest")
    others = set(entry.derived_from)
    known = Item.objects.filter(manufacturer_id=item.manufacturer_id, code__in=others)
    missing = others - set(known.exclude(pk=item.pk).values_list("code", flat=True))
    if missing:
        raise errors.WrongItem(reason=", ".join(sorted(missing)))
    return replace(
        entry,
        name=records.both(entry.name, errors.NameMissing),
        precision=entry.precision.strip(),
        derived_from=sorted(others),
        words=sorted({word.strip() for word in entry.words if word.strip()}),
        ecus=sorted({name.strip() for name in entry.ecus if name.strip()}),
    )


def _own(model: Any, manufacturer_id: int, ids: Sequence[int]) -> list[int]:
    found = model.objects.filter(manufacturer_id=manufacturer_id, pk__in=ids)
    kept = sorted(found.values_list("pk", flat=True))
    if kept != sorted(set(ids)):
        raise errors.NoSuchItem
    return kept


def _log(event: str, version: ItemVersion, by: Any, at: datetime) -> None:
    data = {"code": version.item.code, "version": version.number, "sha256": version.sha256}
    records.log(event, f"data-item/{version.item_id}", by, at, data)
