"""What incidents hold of the owner of one vehicle: to be copied for them, and to be erased."""

from __future__ import annotations

from typing import Any

from roadworthy.domains.incidents.models import Account, AccountVersion, Hold
from roadworthy.domains.incidents.states import HoldState


def copy_of(vehicle_id: int) -> list[dict[str, Any]]:
    """Return what was told about the vehicle, with how its teller is reached."""
    found = Account.objects.filter(vehicle_id=vehicle_id).order_by("pk")
    said = AccountVersion.objects.filter(account__in=found).order_by("account_id", "number")
    versions: dict[int, list[dict[str, Any]]] = {}
    for one in said:
        row = {"version": one.number, "words": one.words, "at": one.at.isoformat()}
        versions.setdefault(one.account_id, []).append(row)
    return [
        {
            "channel": one.channel,
            "contact": one.contact,
            "received_at": one.received_at.isoformat(),
            "versions": versions.get(one.pk, []),
        }
        for one in found
    ]


def is_held(vehicle_id: int) -> bool:
    """Say whether something of the vehicle is preserved and must not be changed."""
    return Hold.objects.filter(vehicle_id=vehicle_id).exclude(state=HoldState.ENDED).exists()


def erase(vehicle_id: int) -> tuple[int, int]:
    """Erase how tellers are reached, inside the caller's transaction; what was told stays.

    The account itself is the record that the law asks for, and it is append-only. Return how many
    contacts were erased, and how many accounts stay.
    """
    found = Account.objects.filter(vehicle_id=vehicle_id)
    stays = found.count()
    return found.exclude(contact="").update(contact=""), stays
