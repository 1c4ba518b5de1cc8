"""What complaints hold of the owner of one vehicle: to be copied for them, and to be erased."""

from __future__ import annotations

from typing import Any

from roadworthy.domains.aftersales.models import Complaint, Message
from roadworthy.domains.aftersales.records import INSIDE


def copy_of(vehicle_id: int) -> list[dict[str, Any]]:
    """Return everything that the owner said, how they are reached, and what they were answered."""
    found = Complaint.objects.filter(vehicle_id=vehicle_id).order_by("pk")
    return [
        {
            "number": one.number,
            "category": one.category,
            "state": one.state,
            "words": one.words,
            "contact": one.contact,
            "received_at": one.received_at.isoformat(),
            "messages": [
                {"direction": said.direction, "words": said.words, "at": said.at.isoformat()}
                for said in one.messages.exclude(direction=INSIDE).order_by("pk")
            ],
        }
        for one in found
    ]


def erase(vehicle_id: int) -> tuple[int, int]:
    """Erase the owner out of ended complaints, inside the caller's transaction.

    With the salt goes the link from the log to the words. Return how many complaints were emptied
    and how many stay because they are still being dealt with.
    """
    found = Complaint.objects.select_for_update(no_key=True).filter(vehicle_id=vehicle_id)
    ended = [one for one in found.order_by("pk") if one.ended_at is not None]
    still_open = found.filter(ended_at__isnull=True).count()
    for one in ended:
        one.contact, one.words, one.salt = "", "", b""
        one.save(update_fields=["contact", "words", "salt"])
    Message.objects.filter(complaint__in=ended).update(words="")
    return len(ended), still_open
