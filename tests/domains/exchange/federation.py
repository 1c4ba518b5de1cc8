"""The steps that tests of several deployments take, each at the deployment of who takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.filings import ceremony
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import Kind
from tests.domains.exchange.deployments import Deployment
from tests.world import OFFLINE, World


@dataclass
class Federation:
    every: dict[Kind, Deployment]
    now: datetime
    world: World = field(init=False)

    def __post_init__(self) -> None:
        maker = self.every[Kind.MANUFACTURER]
        cast = casting.Cast(OFFLINE, actors=maker.actors, passphrases=dict(maker.passphrases))
        with maker.inside():
            for kind in Kind:
                cast.organisation_ids[kind] = maker.organisation(kind).pk
            cast.roles = ceremony.appoint(
                manufacturer_id=cast.manufacturer_id,
                platform=maker.platform,
                offline_passphrase=OFFLINE,
                at=self.now,
            )
            cast.passphrases |= self.lab.passphrases
            self.world = World(maker.platform, cast, now=self.now, lab=self.lab.platform)
            self.world.add_type()

    @property
    def maker(self) -> Deployment:
        return self.every[Kind.MANUFACTURER]

    @property
    def miit(self) -> Deployment:
        return self.every[Kind.MIIT]

    @property
    def samr(self) -> Deployment:
        return self.every[Kind.SAMR]

    @property
    def lab(self) -> Deployment:
        return self.every[Kind.INSTITUTION]

    def tick(self, **step: float) -> datetime:
        return self.world.tick(**step)

    def filed(self, kind: FilingKind, release=None) -> dict[Kind, Filing]:
        """Prepare and submit at the manufacturer's; return the filings by authority."""
        drafts = self.world.drafts(kind, release) or self.world.prepare(kind, release)
        made = [self.world.submit(one) for one in drafts]
        return {Kind(one.authority.kind): one for one in made}
