"""What vehicles sent, while it may be kept: the gateway appends, here it is read and dropped."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.processing.arrivals import GatewayTelemetry

_ON_ITS_WAY_SECONDS = 600  # a gateway writes the picture first, and then its row


def kept(manufacturer_id: int, *, at: datetime) -> QuerySet[GatewayTelemetry]:
    """Return what may still be kept of a manufacturer's vehicles, newest first.

    What has come to its end is not there, even if nobody has dropped it yet.
    """
    tenants = Organisation.objects.filter(pk=manufacturer_id).values("ddi_tenant")
    return GatewayTelemetry.objects.filter(tenant__in=tenants, drop_at__gt=at).order_by("-pk")


def of_vehicle(
    manufacturer_id: int, controller_id: str, *, at: datetime
) -> QuerySet[GatewayTelemetry]:
    """Return what may still be kept of one vehicle, oldest first."""
    return kept(manufacturer_id, at=at).filter(controller_id=controller_id).order_by("pk")


def drop_ended(pictures: Path, *, at: datetime) -> int:
    """Drop what has come to the end of its period, pictures with it; return how many records.

    The rows go first: a picture that no row names any more is of no use to anybody, and is found
    again by the next turn if this one ends in between.
    """
    with transaction.atomic(durable=True):
        ended = GatewayTelemetry.objects.filter(drop_at__lte=at)
        count = ended.delete()[0]
    _drop_unnamed(pictures)
    return count


def drop_of_vehicle(manufacturer_id: int, controller_id: str) -> int:
    """Drop all of one vehicle, inside the caller's transaction; return how many records.

    Its pictures go with the next turn of ``drop_ended``.
    """
    tenants = Organisation.objects.filter(pk=manufacturer_id).values("ddi_tenant")
    found = GatewayTelemetry.objects.filter(tenant__in=tenants, controller_id=controller_id)
    return found.delete()[0]


def _drop_unnamed(folder: Path) -> None:
    """Remove the pictures that no row names, except those whose row may be on its way."""
    before = time.time() - _ON_ITS_WAY_SECONDS
    old = {path.name: path for path in folder.glob("??/*") if path.stat().st_mtime < before}
    named = _named(old)
    for name, path in old.items():
        if name not in named:
            path.unlink(missing_ok=True)


def _named(digests: Iterable[str]) -> set[str]:
    rows = GatewayTelemetry.objects.filter(picture__in=list(digests))
    return set(rows.values_list("picture", flat=True))
