"""What vehicles sent, while it may be kept: the gateway appends, here it is read and dropped."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.processing.models import GatewayTelemetry


def kept(manufacturer_id: int, *, at: datetime) -> QuerySet[GatewayTelemetry]:
    """Return what may still be kept of a manufacturer's vehicles, newest first.

    What has come to its end is not there, even if nobody has dropped it yet.
    """
    slugs = Organisation.objects.filter(pk=manufacturer_id).values("slug")
    return GatewayTelemetry.objects.filter(tenant__in=slugs, drop_at__gt=at).order_by("-pk")


@transaction.atomic(durable=True)
def drop_ended(*, at: datetime) -> int:
    """Drop what has come to the end of its period; return how many records."""
    return GatewayTelemetry.objects.filter(drop_at__lte=at).delete()[0]


def drop_of_vehicle(manufacturer_id: int, controller_id: str) -> int:
    """Drop all of one vehicle, inside the caller's transaction; return how many records."""
    slugs = Organisation.objects.filter(pk=manufacturer_id).values("slug")
    found = GatewayTelemetry.objects.filter(tenant__in=slugs, controller_id=controller_id)
    return found.delete()[0]
