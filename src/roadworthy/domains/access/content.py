"""An application as it is typed, and what becomes of it: a checked content, or faults.

* The working copy keeps every character that somebody typed; it may be wrong or unfinished.
* The content is what is filed, digested and approved. It exists only where there is no fault.
* Each fault names its section, its field, the value and what to do.

The content's members: "schema" {key, sha256, verified}; "type" {code, name, category,
automation_level}; "parameters" {key: {name, value, unit, main, words}}; "functions" [{key, name,
level, conditions, limits, safety_response, driver_monitoring, primary_version, architecture,
parking_only}]; "ecus" [{name, address, sub_address, hardware_id, approval_relevant, versions}];
"ota"; "recorder"; "management"; "evidence" [{kind, title, standard, filename, sha256, length,
institution}].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from roadworthy.domains.access.parameters import Parameter, Schema, UnknownParameter
from roadworthy.domains.vehicles.types import HARDWARE_ID
from roadworthy.kernel.errors import DomainError, Invalid

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
YES, NO = "yes", "no"
CATEGORIES: Final = ("M1", "M2", "M3", "N1", "N2", "N3", "O", "other")
LEVELS: Final = tuple(str(level) for level in range(6))  # GB/T 40429
MOST_ROWS: Final = 400  # functions or ECUs of one type
LONGEST: Final = 4000


class Section(StrEnum):
    TYPE = "type"
    PARAMETERS = "parameters"
    FUNCTIONS = "functions"
    ECUS = "ecus"
    OTA = "ota"
    RECORDER = "recorder"
    MANAGEMENT = "management"


class Missing(Invalid):
    code = "value-missing"
    message = "This is empty. Fill it in."


class NotACode(Invalid):
    code = "not-a-code"
    message = (
        '"{value}" cannot be a code. Use Latin letters, digits, dot, dash and underscore, '
        "at most 64."
    )


class NotAnAddress(Invalid):
    code = "not-an-address"
    message = '"{value}" is no diagnostic address. Write it in hexadecimal, for example 18DA60F1.'


class NotAWholeNumber(Invalid):
    code = "not-a-whole-number"
    message = '"{value}" is not a whole number. Write digits only.'


class NotHardware(Invalid):
    code = "not-a-hardware-id"
    message = '"{value}" is no hardware id. Write board:revision, for example camera-a:1.2.'


class Twice(Invalid):
    code = "stands-twice"
    message = '"{value}" stands twice. Remove one of the two.'


class TooLong(Invalid):
    code = "entry-too-long"
    message = "This is longer than {longest} characters. Attach a document instead."


class TooMany(Invalid):
    code = "too-many-rows"
    message = "More than {most} rows. Split the type or ask the platform's operator."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, and what to do about it."""

    section: Section
    field: str  # as the form names it: "length", "functions-0-level"
    value: str
    error: DomainError


@dataclass(frozen=True, slots=True)
class Composed:
    """The content as far as it could be read, and every fault. No fault: it can be filed."""

    content: Mapping[str, Any]
    faults: Sequence[Fault]

    def of(self, section: str) -> tuple[Fault, ...]:
        """Return the faults of one section."""
        return tuple(fault for fault in self.faults if fault.section == section)


FUNCTION_TEXTS: Final = (
    "conditions",
    "limits",
    "safety_response",
    "driver_monitoring",
    "primary_version",
    "architecture",
)
OTA_TEXTS: Final = ("systems", "preconditions", "failure_handling", "user_notice")
RECORDERS: Final = ("edr", "video_recorder", "dssad", "assistance_recorder")
RECORDING: Final = ("locked_collision_overwritten", "locked_events_uploaded")
RECORDER_NUMBERS: Final = (
    "dssad_time_span_events",
    "dssad_timestamp_events",
    "dssad_continuous_hours",
)
MANAGEMENT_TEXTS: Final = ("cybersecurity", "cybersecurity_proof", "update", "update_proof")


def empty(code: str, name: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the working copy of an application in which nothing is written yet."""
    names = name or {}
    return {
        "type": {
            "code": code,
            "name_zh": names.get("zh-hans", ""),
            "name_en": names.get("en", ""),
            "category": "",
        },
        "parameters": {},
        "functions": {"none": "", "rows": []},
        "ecus": {"rows": []},
        "ota": {},
        "recorder": {},
        "management": {},
    }


def compose(
    working: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]], schema: Schema
) -> Composed:
    """Read a working copy with its documents."""
    reader = _Reader(working)
    functions = reader.functions()
    levels = [row["level"] for row in functions]
    kind = reader.type()
    kind["automation_level"] = max(levels, default=0)
    content = {
        "schema": {"key": schema.key, "sha256": schema.sha256, "verified": schema.verified},
        "type": kind,
        "parameters": reader.parameters(schema),
        "functions": functions,
        "ecus": reader.ecus(),
        "ota": reader.ota(),
        "recorder": reader.recorder(),
        "management": reader.texts(Section.MANAGEMENT, MANAGEMENT_TEXTS, required=True),
        "evidence": [dict(one) for one in evidence],
    }
    return Composed(content, tuple(reader.faults))


def reopened(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content as a working copy: where a product change starts from."""
    kind = content["type"]
    working = empty(kind["code"], kind["name"])
    working["type"]["category"] = kind.get("category", "")
    working["parameters"] = {
        key: one["value"] for key, one in content.get("parameters", {}).items()
    }
    rows = content.get("functions", ())
    working["functions"] = {
        "none": "" if rows else YES,
        "rows": [
            {
                "key": row["key"],
                "name_zh": row["name"].get("zh-hans", ""),
                "name_en": row["name"].get("en", ""),
                "level": str(row["level"]),
                "parking_only": YES if row.get("parking_only") else "",
                **{name: row.get(name, "") for name in FUNCTION_TEXTS},
            }
            for row in rows
        ],
    }
    working["ecus"] = {"rows": [_ecu_row(row) for row in content.get("ecus", ())]}
    for section in (Section.OTA, Section.RECORDER, Section.MANAGEMENT):
        working[section] = {name: _typed(value) for name, value in content.get(section, {}).items()}
    return working


def _stated(parameter: Parameter, value: str) -> dict[str, Any]:
    """Return a parameter as a dossier states it: readable without the schema it came from."""
    stated: dict[str, Any] = {
        "name": dict(parameter.name),
        "value": value,
        "unit": parameter.unit,
        "main": parameter.main,
    }
    if parameter.choices:
        stated["words"] = dict(parameter.choices[value])
    return stated


def _ecu_row(row: Mapping[str, Any]) -> dict[str, str]:
    sub = row["sub_address"]
    return {
        "name": row["name"],
        "address": f"{row['address']:X}",
        "sub_address": "" if sub is None else f"{sub:X}",
        "hardware_id": row["hardware_id"],
        "approval_relevant": YES if row["approval_relevant"] else NO,
        "versions": "\n".join(row["versions"]),
    }


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)


class _Reader:
    """Reads section after section and gathers what is wrong."""

    def __init__(self, working: Mapping[str, Any]) -> None:
        self._working = working
        self.faults: list[Fault] = []

    def _fault(self, section: Section, field: str, value: str, error: DomainError) -> None:
        self.faults.append(Fault(section, field, value, error))

    def type(self) -> dict[str, Any]:
        given = self._working["type"]
        code = str(given.get("code", "")).strip()
        if not CODE.fullmatch(code):
            self._fault(Section.TYPE, "code", code, NotACode(value=code) if code else Missing())
        names = {
            language: self._text(Section.TYPE, field, given, required=True)
            for language, field in (("zh-hans", "name_zh"), ("en", "name_en"))
        }
        category = given.get("category", "")
        if category not in CATEGORIES:
            self._fault(Section.TYPE, "category", category, Missing())
        return {"code": code, "name": names, "category": category}

    def parameters(self, schema: Schema) -> dict[str, dict[str, Any]]:
        found = {}
        given = self._working["parameters"]
        for key in given:
            if key not in schema.parameters and str(given[key]).strip():
                error = UnknownParameter(value=key)
                self._fault(Section.PARAMETERS, key, str(given[key]), error)
        for key, parameter in schema.parameters.items():
            typed = str(given.get(key, "")).strip()
            if not typed:
                if parameter.required:
                    self._fault(Section.PARAMETERS, key, "", Missing())
                continue
            try:
                found[key] = _stated(parameter, parameter.read(typed))
            except Invalid as error:
                self._fault(Section.PARAMETERS, key, typed, error)
        return found

    def functions(self) -> list[dict[str, Any]]:
        rows = self._rows(Section.FUNCTIONS)
        if not rows and self._working["functions"].get("none") != YES:
            self._fault(Section.FUNCTIONS, "none", "", Missing())
        found: list[dict[str, Any]] = []
        for number, row in enumerate(rows):
            one = self._function(number, row)
            if one["key"] and one["key"] in {other["key"] for other in found}:
                error = Twice(value=one["key"])
                self._fault(Section.FUNCTIONS, f"functions-{number}-key", one["key"], error)
            found.append(one)
        return found

    def _function(self, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        at = f"functions-{number}-"
        key = str(row.get("key", "")).strip()
        if not CODE.fullmatch(key):
            error = NotACode(value=key) if key else Missing()
            self._fault(Section.FUNCTIONS, f"{at}key", key, error)
        level = str(row.get("level", ""))
        if level not in LEVELS:
            self._fault(Section.FUNCTIONS, f"{at}level", level, Missing())
        text = {
            name: self._text(Section.FUNCTIONS, name, row, required=True, at=at)
            for name in ("name_zh", "name_en", *FUNCTION_TEXTS)
        }
        names = {"zh-hans": text.pop("name_zh"), "en": text.pop("name_en")}
        return {
            "key": key,
            "name": names,
            "level": int(level) if level in LEVELS else 0,
            "parking_only": row.get("parking_only") == YES,
            **text,
        }

    def ecus(self) -> list[dict[str, Any]]:
        rows = self._rows(Section.ECUS)
        if not rows:
            self._fault(Section.ECUS, "ecus-0-name", "", Missing())
        found: list[dict[str, Any]] = []
        seen: set[tuple[Any, ...]] = set()
        for number, row in enumerate(rows):
            one = self._ecu(number, row)
            place = (one["name"], one["address"], one["sub_address"])
            if place in seen:
                error = Twice(value=one["name"])
                self._fault(Section.ECUS, f"ecus-{number}-name", one["name"], error)
            seen.add(place)
            found.append(one)
        return found

    def _ecu(self, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        at = f"ecus-{number}-"
        name = str(row.get("name", "")).strip()
        if not CODE.fullmatch(name) or len(name) > _ECU_NAME:
            error = NotACode(value=name) if name else Missing()
            self._fault(Section.ECUS, f"{at}name", name, error)
        hardware = str(row.get("hardware_id", "")).strip()
        if not HARDWARE_ID.fullmatch(hardware):
            wrong = NotHardware(value=hardware) if hardware else Missing()
            self._fault(Section.ECUS, f"{at}hardware_id", hardware, wrong)
        relevant = row.get("approval_relevant", "")
        if relevant not in {YES, NO}:
            self._fault(Section.ECUS, f"{at}approval_relevant", relevant, Missing())
        lines = str(row.get("versions", "")).splitlines()
        versions = [line.strip() for line in lines if line.strip()]
        if not versions:
            self._fault(Section.ECUS, f"{at}versions", "", Missing())
        return {
            "name": name,
            "address": self._address(f"{at}address", row.get("address", ""), required=True),
            "sub_address": self._address(f"{at}sub_address", row.get("sub_address", "")),
            "hardware_id": hardware,
            "approval_relevant": relevant != NO,
            "versions": list(dict.fromkeys(versions)),
        }

    def _address(self, field: str, typed: str, *, required: bool = False) -> int | None:
        text = str(typed).strip().removeprefix("0x").removeprefix("0X")
        if not text:
            if required:
                self._fault(Section.ECUS, field, "", Missing())
            return None
        if not re.fullmatch("[0-9A-Fa-f]{1,8}", text) or (not required and len(text) > 2):
            self._fault(Section.ECUS, field, str(typed), NotAnAddress(value=str(typed)))
            return None
        return int(text, 16)

    def ota(self) -> dict[str, Any]:
        given = self._working["ota"]
        capable = self._yes_no(Section.OTA, "capable", given)
        updatable = self._yes_no(Section.OTA, "updatable", given)
        texts = self.texts(Section.OTA, OTA_TEXTS, required=capable is True)
        return {"capable": capable, "updatable": updatable, **texts}

    def recorder(self) -> dict[str, Any]:
        given = self._working["recorder"]
        fitted = {name: self._yes_no(Section.RECORDER, name, given) for name in RECORDERS}
        holds = fitted["dssad"] or fitted["assistance_recorder"]
        for name in RECORDING:
            said = given.get(name, "")
            fitted[name] = self._yes_no(Section.RECORDER, name, given) if holds or said else None
        numbers: dict[str, int | None] = {}
        for name in RECORDER_NUMBERS:
            typed = str(given.get(name, "")).strip()
            numbers[name] = int(typed) if typed.isascii() and typed.isdigit() else None
            if typed and numbers[name] is None:
                self._fault(Section.RECORDER, name, typed, NotAWholeNumber(value=typed))
        return {**fitted, **numbers}

    def texts(self, section: Section, names: Iterable[str], *, required: bool) -> dict[str, str]:
        given = self._working[section]
        return {name: self._text(section, name, given, required=required) for name in names}

    def _rows(self, section: Section) -> list[Mapping[str, Any]]:
        rows = list(self._working[section].get("rows", ()))
        if len(rows) > MOST_ROWS:
            self._fault(section, f"{section}-0-name", str(len(rows)), TooMany(most=MOST_ROWS))
        return rows[:MOST_ROWS]

    def _text(
        self,
        section: Section,
        name: str,
        given: Mapping[str, Any],
        *,
        required: bool,
        at: str = "",
    ) -> str:
        text = str(given.get(name, "")).strip()
        if not text and required:
            self._fault(section, f"{at}{name}", "", Missing())
        if len(text) > LONGEST:
            self._fault(section, f"{at}{name}", text[:80], TooLong(longest=LONGEST))
        return text

    def _yes_no(self, section: Section, name: str, given: Mapping[str, Any]) -> bool | None:
        said = given.get(name, "")
        if said not in {YES, NO}:
            self._fault(section, name, str(said), Missing())
            return None
        return bool(said == YES)


_ECU_NAME = 40
