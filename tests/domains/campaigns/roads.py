"""A campaign on a small fleet, and the words its vehicles say.

Reports are written the way a gateway writes them: rows of ``gateway_report``, appended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from roadworthy.domains.campaigns import engine, queries, services
from roadworthy.domains.campaigns.models import (
    Action,
    Campaign,
    GatewayAssignment,
    GatewayReport,
)
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.notices.services import FIELDS
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.kernel import vin
from tests.world import ECU, NEW, OLD, World

NOTICE = {
    language: {name: f"{name} ({language})" for name in FIELDS} for language in ("zh-hans", "en")
}
ALL_AT_ONCE = (GroupPlan(100, 90, 50),)
NAME = {"zh-hans": "推送", "en": "Rollout"}


def register(world: World, count: int, *, first: int = 1, version: str = OLD) -> list[int]:
    """Register vehicles of the world's type that run ``version``, and return their ids."""
    rows = [
        vehicles.VehicleRow(
            number=number,
            vin=vin.compose(
                wmi="LTV", descriptor="AAAAA", year=2025, plant="A", serial=number
            ).text,
            controller_id=f"car-{number}",
            type_code="ALPHA",
            baseline={ECU: version} if version else {},
        )
        for number in range(first, first + count)
    ]
    done = vehicles.register_vehicles(
        manufacturer_id=world.cast.manufacturer_id,
        rows=rows,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    assert not done.refused, done.refused
    ids = [one.vehicle_id for one in done.registered]
    services.publish_vehicles(manufacturer_id=world.cast.manufacturer_id, vehicle_ids=ids)
    return ids


@dataclass
class Road:
    """One campaign and what happens on it."""

    world: World
    campaign: Campaign
    tokens: Mapping[int, str]
    sent: int = field(default=0)

    @property
    def manufacturer_id(self) -> int:
        return self.world.cast.manufacturer_id

    @property
    def tenant(self) -> str:
        tenant = Organisation.objects.get(pk=self.manufacturer_id).ddi_tenant
        assert tenant
        return tenant

    def take(self, act: Act, reason: str = "") -> Campaign:
        return services.take(
            act,
            campaign_id=self.campaign.pk,
            actor=self.world.actor(Role.COMPLIANCE_OFFICER),
            at=self.world.tick(),
            reason=reason,
        )

    def publish(self, content: Mapping[str, Any] = NOTICE) -> None:
        services.publish_notice(
            campaign_id=self.campaign.pk,
            content=content,
            actor=self.world.actor(Role.COMPLIANCE_OFFICER),
            at=self.world.tick(),
        )

    def answer(self, vehicle_id: int, choice: str = "yes", **more: Any) -> Action:
        return services.answer_consent(
            token=self.tokens[vehicle_id],
            choice=choice,
            language="zh-hans",
            channel="web",
            at=self.world.tick(seconds=1),
            **more,
        )

    def started(self, *, declined: Sequence[int] = ()) -> Road:
        """Publish, notify, let everyone answer, start."""
        self.publish()
        self.take(Act.NOTIFY)
        for vehicle_id in self.tokens:
            self.answer(vehicle_id, "no" if vehicle_id in declined else "yes")
        self.take(Act.START)
        return self

    def turn(self) -> int:
        return engine.turn(self.world.tick(seconds=1))

    def action(self, vehicle_id: int) -> Action:
        return Action.objects.select_related("vehicle").get(
            campaign=self.campaign, vehicle_id=vehicle_id
        )

    def state(self, vehicle_id: int) -> ActionState:
        return ActionState(self.action(vehicle_id).state)

    def states(self) -> dict[str, int]:
        progress = queries.progress(self.campaign, self.world.now)
        return {str(state): count for state, count in progress.counts.items()}

    def row(self, vehicle_id: int) -> GatewayAssignment:
        action = self.action(vehicle_id)
        return GatewayAssignment.objects.get(controller_id=action.vehicle.controller_id)

    def refresh(self) -> Campaign:
        self.campaign.refresh_from_db()
        return self.campaign

    def report(
        self,
        vehicle_id: int,
        kind: str,
        body: Any = None,
        *,
        action_id: int | None = None,
        at: datetime | None = None,
    ) -> GatewayReport:
        action = self.action(vehicle_id)
        names = kind not in {"attributes", "register", "seen"}
        return GatewayReport.objects.create(
            tenant=self.tenant,
            controller_id=action.vehicle.controller_id,
            action_id=action_id or (action.pk if names else None),
            kind=kind,
            body={} if body is None else body,
            received_at=at or self.world.tick(seconds=1),
        )

    def feedback(
        self,
        vehicle_id: int,
        execution: str,
        finished: str = "none",
        *details: str,
        kind: str = "feedback",
        **more: Any,
    ) -> GatewayReport:
        body = {
            "status": {
                "execution": execution,
                "result": {"finished": finished},
                "details": list(details),
            }
        }
        return self.report(vehicle_id, kind, body, **more)

    def says(self, vehicle_id: int, version: str, **more: Any) -> GatewayReport:
        return self.report(
            vehicle_id, "attributes", {"mode": "merge", "data": {"sw_version": version}}, **more
        )

    def installs(self, vehicle_id: int) -> None:
        """Everything a well-behaved vehicle reports, up to the proof."""
        self.report(vehicle_id, "retrieved")
        self.feedback(vehicle_id, "proceeding", "none", "installing")
        self.feedback(vehicle_id, "closed", "success", "installed")
        self.says(vehicle_id, NEW)


def road(
    world: World,
    *,
    vehicles: int | Sequence[int] = 3,
    groups: Sequence[GroupPlan] = ALL_AT_ONCE,
    release: Release | None = None,
    **more: Any,
) -> Road:
    """Register vehicles if none are given, and freeze a campaign on them."""
    ids = register(world, vehicles) if isinstance(vehicles, int) else list(vehicles)
    created = services.create_campaign(
        manufacturer_id=world.cast.manufacturer_id,
        release_id=(release or world.released()).pk,
        name=NAME,
        groups=groups,
        vehicle_ids=ids,
        actor=world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
        **more,
    )
    return Road(world, created.campaign, created.consent_tokens)


def later(**step: float) -> timedelta:
    return timedelta(**step)
