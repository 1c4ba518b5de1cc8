"""Who this deployment is to others: its name, its exchange key, its own small CA."""

from __future__ import annotations

from roadworthy.domains.exchange.errors import NoExchange
from roadworthy.domains.exchange.models import Deployment


def own() -> Deployment:
    """Return this deployment's row.

    Raises:
        NoExchange: it takes no part in the exchange.
    """
    found = find()
    if found is None:
        raise NoExchange
    return found


def find() -> Deployment | None:
    """Return this deployment's row, if it takes part in the exchange."""
    return Deployment.objects.select_related("organisation").first()
