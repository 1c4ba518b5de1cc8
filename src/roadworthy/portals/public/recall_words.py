"""The register's values in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from roadworthy.domains.recall_register.states import Authority, Remedy
from roadworthy.portals.shared.shapes import Chip, Text, Tone

AUTHORITIES: Mapping[Authority, Text] = {
    Authority.SAMR: _("SAMR, China"),
    Authority.NHTSA: _("NHTSA, United States"),
    Authority.DVSA: _("DVSA, United Kingdom"),
}
REMEDIES: Mapping[Remedy, Text] = {
    Remedy.OTA: _("Over the air"),
    Remedy.BOTH: _("Over the air and in a workshop"),
    Remedy.WORKSHOP: _("In a workshop"),
    Remedy.UNKNOWN: _("Not told"),
}
_TONES = {
    Remedy.OTA: Tone.LIVE,
    Remedy.BOTH: Tone.LIVE,
    Remedy.WORKSHOP: Tone.IDLE,
    Remedy.UNKNOWN: Tone.UNKNOWN,
}
FIGURES: Mapping[str, Text] = {
    "recalls": _("Recalls"),
    "vehicles": _("Vehicles"),
    "recalls_change": _("Recalls against the year before, %"),
    "vehicles_change": _("Vehicles against the year before, %"),
    "ota_recalls": _("Recalls over the air"),
    "ota_vehicles": _("Vehicles remedied over the air"),
    "ota_vehicles_change": _("Vehicles over the air against the year before, %"),
    "ota_investigated": _("Of them after an investigation by SAMR"),
    "ota_reports": _("Reports of updates over the air to SAMR"),
    "ota_reported_vehicles": _("Vehicles in these reports, counted each time"),
}


def remedy(value: str) -> Chip:
    """Return a remedy as a chip."""
    kind = Remedy(value)
    return Chip(_TONES[kind], REMEDIES[kind])
