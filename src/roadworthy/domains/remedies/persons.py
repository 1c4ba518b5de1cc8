"""What recalls hold of the owner of one vehicle: to be copied for them, and to be erased."""

from __future__ import annotations

from typing import Any

from roadworthy.domains.recalls.models import InScope, Remedied
from roadworthy.domains.recalls.states import IN_FORCE
from roadworthy.domains.remedies.models import Answer, Contact


def copy_of(vehicle_id: int) -> dict[str, Any]:
    """Return how the owner is reached, and what they answered to recalls."""
    contact = Contact.objects.filter(vehicle_id=vehicle_id).first()
    fields = ("name", "address", "email", "phone", "language")
    answers = Answer.objects.filter(vehicle_id=vehicle_id).order_by("recall_id")
    return {
        "contact": {name: getattr(contact, name) for name in fields} if contact else {},
        "answers": [
            {
                "choice": one.choice,
                "channel": one.channel,
                "words": one.words,
                "at": one.at.isoformat(),
            }
            for one in answers
        ],
    }


def is_recalled(vehicle_id: int) -> bool:
    """Say whether the owner still has to be told of a recall, so that their address is needed."""
    plans = InScope.objects.filter(
        vehicle_id=vehicle_id, included=True, plan__state__in=list(IN_FORCE)
    ).values_list("plan_id", flat=True)
    done = set(Remedied.objects.filter(vehicle_id=vehicle_id).values_list("recall_id", flat=True))
    return bool(set(plans) - done)


def erase(vehicle_id: int) -> int:
    """Erase the owner's address and the words of their answers, inside the caller's transaction."""
    gone, _each = Contact.objects.filter(vehicle_id=vehicle_id).delete()
    return gone + Answer.objects.filter(vehicle_id=vehicle_id).exclude(words="").update(words="")
