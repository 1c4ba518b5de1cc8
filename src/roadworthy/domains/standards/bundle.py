"""The catalogue that comes with the software. Loaded at start; nothing happens if it is known.

What somebody has worked on since stays as they left it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from django.db import transaction

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.standards import entries, keeping
from roadworthy.domains.standards.entries import Adopted, ClauseText, Entry, Link, Place
from roadworthy.domains.standards.keeping import Asked, Kept
from roadworthy.domains.standards.models import Area, Bundle, Framework, SubArea, Version
from roadworthy.domains.standards.states import Grade, State
from roadworthy.kernel import standard_number
from roadworthy.rules import strict_yaml

KEY: Final = "roadworthy"
_FILES: Final = ("sources", "frameworks", "standards", "clauses", "errata", "left_out")
_ISSUERS: Final = {"GB": "SAMR, SAC", "YD": "MIIT"}
_FINAL: Final = {"iov-security": "2022", "adjacent": "1", "5g-security": "2021"}
_TITLES: Final = ("title_zh", "title_en")


class WrongBundle(Exception):
    """The catalogue that this version carries is wrong: a bug, which a test finds first."""


@transaction.atomic(durable=True)
def load(*, at: datetime) -> Kept | None:
    """Load the bundled catalogue; None if this very one was loaded before.

    Raises:
        WrongBundle: one of its entries is refused.
    """
    now = content_digest()
    row = Bundle.objects.select_for_update().filter(key=KEY).first()
    if row is not None and row.digest == now:
        return None
    for position, told in enumerate(_read("frameworks")):
        _framework(told, position)
    asked = [Asked(number, one) for number, one in enumerate(bundled(), start=1)]
    kept = keeping.keep(asked, manufacturer_id=None, role=Role.PLATFORM, at=at, bundled=True)
    if kept.refused:
        raise WrongBundle("; ".join(f"entry {row}: {wrong}" for row, wrong in kept.refused))
    Bundle.objects.update_or_create(key=KEY, defaults={"digest": now, "loaded_at": at})
    return kept


@cache
def content_digest() -> str:
    """Return the SHA-256 of the bundled files."""
    whole = hashlib.sha256()
    for name in _FILES:
        whole.update(_text(name).encode())
    return whole.hexdigest()


@cache
def sources() -> Mapping[str, Mapping[str, Any]]:
    """Return the named sources: {"openstd": {"title": {...}, "on": "2026-09-28"}}."""
    found: Mapping[str, Mapping[str, Any]] = _read("sources")
    return found


def left_out() -> tuple[Mapping[str, Any], ...]:
    """Return what the sources name and the catalogue leaves out, each with its reason."""
    return tuple(_read("left_out"))


def errata() -> tuple[Mapping[str, Any], ...]:
    """Return the numbers that a source writes wrongly, with what is meant and why."""
    return tuple(_read("errata"))


def bundled() -> Iterator[Entry]:
    """Yield the entries that come with the software."""
    clauses = {one["number"]: _clauses(one) for one in _read("clauses")}
    for told in _read("standards"):
        yield _entry(told, clauses.get(told["number"], ()))


def _entry(told: Mapping[str, Any], clauses: tuple[ClauseText, ...]) -> Entry:
    number = standard_number.parse(told["number"])
    days = {name: _day(told.get(name)) for name in entries.DAYS}
    entry = Entry(
        number=str(number),
        kind=entries.kind_of(told["number"], told.get("kind", "")),
        state=told.get("state", State.PUBLISHED if days["in_force_on"] else State.IN_FORCE),
        source=told["from"],
        grade=told["grade"],
        raw=told.get("raw", told["number"]),
        title_zh=told.get("zh", ""),
        title_en=told.get("en", ""),
        issuer=told.get("issuer", _ISSUERS.get(number.body.partition("/")[0], "")),
        plan_number=told.get("plan_number", ""),
        **days,
        stated_on=_day(sources()[told["from"]]["on"]),
        evidence=_evidence(told),
        note=told.get("note", {}),
        places=tuple(sorted(map(_place, told["places"]), key=lambda one: one.path)),
        supersedes=tuple(
            sorted((_link(one, told) for one in told.get("supersedes", ())), key=_by_number)
        ),
        adopts=tuple(Adopted(*one) for one in told.get("adopts", ())),
        clauses=clauses,
    )
    # What it is by now follows from its dates; on which day it is loaded does not matter.
    state = entries.state_on(entry, entry.stated_on) if entry.stated_on else entry.state
    return Entry(**{**_fields(entry), "state": state})


def _evidence(told: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return where single facts come from: English titles are ours unless a source is named."""
    source = told.get("title_from", told["from"])
    grade = Grade.D if source == "general" else told["grade"]
    found: dict[str, tuple[str, str]] = {}
    if "zh" in told:
        found["title_zh"] = (told.get("zh_from", source), grade)
    if "zh_from" in told:
        found["title_zh"] = (told["zh_from"], Grade.D)
    if "en" in told:
        is_read = source.startswith("sesec") or source == "unece"
        found["title_en"] = (source, grade) if is_read else ("translation", Grade.D)
    found.update((name, tuple(one)) for name, one in told.get("evidence", {}).items())
    return {
        name: {"source": from_, "grade": str(how_well)}
        for name, (from_, how_well) in found.items()
        if (from_, how_well) != (told["from"], told["grade"])
    }


def _link(told: Any, entry: Mapping[str, Any]) -> Link:
    raw, source, grade = (told, entry["from"], entry["grade"]) if isinstance(told, str) else told
    meant = next(
        (one["meant"] for one in errata() if (one["raw"], one["source"]) == (raw, source)), raw
    )
    return Link(
        standard_number.normal(meant), raw="" if meant == raw else raw, source=source, grade=grade
    )


def _place(told: str) -> Place:
    framework, _, code = told.partition("/")
    return Place(f"{framework}/{_FINAL[framework]}/{code}", source="mapping", grade=Grade.D)


def _clauses(told: Mapping[str, Any]) -> tuple[ClauseText, ...]:
    return tuple(
        ClauseText(
            number,
            {"zh-hans": title_zh, "en": title_en},
            {"zh-hans": text_zh, "en": text_en},
            told["from"],
            told["grade"],
        )
        for number, title_zh, title_en, text_zh, text_en in told["clauses"]
    )


def _framework(told: Mapping[str, Any], position: int) -> None:
    framework, _ = Framework.objects.update_or_create(
        key=told["key"], defaults={"title": told["title"], "position": position}
    )
    for one in told["versions"]:
        version, _ = Version.objects.update_or_create(
            framework=framework,
            key=one["key"],
            defaults={
                "title": one["title"],
                "instrument": one.get("instrument", ""),
                "is_draft": one.get("is_draft", False),
                "is_ours": one.get("is_ours", False),
                "published_on": _day(one.get("published_on")),
                "source": one["source"],
                "grade": one["grade"],
                "note": one.get("note", {}),
            },
        )
        _areas(version, one["areas"])


def _areas(version: Version, told: list[list[Any]]) -> None:
    for number, (head, below) in enumerate(zip(told[::2], told[1::2], strict=True), start=1):
        area, _ = Area.objects.update_or_create(
            version=version, key=head[0], defaults={"code": str(number), **_words(head)}
        )
        for place, one in enumerate(below, start=1):
            SubArea.objects.update_or_create(
                area=area, key=one[0], defaults={"code": f"{number}.{place}", **_words(one)}
            )


def _words(told: list[str]) -> dict[str, Any]:
    _, chinese, english, *notes = told
    return {
        "title": {"zh-hans": chinese, "en": english},
        "note": dict(zip(("zh-hans", "en"), notes, strict=True)) if notes else {},
    }


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


def _by_number(link: Link) -> str:
    return link.number


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def _read(name: str) -> Any:
    return strict_yaml.load(_text(name))


@cache
def _text(name: str) -> str:
    return resources.files(f"{__package__}.catalogue").joinpath(f"{name}.yaml").read_text("utf-8")
