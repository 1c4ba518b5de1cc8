"""Words for what persons ask about their data, for data compliance and for the owner."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.rights.states import Action, Kind, State
from roadworthy.domains.rights.stores import Store
from roadworthy.portals.shared.shapes import Chip, Text, Tone

CHIPS: Mapping[str, Chip] = {
    State.RECEIVED: Chip(Tone.LIVE, pgettext_lazy("person's request", "Received")),
    State.CARRIED_OUT: Chip(Tone.MET, pgettext_lazy("person's request", "Carried out")),
    State.REFUSED: Chip(Tone.BROKEN, pgettext_lazy("person's request", "Refused")),
    State.TAKEN_BACK: Chip(Tone.IDLE, pgettext_lazy("person's request", "Taken back")),
}
KINDS: Mapping[str, Text] = {
    Kind.ACCESS: _("A copy of the data"),
    Kind.DELETION: _("Deletion of the data"),
}
ACTS: Mapping[Action, Text] = {
    Action.CARRY_OUT: _("Carry it out"),
    Action.REFUSE: _("Refuse it"),
}
STORES: Mapping[str, Text] = {
    Store.COMPLAINTS: _("Complaints"),
    Store.INCIDENTS: _("Incidents"),
    Store.RECALLS: _("Address for recalls, answers to recalls"),
    Store.UPDATES: _("Answers to notices of updates"),
    Store.TELEMETRY: _("What the vehicle sent"),
    Store.CONSENTS: _("Consents to data"),
    Store.REQUESTS: _("Requests about data"),
    Store.VEHICLE: _("Register of vehicles"),
}
WHY: Mapping[str, Text] = {
    "still-open": _("A complaint is still being dealt with."),
    "held": _("Data of an incident are preserved as evidence."),
    "reported": _("What was told of an incident is part of its record; the contact is erased."),
    "recalled": _("A recall runs: the owner still has to be told."),
    "choice": _("That the owner was asked about an update, and chose, stays on record."),
    "first-owner": _("The producer keeps its records of vehicles and first owners."),
    "stands": _("A consent that stands is withdrawn by itself."),
}
CHANNELS: Mapping[str, Text] = {
    "web": _("Owner's page"),
    "telephone": _("Telephone"),
    "letter": _("Letter or e-mail"),
}
