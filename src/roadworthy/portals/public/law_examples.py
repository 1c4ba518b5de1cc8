"""Three updates, told as a newcomer would tell them, with the answers that they lead to.

What an example takes for granted is said beside it: the reader changes it and sees what follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from roadworthy.portals.public import law_form
from roadworthy.portals.shared.shapes import Text

_AHEAD = timedelta(days=28)  # an example goes out so long after it is read
_NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        "removes_defect": False,
        "known_defect_for_same_fault": False,
        "changes_automation_function": False,
        "changes_main_parameters": False,
        "changes_primary_version": False,
        "affects_regulated_performance": False,
    }
)


@dataclass(frozen=True, slots=True)
class Example:
    title: Text
    assumes: Text
    facts: Mapping[str, Any]
    days: Mapping[str, timedelta] = field(default_factory=dict)

    def stated(self, today: date) -> dict[str, Any]:
        return {**self.facts, **{name: today + after for name, after in self.days.items()}}

    def is_asked(self, facts: Mapping[str, Any]) -> bool:
        """Say whether the facts are still those of the example; its days may be others."""
        told = {name: value for name, value in facts.items() if name not in self.days}
        return bool(facts) and told == dict(self.facts)

    def href(self, today: date) -> str:
        return f"?{law_form.address(self.stated(today), today)}"


_RELEASE = {"planned_release_on": _AHEAD}
EXAMPLES = (
    Example(
        _("A new map style"),
        _("Colours and signs of the map change, and nothing that drives or is measured."),
        _NOTHING,
        _RELEASE,
    ),
    Example(
        _("Automatic lane change now works above 120 km/h"),
        _(
            "The driver keeps watching (level 2). We take it that the manufacturer counts it as a "
            "new primary version, and that safety is touched."
        ),
        {
            **_NOTHING,
            "changes_automation_function": True,
            "function_level": 2,
            "changes_primary_version": True,
            "affects_regulated_performance": True,
        },
        _RELEASE,
    ),
    Example(
        _("Fixes unintended braking"),
        _(
            "Cars brake by themselves without a reason. We take it that the manufacturer has just "
            "confirmed this as a defect."
        ),
        {**_NOTHING, "removes_defect": True, "affects_regulated_performance": True},
        {**_RELEASE, "defect_confirmed_on": timedelta()},
    ),
)
