"""All kinds of messages that this deployment knows, in one place."""

from __future__ import annotations

from roadworthy.domains.exchange import (
    cargo_filings,
    cargo_incidents,
    cargo_keys,
    cargo_notices,
    cargo_recalls,
    cargo_reports,
    greeting,
    witnessing,
)
from roadworthy.domains.exchange.kinds import Registry

REGISTRY = Registry(
    (
        *cargo_filings.KINDS,
        *cargo_incidents.KINDS,
        *cargo_keys.KINDS,
        *cargo_notices.KINDS,
        *cargo_recalls.KINDS,
        *cargo_reports.KINDS,
        *greeting.KINDS,
        *witnessing.KINDS,
    )
)
