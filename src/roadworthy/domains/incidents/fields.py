"""What can be said of an incident: the names of a neutral record that fits any authority's form.

No form of the authorities was found, so the record is a superset of those that are known (N45,
NEV19, the American order of 2021, R171, the draft event codes). A name that the rulebook asks for
is the rulebook's own, with its words; the others have their words in the portals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from roadworthy.domains.incidents import errors


class Form(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    COUNT = "count"
    BOOL = "bool"
    INSTANT = "instant"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be said. ``personal``: it may name somebody, so no list shows it."""

    form: Form
    choices: tuple[str, ...] = ()
    personal: bool = False


LONGEST: Final = 8_000  # characters of a text
_MOST: Final = 1_000_000  # of anything counted here; a slip of the finger, no rule
_UNKNOWN: Final = "unknown"
_RECORDERS: Final = ("edr", "dssad", "l2_recorder", "video", "telematics")

# Asked for by the rulebook, under its own names.
LAW: Final[Mapping[str, Field]] = {
    "incident_kinds": Field(
        Form.CHOICES,
        (
            *("disengagement", "collision", "smoke", "fire", "loss_of_control"),
            *("intrusion", "remote_control", "ota_accident"),
        ),
    ),
    "occurred_at": Field(Form.INSTANT),
    "cdas_state": Field(Form.CHOICE, ("active", "active_within_30s", "inactive", _UNKNOWN)),
    "casualties_or_major_impact": Field(Form.BOOL),
    "is_new_energy": Field(Form.BOOL),
    "recorders_holding": Field(Form.CHOICES, _RECORDERS),
    "safety_event": Field(
        Form.CHOICE,
        (
            *("ads_activation", "ads_exit", "takeover_request", "minimal_risk_manoeuvre"),
            *("ads_severe_failure", "vehicle_severe_failure", "unlocked_collision"),
            *("collision_risk", "user_override", "locked_collision", "remote_control_event"),
            *("ota_event", "adas_event", "security_event", "other"),
        ),
    ),
}

OWN: Final[Mapping[str, Field]] = {
    "province": Field(Form.TEXT),
    "city": Field(Form.TEXT),
    "place": Field(Form.TEXT, personal=True),
    "latitude": Field(Form.NUMBER),
    "longitude": Field(Form.NUMBER),
    "system_name": Field(Form.TEXT),
    "system_version": Field(Form.TEXT),
    "failure": Field(Form.TEXT),
    "warnings": Field(Form.CHOICES, ("hands-on", "eyes-on", "direct-control", "risk-mitigation")),
    "driver_state": Field(
        Form.CHOICE, ("attentive", "distracted", "hands-off", "asleep", "absent", _UNKNOWN)
    ),
    "speed_kmh": Field(Form.NUMBER),
    "road": Field(Form.CHOICE, ("motorway", "urban", "rural", "parking", "other", _UNKNOWN)),
    "weather": Field(Form.CHOICE, ("clear", "rain", "snow", "fog", "wind", "other", _UNKNOWN)),
    "light": Field(Form.CHOICE, ("day", "dusk", "night-lit", "night-dark", _UNKNOWN)),
    "vulnerable_party": Field(Form.BOOL),
    "injured": Field(Form.COUNT),
    "killed": Field(Form.COUNT),
    "airbag": Field(Form.BOOL),
    "towed": Field(Form.BOOL),
    "damage": Field(Form.TEXT),
    "immediate_measures": Field(Form.TEXT),
    "preliminary_cause": Field(Form.TEXT),
    "suspected_defect": Field(Form.BOOL),
    "public_notice": Field(Form.BOOL),
    "narrative": Field(Form.TEXT, personal=True),
}

FIELDS: Final[Mapping[str, Field]] = {**LAW, **OWN}
CONDITIONS: Final = ("road", "weather", "light")


def read(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return statements as they are kept: JSON, without what is empty.

    Raises:
        NoSuchField: the record knows no such name.
        WrongValue: a value has not its form.
    """
    kept = {}
    for name, value in stated.items():
        if name not in FIELDS:
            raise errors.NoSuchField(field=name)
        if value is None or value in ("", [], ()):
            continue
        kept[name] = _value(name, FIELDS[name], value)
    return kept


def _value(name: str, field: Field, value: Any) -> Any:
    wrong = errors.WrongValue(field=name, value=str(value)[:60])
    match field.form:
        case Form.BOOL:
            ok = isinstance(value, bool)
        case Form.TEXT:
            ok = isinstance(value, str) and len(value) <= LONGEST and "\0" not in value
        case Form.COUNT:
            ok = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
        case Form.NUMBER:
            ok = isinstance(value, int | float) and not isinstance(value, bool)
            ok = ok and -_MOST <= value <= _MOST
        case Form.CHOICE:
            ok = value in field.choices
        case Form.CHOICES:
            if not isinstance(value, list | tuple) or not set(value) <= set(field.choices):
                raise wrong
            return [one for one in field.choices if one in value]
        case Form.INSTANT:
            return instant(name, value)
    if not ok:
        raise wrong
    return value.strip() if isinstance(value, str) else value


def instant(name: str, value: Any) -> str:
    """Return a moment as RFC 3339 in UTC.

    Raises:
        WrongValue: it is none, or has no offset from UTC.
    """
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise errors.WrongValue(field=name, value=str(value)[:60]) from None
    if at.tzinfo is None:
        raise errors.WrongValue(field=name, value=str(value)[:60])
    return at.astimezone(UTC).isoformat()
