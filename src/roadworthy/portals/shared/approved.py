"""What an application, an approval or a change says, put into shape for reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext, pgettext_lazy

from roadworthy.domains.access import states
from roadworthy.domains.access.changes import ADDED, REMOVED, Change
from roadworthy.domains.access.content import FUNCTION_TEXTS, Section
from roadworthy.portals.shared import formats
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Chip, Text, Tone

APPROVAL: Mapping[states.State, Chip] = {
    states.State.IN_FORCE: Chip(Tone.MET, pgettext_lazy("approval", "In force")),
    states.State.SUSPENDED: Chip(Tone.DUE, pgettext_lazy("approval", "Suspended")),
    states.State.REVOKED: Chip(Tone.BROKEN, pgettext_lazy("approval", "Revoked")),
    states.State.WITHDRAWN: Chip(Tone.IDLE, pgettext_lazy("approval", "Given back")),
}
STANDING: Mapping[str, Chip] = {
    states.Standing.APPROVED: APPROVAL[states.State.IN_FORCE],
    states.Standing.SUSPENDED: APPROVAL[states.State.SUSPENDED],
    states.Standing.REVOKED: APPROVAL[states.State.REVOKED],
    states.Standing.WITHDRAWN: APPROVAL[states.State.WITHDRAWN],
    states.Standing.ENTERED: Chip(Tone.IDLE, pgettext_lazy("approval", "Entered, not checked")),
}
MATTERS: Mapping[states.Matter, Text] = {
    states.Matter.MARKET_ACCESS: _later("Market access"),
    states.Matter.PRODUCT_CHANGE: _later("Product change"),
    states.Matter.ACCESS_PERMIT: _later("Access permit for a function"),
}
SECTIONS: Mapping[str, Text] = {
    Section.TYPE: _later("Vehicle type"),
    Section.PARAMETERS: _later("Technical parameters"),
    Section.FUNCTIONS: _later("Driver assistance and automated driving"),
    Section.ECUS: _later("ECUs and their software"),
    Section.OTA: _later("Online upgrade"),
    Section.RECORDER: _later("Data recorders"),
    Section.MANAGEMENT: _later("Cybersecurity and software-update management"),
    "evidence": _later("Documents"),
}
FIELDS: Mapping[str, Any] = {
    "code": _later("Code of the type"),
    "name_zh": _later("Name in Chinese"),
    "name_en": _later("Name in English"),
    "name": _later("Name"),
    "category": _later("Vehicle category"),
    "none": _later("The type has no such function"),
    "key": _later("Short key"),
    "level": _later("Level"),
    "parking_only": _later("Only parks"),
    "conditions": _later("Operating conditions"),
    "limits": _later("Limits"),
    "safety_response": _later("Safety response"),
    "driver_monitoring": _later("Driver monitoring"),
    "primary_version": _later("Primary software version"),
    "architecture": _later("Software architecture"),
    "address": _later("Diagnostic address"),
    "sub_address": _later("Sub-address"),
    "hardware_id": _later("Hardware id"),
    "approval_relevant": _later("Counts for the approval"),
    "versions": _later("Software versions"),
    "capable": _later("Can be upgraded over the air"),
    "updatable": _later("Software can be updated at all"),
    "systems": _later("Systems that can be upgraded"),
    "preconditions": _later("Preconditions of an upgrade"),
    "failure_handling": _later("What happens when an upgrade fails"),
    "user_notice": _later("How users are told and asked"),
    "edr": _later("Event data recorder (EDR)"),
    "video_recorder": _later("Video driving recorder"),
    "dssad": _later("Data storage system for automated driving (DSSAD)"),
    "assistance_recorder": _later("Recorder of combined driver assistance (GB 47955)"),
    "locked_collision_overwritten": _later("When full, locked collisions are overwritten"),
    "locked_events_uploaded": _later("Locked events are all stored on a platform"),
    "dssad_time_span_events": _later("Time-span events that the DSSAD holds"),
    "dssad_timestamp_events": _later("Timestamp events that the DSSAD holds"),
    "dssad_continuous_hours": _later("Hours that the DSSAD records without a break"),
    "cybersecurity": _later("Cybersecurity management system"),
    "cybersecurity_proof": _later("Its certificate or report"),
    "update": _later("Software update management system"),
    "update_proof": _later("Certificate or report of update management"),
}
DOCUMENTS: Mapping[str, Text] = {
    "test-report": _later("Test report"),
    "technical-specification": _later("Technical specification"),
    "cybersecurity": _later("Evidence of cybersecurity"),
    "software-update-management": _later("Evidence of update management"),
    "safety-case": _later("Safety case"),
    "other": _later("Other document"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or a fact with its value as it is read."""

    name: Text
    value: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A function or another thing with its own facts."""

    title: str
    note: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A change in plain language."""

    text: str
    main: bool


def view(content: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content's parts as the pages show them; ``names`` of institutions by slug."""
    kind = content["type"]
    about = {**kind, "name": localised(kind.get("name", ""))}
    return {
        "about": [(FIELDS[one], about[one]) for one in ("code", "name", "category") if about[one]]
        if kind.get("code")
        else (),
        "title": about["name"] or kind.get("code", ""),
        "verified": content.get("schema", {}).get("verified", False),
        "taken_over": content.get("taken_over"),
        "parameters": [
            Row(localised(one["name"]), _value(one), one["main"])
            for one in sorted(
                (one for one in content.get("parameters", {}).values()),
                key=lambda one: one.get("place", 0),
            )
        ],
        "functions": [_function(one) for one in content.get("functions", ())],
        "ecus": [{**one, "place": f"{one['address'] or 0:X}"} for one in content.get("ecus", ())],
        "facts": [
            (SECTIONS[section], _facts(content.get(section, {})))
            for section in (Section.OTA, Section.RECORDER, Section.MANAGEMENT)
            if content.get(section)
        ],
        "evidence": [
            {
                **one,
                "kind": DOCUMENTS.get(one["kind"], one["kind"]),
                "institution": localised(names.get(one["institution"] or "", "")),
            }
            for one in content.get("evidence", ())
        ],
    }


def spoken(found: Iterable[Change]) -> list[Spoken]:
    """Return changes as sentences, the main ones first."""
    made = [Spoken(_sentence(change), change.main) for change in found]
    return sorted(made, key=lambda one: not one.main)


def rows_of(found: Iterable[Change]) -> list[tuple[Text, list[tuple[str, str, str]]]]:
    """Return changes by section, each as name, old and new value with its unit."""
    by: dict[str, list[tuple[str, str, str]]] = {}
    for change in found:
        row = (_subject(change), _old(change), _new(change))
        by.setdefault(change.section, []).append(row)
    return [(SECTIONS.get(section, section), rows) for section, rows in by.items()]


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Read the changes that a dossier holds."""
    return tuple(Change.from_json(row) for row in rows)


def _value(one: Mapping[str, Any]) -> str:
    shown = localised(one.get("words", "")) or str(one["value"])
    return f"{shown} {one['unit']}".strip()


def _function(one: Mapping[str, Any]) -> Part:
    note = _("Level {level} of GB/T 40429").format(level=one["level"])
    if one.get("parking_only"):
        note = _("{note}, only for parking").format(note=note)
    rows = [Row(FIELDS[name], str(one.get(name, ""))) for name in FUNCTION_TEXTS]
    return Part(localised(one["name"]), note, rows)


def _facts(given: Mapping[str, Any]) -> list[tuple[Text, str]]:
    return [
        (label, formats.as_text(given[name]))
        for name, label in FIELDS.items()
        if given.get(name) not in (None, "")
    ]


def _subject(change: Change) -> str:
    name = localised(change.subject)
    if not change.field or change.field in {ADDED, REMOVED}:
        return name
    label = str(FIELDS.get(change.field, change.field))
    return _("{subject}: {field}").format(subject=name, field=label) if name else label


def _old(change: Change) -> str:
    return _with_unit(localised(change.old_words) or change.old, change)


def _new(change: Change) -> str:
    return _with_unit(localised(change.new_words) or change.new, change)


def _with_unit(value: str, change: Change) -> str:
    if value in {"true", "false"}:
        return _("yes") if value == "true" else _("no")
    if change.section == "evidence":
        return formats.digest(value) if value else ""
    return f"{value} {change.unit}".strip() if value else ""


def _sentence(change: Change) -> str:
    subject, old, new = _subject(change), _old(change), _new(change)
    if change.field == ADDED:
        return _added(change).format(name=subject, value=new)
    if change.field == REMOVED:
        return _("“{name}” is no longer part of it.").format(name=subject)
    if not old:
        return _("{name} is now {new}.").format(name=subject, new=new)
    if not new:
        return _("{name} is no longer stated; it was {old}.").format(name=subject, old=old)
    return _("{name} changes from {old} to {new}.").format(name=subject, old=old, new=new)


def _added(change: Change) -> str:
    if change.section == Section.FUNCTIONS:
        return _("“{name}” is new, a function of level {value} of GB/T 40429.")
    if change.section == Section.ECUS:
        return _("The ECU “{name}” is new, with software {value}.")
    return _("“{name}” is new.")


def counted(faults: int) -> str:
    """Say how much is still to be done in a section."""
    if not faults:
        return _("complete")
    return ngettext("{n} thing to do", "{n} things to do", faults).format(n=faults)
