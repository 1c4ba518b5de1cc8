"""What campaigns hold of the owner of one vehicle; the answers are evidence, and append-only."""

from __future__ import annotations

from typing import Any

from roadworthy.domains.campaigns.models import Consent


def copy_of(vehicle_id: int) -> list[dict[str, Any]]:
    """Return what was shown to the owner of a vehicle, and what they answered."""
    found = Consent.objects.filter(action__vehicle_id=vehicle_id).select_related("notice")
    return [
        {
            "notice": one.notice.subject,
            "version": one.notice.version,
            "language": one.language,
            "choice": one.choice,
            "channel": one.channel,
            "at": one.at.isoformat(),
        }
        for one in found.order_by("pk")
    ]


def answers(vehicle_id: int) -> int:
    """Return how many answers of the owner are kept: they prove that somebody was asked."""
    return Consent.objects.filter(action__vehicle_id=vehicle_id).count()
