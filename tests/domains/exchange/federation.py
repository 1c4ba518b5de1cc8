"""The steps that tests of several deployments take, each at the deployment of who takes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.exchange import applying, collecting, files, inbox
from roadworthy.domains.exchange.models import Incoming, Outgoing, Peer
from roadworthy.domains.filings import ceremony, services, upkeep
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software.models import Release
from roadworthy.trust import messages
from roadworthy.trust.messages import Message
from tests.domains.exchange.deployments import Deployment
from tests.world import OFFLINE, World

REVIEWERS = {Kind.MIIT: Role.MIIT_REVIEWER, Kind.SAMR: Role.SAMR_REVIEWER}


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

    def post(self, *, tampered: Callable[[Message], Message] | None = None) -> int:
        """Carry everything that waits to where it goes, until nothing waits; return how much.

        ``tampered`` stands for a deployment that sends what it should not: its message is signed
        with its own exchange key nonetheless.
        """
        carried = 0
        while count := sum(self._carry(one, tampered) for one in self.every.values()):
            carried += count
        return carried

    def _carry(self, sender: Deployment, tampered: Callable[[Message], Message] | None) -> int:
        letters: dict[str, list[bytes]] = {}
        with sender.inside():
            upkeep.turn(sender.platform, self.tick())
            collecting.collect()
            waiting = Outgoing.objects.filter(acknowledged_at=None).select_related("line__peer")
            for row in waiting.order_by("pk"):
                payload = bytes(row.payload)
                if tampered is not None:
                    payload = tampered(Message.parse(payload)).payload()
                letters.setdefault(row.line.peer.name, []).append(
                    messages.seal(payload, messages.MESSAGE, sender.identity.signer)
                )
            waiting.update(acknowledged_at=self.world.now)
        for name, envelopes in letters.items():
            other = next(one for one in self.every.values() if one.name == name)
            with other.inside():
                peer = Peer.objects.get(name=sender.name)
                inbox.store(peer, envelopes, own_name=other.name, at=self.tick())
                self._fetch(sender, other)
                applying.turn(other.here, at=self.tick)
        return sum(map(len, letters.values()))

    def _fetch(self, sender: Deployment, other: Deployment) -> None:
        for blob in list(files.wanted(self.world.now)):
            found = sender.here.files.find(blob.sha256)
            if found is None:
                continue
            partial = other.platform.home / blob.sha256
            shutil.copyfile(found, partial)
            length = files.take_in(other.here.files, blob.sha256, partial)
            files.note_fetched(blob, length, at=self.tick())

    def accept(self, number: str, kind: Kind, **more: Any) -> Filing:
        """Let the authority accept what lies before it."""
        there, role = self.every[kind], REVIEWERS[kind]
        with there.inside():
            return services.accept(
                filing_id=Filing.objects.get(number=number).pk,
                passphrase=there.passphrases[role],
                platform=there.platform,
                actor=there.actors[role],
                at=self.tick(),
                **more,
            )

    def through(self, kind: FilingKind, release: Release | None = None) -> None:
        """Take a filing to both authorities and their answers back."""
        with self.maker.inside():
            filed = self.filed(kind, release)
        self.post()
        for authority, filing in filed.items():
            self.accept(filing.number, authority)
        self.post()

    def dead(self, deployment: Deployment) -> list[str]:
        """Return why messages could not take effect there, or wait."""
        with deployment.inside():
            rows = Incoming.objects.exclude(error=None).order_by("pk")
            return [row.error["code"] for row in rows]
