"""What one gateway process has at hand while it answers."""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.gateway.limits import Buckets
from roadworthy.gateway.links import Links
from roadworthy.gateway.model import Model
from roadworthy.gateway.outcomes import Outcomes
from roadworthy.gateway.policies import Policies
from roadworthy.gateway.seen import Seen
from roadworthy.gateway.settings import Settings
from roadworthy.gateway.sight import Sight
from roadworthy.gateway.writer import Writer


@dataclass(frozen=True)
class Host:
    settings: Settings
    model: Model
    outcomes: Outcomes
    writer: Writer
    seen: Seen
    links: Links
    policies: Policies
    sight: Sight
    vehicles: Buckets
    strangers: Buckets

    @classmethod
    def of(cls, settings: Settings) -> Host:
        """Open the files; after forking, for LMDB must not be carried into another process."""
        outcomes = Outcomes(settings)
        writer = Writer(settings, outcomes)
        model = Model(settings)
        return cls(
            settings,
            model,
            outcomes,
            writer,
            Seen(writer, seconds=settings.seen_seconds),
            Links(settings),
            Policies(settings, model),
            Sight(settings),
            Buckets(rate=settings.vehicle_rate, burst=settings.vehicle_burst),
            Buckets(rate=settings.refused_rate, burst=settings.refused_burst),
        )
