"""The owner's own address of a recall: it names plan and vehicle, signed, and is kept nowhere.

Whoever has the address speaks for the owner of that vehicle in that recall, and for nothing else.
"""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

_SALT = "owner-recall"


def token(plan_id: int, vehicle_id: int) -> str:
    """Return the last part of the address."""
    return signing.Signer(salt=_SALT).sign_object([plan_id, vehicle_id])


def path(plan_id: int, vehicle_id: int) -> str:
    """Return the address without the host."""
    return reverse("o:recall", args=[token(plan_id, vehicle_id)])


def behind(text: str) -> tuple[int, int] | None:
    """Return plan and vehicle of an address; None if nobody here has signed it."""
    try:
        plan_id, vehicle_id = signing.Signer(salt=_SALT).unsign_object(text)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(plan_id), int(vehicle_id)
