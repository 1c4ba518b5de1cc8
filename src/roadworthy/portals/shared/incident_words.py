"""The words for incidents: triggers, states, who told, fields of the record, steps of custody.

What the rulebook asks for has the rulebook's words; the rest of the record has its words here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.incidents import fields
from roadworthy.domains.incidents.fields import Form
from roadworthy.domains.incidents.investigating import Sort
from roadworthy.domains.incidents.running import Basis
from roadworthy.domains.incidents.states import (
    Action,
    Channel,
    CopyState,
    HoldState,
    QuestionState,
    Series,
    State,
    Trigger,
)
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import formats
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Chip, Text, Tone

STATES: Mapping[State, Chip] = {
    State.NEW: Chip(Tone.DUE, pgettext_lazy("incident", "To be qualified")),
    State.OPEN: Chip(Tone.LIVE, pgettext_lazy("incident", "Under investigation")),
    State.CONCLUDED: Chip(Tone.LIVE, pgettext_lazy("incident", "Investigated, to be closed")),
    State.CLOSED: Chip(Tone.MET, pgettext_lazy("incident", "Closed")),
    State.SET_ASIDE: Chip(Tone.IDLE, pgettext_lazy("incident", "No incident")),
    State.MERGED: Chip(Tone.IDLE, pgettext_lazy("incident", "Merged into another")),
}
COPIES: Mapping[CopyState, Chip] = {
    CopyState.SENT: Chip(Tone.DUE, pgettext_lazy("incident report", "Not acknowledged")),
    CopyState.ACKNOWLEDGED: Chip(Tone.MET, pgettext_lazy("incident report", "Acknowledged")),
}
QUESTIONS: Mapping[QuestionState, Chip] = {
    QuestionState.OPEN: Chip(Tone.DUE, pgettext_lazy("question", "Open")),
    QuestionState.ANSWERED: Chip(Tone.MET, pgettext_lazy("question", "Answered")),
}
HOLDS: Mapping[HoldState, Chip] = {
    HoldState.ACTIVE: Chip(Tone.MET, pgettext_lazy("hold", "Held")),
    HoldState.END_PROPOSED: Chip(Tone.DUE, pgettext_lazy("hold", "Held, end proposed")),
    HoldState.ENDED: Chip(Tone.IDLE, pgettext_lazy("hold", "Ended")),
}
TRIGGERS: Mapping[Trigger, Text] = {
    Trigger.DISENGAGEMENT: _("Disengagement by failure"),
    Trigger.COLLISION: _("Collision"),
    Trigger.TAKEOVER_UNANSWERED: _("Takeover request unanswered"),
    Trigger.UPDATE_FAILED: _("Update failed"),
    Trigger.INTRUSION: _("Intrusion"),
    Trigger.THERMAL: _("Heat, smoke or fire"),
    Trigger.LOSS_OF_CONTROL: _("Loss of control"),
    Trigger.OTHER: pgettext_lazy("incident", "Other"),
}
CHANNELS: Mapping[Channel, Text] = {
    Channel.VEHICLE: _("The vehicle itself"),
    Channel.OWNER: _("The owner"),
    Channel.PERSON: _("A colleague"),
    Channel.SYSTEM: _("Another system"),
    Channel.AUTHORITY: _("An authority"),
    Channel.COMPLAINT: _("A complaint"),
}
SERIES: Mapping[Series, Text] = {
    Series.INCIDENT: _("Incident report"),
    Series.NEV_BASIC: _("Basic information on a new-energy accident"),
    Series.NEV_FULL: _("Full form on a new-energy accident"),
}
BASES: Mapping[Basis, Text] = {
    Basis.EVENT: _("the vehicle said so in the event"),
    Basis.PROVEN: _("proven by a campaign"),
    Basis.VEHICLE: _("the vehicle said so before"),
    Basis.SET: _("from its software identification number"),
    Basis.BASELINE: _("as it was registered"),
}
SORTS: Mapping[Sort, Text] = {
    Sort.TIMELINE: _("Timeline"),
    Sort.FINDING: pgettext_lazy("investigation", "Finding"),
    Sort.ROOT_CAUSE: _("Root cause"),
    Sort.MEASURE: pgettext_lazy("investigation", "Measure"),
    Sort.NOTE: pgettext_lazy("investigation", "Reason of a step"),
}
STEPS: Mapping[str, Text] = {
    "placed": pgettext_lazy("custody", "Hold placed"),
    "added": pgettext_lazy("custody", "Put under the hold"),
    "read": pgettext_lazy("custody", "Read"),
    "exported": pgettext_lazy("custody", "Exported"),
    "end-proposed": pgettext_lazy("custody", "End proposed"),
    "kept": pgettext_lazy("custody", "Hold goes on"),
    "ended": pgettext_lazy("custody", "Hold ended"),
    "removed": pgettext_lazy("custody", "Bytes removed"),
}
ACTIONS: Mapping[Action, Text] = {
    Action.QUALIFY: _("Say what it is"),
    Action.SET_ASIDE: _("It is no incident"),
    Action.TAKE_BACK: _("It was one after all"),
    Action.CONCLUDE: _("End the investigation"),
    Action.CLOSE: pgettext_lazy("incident", "Close it"),
    Action.REOPEN: pgettext_lazy("incident", "Take it up again"),
    Action.MERGE: _("It is the same as another"),
    Action.SEPARATE: _("It is another one after all"),
}
OWN: Mapping[str, Text] = {
    "province": _("Province"),
    "city": _("City"),
    "place": _("Place"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "system_name": _("Name of the system"),
    "system_version": _("Primary version of the system"),
    "failure": _("What failed"),
    "warnings": _("Warnings before it"),
    "driver_state": _("State of the driver"),
    "speed_kmh": _("Speed"),
    "road": _("Kind of road"),
    "weather": _("Weather"),
    "light": _("Light"),
    "vulnerable_party": _("Pedestrians or riders were involved"),
    "injured": _("Persons hurt"),
    "killed": _("Persons killed"),
    "airbag": _("An airbag opened"),
    "towed": _("The vehicle was towed"),
    "damage": _("Damage"),
    "immediate_measures": _("Measures taken at once"),
    "preliminary_cause": _("Preliminary cause"),
    "suspected_defect": _("A defect is suspected"),
    "public_notice": _("The public knows of it"),
    "narrative": _("What happened"),
}
CHOICES: Mapping[str, Mapping[str, Text]] = {
    "warnings": {
        "hands-on": _("Hands-on request"),
        "eyes-on": _("Eyes-on request"),
        "direct-control": _("Alert to take over"),
        "risk-mitigation": _("Risk mitigation"),
    },
    "driver_state": {
        "attentive": _("Attentive"),
        "distracted": _("Distracted"),
        "hands-off": _("Hands off the wheel"),
        "asleep": _("Asleep"),
        "absent": _("Not in the seat"),
        "unknown": _("Not known"),
    },
    "road": {
        "motorway": _("Motorway"),
        "urban": _("Urban road"),
        "rural": _("Rural road"),
        "parking": _("Parking place"),
        "other": pgettext_lazy("incident", "Other"),
        "unknown": _("Not known"),
    },
    "weather": {
        "clear": _("Clear"),
        "rain": _("Rain"),
        "snow": _("Snow"),
        "fog": _("Fog"),
        "wind": _("Strong wind"),
        "other": pgettext_lazy("incident", "Other"),
        "unknown": _("Not known"),
    },
    "light": {
        "day": _("Daylight"),
        "dusk": _("Dusk or dawn"),
        "night-lit": _("Night, lit"),
        "night-dark": _("Night, dark"),
        "unknown": _("Not known"),
    },
}


def label(name: str) -> str:
    """Return what a field of the record is called."""
    if name in OWN:
        return str(OWN[name])
    return localised(rulebook().facts[name].label.to_json())


def choices(name: str) -> list[tuple[str, str]]:
    """Return what can be chosen for a field, with its words."""
    if name in CHOICES:
        return [(key, str(text)) for key, text in CHOICES[name].items()]
    told = rulebook().facts[name].choices
    return [(key, localised(told[key].to_json())) for key in fields.FIELDS[name].choices]


def recorders() -> list[tuple[str, str]]:
    """Return the recorders with their words."""
    return choices("recorders_holding")


def shown(name: str, value: Any) -> str:
    """Write a value of the record."""
    if value is None:
        return _now("taken back")
    form = fields.FIELDS[name].form
    if form == Form.BOOL:
        return _now("yes") if value else _now("no")
    if form in {Form.CHOICE, Form.CHOICES}:
        words = dict(choices(name))
        several = value if isinstance(value, list) else [value]
        return _now(", ").join(str(words.get(one, one)) for one in several)
    if form == Form.INSTANT:
        return formats.full_moment(datetime.fromisoformat(value))
    return f"{value:g} km/h" if name == "speed_kmh" else str(value)


def kinds(value: Any) -> str:
    """Write what an incident is before the law."""
    if value is None:
        return _now("not stated yet")
    if not value:
        return _now("none of those that the law names")
    return shown("incident_kinds", value)


def left(due: datetime, now: datetime) -> str:
    """Say how long there is until an instant, or how long it has passed: ``5 h 12 min left``."""
    minutes = int(abs((due - now).total_seconds()) // 60)
    hours, rest = divmod(minutes, 60)
    span = _now("{hours} h {minutes} min").format(hours=hours, minutes=rest)
    text = _now("{span} left") if due >= now else _now("{span} late")
    return text.format(span=span)
