"""Stage and final reports on a recall as both sides read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from roadworthy.portals.shared import formats
from roadworthy.portals.shared.shapes import Text

_NAMES: Mapping[str, Text] = {"stage": _("Stage report"), "final": _("Final report")}
_FIGURES: Mapping[str, Text] = {
    "vehicles": _("Vehicles in scope"),
    "remedied": _("Remedied, proven"),
    "by_running_version": _("By the running version"),
    "by_workshop": _("By a workshop"),
    "notices_sent": _("Notices sent"),
    "notices_bounced": _("Notices that came back"),
    "declined": _("Owners who decline"),
    "unreachable": _("Owners not reached"),
    "to_follow_up": _("To follow up"),
}


def rows(reports: Iterable[Any]) -> list[tuple[Any, Text, list[tuple[Text, str]]]]:
    """Return each report with its name and its figures by their names."""
    return [(one, _NAMES[one.kind], _figures(one.figures)) for one in reports]


def _figures(told: Mapping[str, Any]) -> list[tuple[Text, str]]:
    return [(name, formats.number(told[key])) for key, name in _FIGURES.items() if key in told]
