"""A possible defect in a world, taken through the real services."""

from __future__ import annotations

from typing import Any

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import services
from roadworthy.domains.recalls.models import Defect

TITLE = {"zh-hans": "仪表警示延迟", "en": "Late warning of the cluster"}
REASON = {"zh-hans": "投诉集中。", "en": "Complaints pile up."}


def defect(world: Any, role: Role = Role.SAFETY, **other: Any) -> Defect:
    given = {
        "origin": "complaint",
        "title": TITLE,
        "type_ids": [world.type_id],
        "reason": REASON,
        "links": {"complaint": "CP-2025-00001"},
        "ecus": ["combinationMeter"],
    }
    actor = other.pop("actor", None) or world.actor(role)
    return services.open_defect(**(given | other), actor=actor, at=world.tick())
