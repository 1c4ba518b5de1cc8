"""Words for the register of data processing, for both sides of the counter."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.processing import countries
from roadworthy.domains.processing.states import (
    Action,
    Anonymised,
    AssessmentState,
    Ground,
    Important,
    NoticeItem,
    Outcome,
    Path,
    Place,
    Purpose,
    Sensitive,
    State,
    Storage,
    Subject,
)
from roadworthy.egress.policy import Kind, Origin
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Chip, Text, Tone

FLOW: Mapping[State, Chip] = {
    State.DRAFT: Chip(Tone.IDLE, pgettext_lazy("data flow", "Draft")),
    State.DECLARED: Chip(Tone.LIVE, pgettext_lazy("data flow", "Waits for approval")),
    State.APPROVED: Chip(Tone.MET, pgettext_lazy("data flow", "Approved")),
    State.REFUSED: Chip(Tone.BROKEN, pgettext_lazy("data flow", "Refused")),
    State.REPLACED: Chip(Tone.IDLE, pgettext_lazy("data flow", "Replaced")),
    State.ENDED: Chip(Tone.IDLE, pgettext_lazy("data flow", "Ended")),
}
OUTCOMES: Mapping[str, Chip] = {
    Outcome.ALLOWED: Chip(Tone.MET, pgettext_lazy("data flow", "Allowed")),
    Outcome.ALLOWED_IF: Chip(Tone.DUE, pgettext_lazy("data flow", "Allowed if")),
    Outcome.DENIED: Chip(Tone.BROKEN, pgettext_lazy("data flow", "Denied")),
    Outcome.UNDETERMINED: Chip(Tone.UNKNOWN, pgettext_lazy("data flow", "Undetermined")),
    "": Chip(Tone.UNKNOWN, pgettext_lazy("data flow", "Not judged yet")),
}
ACTS: Mapping[Action, Text] = {
    Action.DECLARE: _("Declare it"),
    Action.APPROVE: _("Approve it"),
    Action.RETURN: _("Give it back"),
    Action.REFUSE: _("Refuse it"),
    Action.END: _("End it"),
}
PURPOSES: Mapping[str, Text] = {
    Purpose.DRIVING_SAFETY: _("Driving safety"),
    Purpose.DRIVER_ASSISTANCE: _("Driver assistance"),
    Purpose.NAVIGATION: _("Navigation"),
    Purpose.REMOTE_SERVICE: _("Remote service in the app"),
    Purpose.DIAGNOSIS: _("Diagnosis and repair"),
    Purpose.DEFECT_ANALYSIS: _("Defect analysis and recall"),
    Purpose.SOFTWARE_UPDATE: _("Software update"),
    Purpose.CHARGING: _("Charging"),
    Purpose.DEVELOPMENT: _("Development of products"),
    Purpose.INSURANCE: _("Insurance"),
    Purpose.MARKETING: pgettext_lazy("purpose of data", "Marketing"),
    Purpose.LEGAL_DUTY: _("A duty under the law"),
}
KINDS: Mapping[str, Text] = {
    Kind.NUMBER: pgettext_lazy("kind of data", "Number"),
    Kind.FLAG: _("Yes or no"),
    Kind.WORD: _("One of a list of words"),
    Kind.POSITION: pgettext_lazy("kind of data", "Position"),
    Kind.PICTURE: _("Picture"),
    Kind.AUDIO: _("Sound"),
    Kind.VIDEO: _("Film"),
}
ORIGINS: Mapping[str, Text] = {
    Origin.VEHICLE: _("The vehicle itself"),
    Origin.EXTERIOR: _("Outside the vehicle"),
    Origin.COCKPIT: _("The cockpit"),
}
SUBJECTS: Mapping[str, Text] = {
    Subject.OWNER: _("Owner"),
    Subject.DRIVER: _("Driver"),
    Subject.PASSENGER: _("Passengers"),
    Subject.OUTSIDE: _("Persons outside the vehicle"),
}
SENSITIVE: Mapping[str, Text] = {
    Sensitive.TRACK: _("Track"),
    Sensitive.AUDIO: _("Audio"),
    Sensitive.VIDEO: _("Video"),
    Sensitive.IMAGE: _("Images"),
    Sensitive.BIOMETRICS: _("Biometric features"),
    Sensitive.OTHER: _("Other sensitive information"),
}
IMPORTANT: Mapping[str, Text] = {
    Important.SENSITIVE_AREA: _("Geography and flows of important sensitive areas"),
    Important.ECONOMY: _("Vehicle flow and logistics that reflect the economy"),
    Important.CHARGING_NETWORK: _("Operating data of charging networks"),
    Important.EXTERIOR_FACES_PLATES: _("Exterior video or images with faces or plates"),
    Important.MANY_PERSONS: _("Personal information of many persons"),
    Important.DETERMINED: _("Other data that the authorities determined"),
}
PLACES: Mapping[str, Text] = {
    Place.CAR: _("In the vehicle"),
    Place.COMPANY: _("In the company"),
    Place.THIRD_PARTY: _("At a third party"),
}
STORED: Mapping[str, Text] = {
    Storage.VEHICLE: _("In the vehicle only"),
    Storage.CHINA: _("In China"),
    Storage.CHINA_AND_ABROAD: _("In China, with a copy abroad"),
    Storage.ABROAD: _("Abroad only"),
}
GROUNDS: Mapping[str, Text] = {
    Ground.CONSENT: _("Consent"),
    Ground.CONTRACT: _("Needed for a contract with the person"),
    Ground.LEGAL_DUTY: _("Needed for a duty under the law"),
    Ground.EMERGENCY: _("Emergency: life, health, property"),
    Ground.NOT_PERSONAL: _("No personal information"),
}
ANONYMISED: Mapping[str, Text] = {
    Anonymised.NONE: _("Not at all"),
    Anonymised.FRAMES_DELETED: _("Frames that identify persons are deleted"),
    Anonymised.BLURRED: _("Faces and plates are blurred"),
}
PATHS: Mapping[str, Text] = {
    Path.NONE: pgettext_lazy("way of export", "None"),
    Path.CONTRACT: _("Standard contract"),
    Path.CERTIFICATION: _("Certification"),
}
ASSESSMENTS: Mapping[str, Text] = {
    AssessmentState.NONE: _("Not applied for"),
    AssessmentState.UNDER_WAY: _("Under way"),
    AssessmentState.PASSED: _("Passed"),
    AssessmentState.FAILED: _("Not passed"),
}
NOTICE: Mapping[str, Text] = {
    NoticeItem.KINDS: _("Kinds of information"),
    NoticeItem.SITUATIONS: _("When it is collected and how to stop that"),
    NoticeItem.PURPOSE: _("Purpose and way of processing"),
    NoticeItem.STORAGE: _("Place and period of storage"),
    NoticeItem.ACCESS: _("How to see, copy and delete it"),
    NoticeItem.CONTACT: _("Contact for users' rights"),
}


def country(code: str) -> str:
    """Name a country in the reader's language."""
    return localised(countries.named(code)) if code else ""
