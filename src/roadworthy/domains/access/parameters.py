"""The schema of technical parameters: dated data with units, ranges and how sure it is.

* Ours is a file of this package and says of itself that it is not verified; a deployment loads
  the official one beside it. Of those that apply on a day, the newest loaded one counts.
* A value is read as typed, with or without its unit; another unit is a fault, never converted.
* What is stored is exact: a number as decimal text, without zeros that say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any, Final

import jsonschema
import yaml

from roadworthy.kernel.canonical import digest
from roadworthy.kernel.errors import Invalid
from roadworthy.rules import strict_yaml

OURS: Final = "technical_parameters.yaml"
LONGEST: Final = 400  # characters of a text
_NUMBER: Final = re.compile(r"([+-]?[0-9][0-9 ,]*(?:\.[0-9]+)?)\s*(.*)", re.DOTALL)
_TEXTS: Final = {
    "type": "object",
    "required": ["zh-hans", "en"],
    "additionalProperties": {"type": "string", "minLength": 1},
}
_FORM: Final = {
    "type": "object",
    "required": ["key", "title", "applies_from", "verified", "source", "grade", "groups"],
    "properties": {
        "key": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
        "title": _TEXTS,
        "note": _TEXTS,
        "applies_from": {"type": "string", "format": "date"},
        "verified": {"type": "boolean"},
        "grade": {"enum": ["A", "B", "C", "D"]},
        "source": {
            "type": "object",
            "required": ["instrument", "provision"],
            "additionalProperties": {"type": "string"},
        },
        "groups": {"type": "object", "minProperties": 1, "additionalProperties": _TEXTS},
        "parameters": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["key", "group", "name", "type", "unit", "main", "required"],
                "additionalProperties": False,
                "properties": {
                    "key": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
                    "group": {"type": "string"},
                    "name": _TEXTS,
                    "type": {"enum": ["number", "text", "choice"]},
                    "unit": {"type": "string"},
                    "lowest": {"type": "string"},
                    "highest": {"type": "string"},
                    "decimals": {"type": "integer", "minimum": 0},
                    "main": {"type": "boolean"},
                    "required": {"type": "boolean"},
                    "choices": {"type": "object", "additionalProperties": _TEXTS},
                },
            },
        },
    },
}


class BadSchema(Invalid):
    code = "bad-parameter-schema"
    message = "This is no schema of technical parameters: {reason}"


class WrongUnit(Invalid):
    code = "wrong-unit"
    message = '"{value}" is in {given}. Write it in {unit}.'


class NotANumber(Invalid):
    code = "not-a-number"
    message = '"{value}" is not a number. Write digits, with at most {decimals} decimal places.'


class OutOfRange(Invalid):
    code = "out-of-range"
    message = '"{value}" is out of range. Write a value from {lowest} to {highest} {unit}.'


class NotAChoice(Invalid):
    code = "not-a-choice"
    message = '"{value}" is not one of the choices. Choose one from the list.'


class TooLong(Invalid):
    code = "text-too-long"
    message = "This is longer than {longest} characters. Shorten it."


class UnknownParameter(Invalid):
    code = "unknown-parameter"
    message = 'The schema has no parameter "{value}". Remove it, or load the schema that has it.'


@dataclass(frozen=True, slots=True)
class Parameter:
    """One technical parameter. ``main``: a change of it needs a permit."""

    key: str
    group: str
    name: Mapping[str, str]
    type: str  # number, text, choice
    unit: str
    main: bool
    required: bool
    lowest: Decimal | None = None
    highest: Decimal | None = None
    decimals: int = 0
    choices: Mapping[str, Mapping[str, str]] | None = None

    def read(self, typed: str) -> str:
        """Return the value as it is stored.

        Raises:
            WrongUnit, NotANumber, OutOfRange, NotAChoice, TooLong.
        """
        text = typed.strip()
        if self.type == "choice":
            if text not in (self.choices or {}):
                raise NotAChoice(value=text)
            return text
        if self.type == "text":
            if len(text) > LONGEST:
                raise TooLong(longest=LONGEST)
            return text
        return self._number(text)

    def _number(self, text: str) -> str:
        found = _NUMBER.fullmatch(text)
        if not found:
            raise NotANumber(value=text, decimals=self.decimals)
        digits, unit = found[1].replace(",", "").replace(" ", ""), found[2].strip()
        if unit and unit != self.unit:
            raise WrongUnit(value=text, given=unit, unit=self.unit or "-")
        try:
            number = Decimal(digits)
        except InvalidOperation:
            raise NotANumber(value=text, decimals=self.decimals) from None
        if number != round(number, self.decimals):
            raise NotANumber(value=text, decimals=self.decimals)
        low, high = self.lowest, self.highest
        if (low is not None and number < low) or (high is not None and number > high):
            raise OutOfRange(value=text, lowest=low, highest=high, unit=self.unit)
        return plain(number)


@dataclass(frozen=True, slots=True)
class Schema:
    """The parameters that count from a day on, in their order."""

    key: str
    title: Mapping[str, str]
    note: Mapping[str, str]
    applies_from: date
    verified: bool
    grade: str
    source: Mapping[str, str]
    groups: Mapping[str, Mapping[str, str]]
    parameters: Mapping[str, Parameter]
    sha256: str


def plain(number: Decimal) -> str:
    """Write a number without an exponent and without zeros at its end: "4750", "75.6"."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse(text: str) -> dict[str, Any]:
    """Return the content of a schema file, checked.

    Raises:
        BadSchema: it is no YAML, lacks something, or contradicts itself.
    """
    try:
        content = strict_yaml.load(text)
        jsonschema.validate(content, _FORM)
        of(content)
    except yaml.YAMLError as error:
        raise BadSchema(reason=str(error)) from None
    except jsonschema.ValidationError as error:
        where = "/".join(str(part) for part in error.absolute_path)
        raise BadSchema(reason=f"{where}: {error.message}" if where else error.message) from None
    except (ValueError, InvalidOperation) as error:
        raise BadSchema(reason=str(error)) from None
    checked: dict[str, Any] = content
    return checked


def of(content: Mapping[str, Any]) -> Schema:
    """Return the schema that a checked content describes.

    Raises:
        ValueError: a key stands twice, a group is missing, or a range is upside down.
    """
    parameters: dict[str, Parameter] = {}
    for row in content["parameters"]:
        one = _parameter(row)
        if one.key in parameters:
            raise ValueError(f"parameter {one.key!r} stands twice")
        if one.group not in content["groups"]:
            raise ValueError(f"parameter {one.key!r} is in an unknown group {one.group!r}")
        parameters[one.key] = one
    return Schema(
        key=content["key"],
        title=content["title"],
        note=content.get("note", {}),
        applies_from=date.fromisoformat(content["applies_from"]),
        verified=content["verified"],
        grade=content["grade"],
        source=content["source"],
        groups=content["groups"],
        parameters=parameters,
        sha256=digest(dict(content)),
    )


@cache
def ours() -> Schema:
    """Return the schema that comes with the platform."""
    file = resources.files("roadworthy.domains.access") / "data" / OURS
    return of(parse(file.read_text(encoding="utf-8")))


def _parameter(row: Mapping[str, Any]) -> Parameter:
    low, high = (Decimal(row[name]) if name in row else None for name in ("lowest", "highest"))
    if low is not None and high is not None and low > high:
        raise ValueError(f"the range of {row['key']!r} is upside down")
    if row["type"] == "choice" and not row.get("choices"):
        raise ValueError(f"{row['key']!r} has no choices")
    return Parameter(
        key=row["key"],
        group=row["group"],
        name=row["name"],
        type=row["type"],
        unit=row["unit"],
        main=row["main"],
        required=row["required"],
        lowest=low,
        highest=high,
        decimals=row.get("decimals", 0),
        choices=row.get("choices"),
    )
