"""What differs between two contents of an approval, row by row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from roadworthy.domains.access.content import (
    FUNCTION_TEXTS,
    MANAGEMENT_TEXTS,
    OTA_TEXTS,
    RECORDER_NUMBERS,
    RECORDERS,
    RECORDING,
    Section,
)

# N45 annex 2: primary version and software architecture are main technical parameters.
MAIN_OF_A_FUNCTION: Final = frozenset({"level", "primary_version", "architecture"})
ADDED, REMOVED = "added", "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing before and after. ``subject`` names the parameter, function, ECU or document."""

    section: str
    key: str  # "top_speed", "pilot.limits"
    subject: Mapping[str, str]
    field: str  # of the subject: "limits"; "" for the value itself; "added", "removed"
    old: str
    new: str
    unit: str = ""
    main: bool = False
    old_words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    new_words: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the change as a dossier holds it."""
        return {
            "section": self.section,
            "key": self.key,
            "subject": dict(self.subject),
            "field": self.field,
            "old": self.old,
            "new": self.new,
            "unit": self.unit,
            "main": self.main,
            "old_words": dict(self.old_words),
            "new_words": dict(self.new_words),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Change:
        """Read a change back."""
        return cls(**{name: row[name] for name in cls.__slots__ if name in row})


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return every difference, in the order of the sections."""
    return tuple(
        change
        for part in (_kind, _parameters, _functions, _ecus, _plain, _evidence)
        for change in part(old, new)
    )


def _kind(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = old["type"], new["type"]
    subject = {"zh-hans": after["code"], "en": after["code"]}
    if before.get("category", "") != after.get("category", ""):
        yield Change(
            Section.TYPE,
            "category",
            subject,
            "category",
            before.get("category", ""),
            after["category"],
            main=True,
        )
    for language, name in after["name"].items():
        if before["name"].get(language, "") != name:
            earlier = before["name"].get(language, "")
            yield Change(Section.TYPE, f"name.{language}", subject, "name", earlier, name)


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = old.get("parameters", {}), new.get("parameters", {})
    for key in dict.fromkeys([*before, *after]):
        was, becomes = before.get(key, {}), after.get(key, {})
        same = was.get("value") == becomes.get("value") and was.get("unit") == becomes.get("unit")
        if same:
            continue
        known = becomes or was
        yield Change(
            section=Section.PARAMETERS,
            key=key,
            subject=known["name"],
            field="",
            old=was.get("value", ""),
            new=becomes.get("value", ""),
            unit=known["unit"],
            main=known["main"],
            old_words=was.get("words", {}),
            new_words=becomes.get("words", {}),
        )


def _functions(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = _by(old, "functions", "key"), _by(new, "functions", "key")
    for key in dict.fromkeys([*before, *after]):
        was, becomes = before.get(key), after.get(key)
        if was is None or becomes is None:
            known: Mapping[str, Any] = becomes or was or {}
            levels = (str(was["level"]) if was else "", str(becomes["level"]) if becomes else "")
            what = REMOVED if becomes is None else ADDED
            yield Change(Section.FUNCTIONS, key, known["name"], what, *levels, main=True)
            continue
        for name in ("level", "parking_only", *FUNCTION_TEXTS):
            if was.get(name) != becomes.get(name):
                yield Change(
                    Section.FUNCTIONS,
                    f"{key}.{name}",
                    becomes["name"],
                    name,
                    _text(was.get(name)),
                    _text(becomes.get(name)),
                    main=name in MAIN_OF_A_FUNCTION,
                )


def _ecus(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = _ecus_of(old), _ecus_of(new)
    for place in dict.fromkeys([*before, *after]):
        was, becomes = before.get(place), after.get(place)
        subject = {"zh-hans": place[0], "en": place[0]}
        key = ".".join(str(part) for part in place if part is not None)
        if was is None or becomes is None:
            what = REMOVED if becomes is None else ADDED
            held = (_versions(was), _versions(becomes))
            yield Change(Section.ECUS, key, subject, what, *held)
            continue
        if was["versions"] != becomes["versions"]:
            held = (_versions(was), _versions(becomes))
            yield Change(Section.ECUS, f"{key}.versions", subject, "versions", *held)
        for name in ("hardware_id", "approval_relevant"):
            if was[name] != becomes[name]:
                values = (_text(was[name]), _text(becomes[name]))
                yield Change(Section.ECUS, f"{key}.{name}", subject, name, *values)


def _plain(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    sections: Mapping[str, Sequence[str]] = {
        Section.OTA: ("capable", "updatable", *OTA_TEXTS),
        Section.RECORDER: (*RECORDERS, *RECORDING, *RECORDER_NUMBERS),
        Section.MANAGEMENT: MANAGEMENT_TEXTS,
    }
    for section, names in sections.items():
        before, after = old.get(section, {}), new.get(section, {})
        for name in names:
            if before.get(name) != after.get(name):
                values = (_text(before.get(name)), _text(after.get(name)))
                yield Change(section, name, {}, name, *values)


def _evidence(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = _by(old, "evidence", "sha256"), _by(new, "evidence", "sha256")
    for sha256 in dict.fromkeys([*before, *after]):
        if sha256 in before and sha256 in after:
            continue
        known = after.get(sha256) or before[sha256]
        subject = {"zh-hans": known["title"], "en": known["title"]}
        was = sha256 if sha256 in before else ""
        becomes = sha256 if sha256 in after else ""
        yield Change("evidence", sha256, subject, ADDED if becomes else REMOVED, was, becomes)


def _by(content: Mapping[str, Any], section: str, name: str) -> dict[str, Mapping[str, Any]]:
    return {row[name]: row for row in content.get(section, ())}


def _ecus_of(content: Mapping[str, Any]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    rows = content.get("ecus", ())
    return {(row["name"], row["address"], row["sub_address"]): row for row in rows}


def _versions(row: Mapping[str, Any] | None) -> str:
    return ", ".join(row["versions"]) if row else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
