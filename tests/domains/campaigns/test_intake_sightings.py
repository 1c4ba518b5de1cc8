"""Vehicles that are only seen: they announce themselves, and they poll."""

from __future__ import annotations

from roadworthy.domains.campaigns import intake
from roadworthy.domains.campaigns.models import GatewayAssignment, GatewayReport
from roadworthy.domains.vehicles.models import (
    Vehicle,
)
from tests.domains.campaigns.roads import register, road


def test_an_unknown_vehicle_announces_itself(light):
    r = road(light, vehicles=1)
    for _ in range(2):
        GatewayReport.objects.create(
            tenant=r.tenant,
            controller_id="stray",
            kind="register",
            body={},
            received_at=light.tick(),
        )
    said = {"data": {"sw_version": "9", "vin": "?"}}
    GatewayReport.objects.create(
        tenant=r.tenant,
        controller_id="stray",
        kind="attributes",
        body=said,
        received_at=light.tick(),
    )
    r.turn()
    vehicle = Vehicle.objects.get(controller_id="stray")
    assert (vehicle.vin, vehicle.type, vehicle.attributes) == (None, None, said["data"])
    assert GatewayAssignment.objects.filter(controller_id="stray").count() == 1


def test_polls_move_last_seen_and_nothing_else(light):
    first, second = register(light, 2)
    tenant = road(light, vehicles=[first]).tenant
    rows = GatewayAssignment.objects.order_by("id").values_list("seq", flat=True)
    before = list(rows)
    at = light.tick(hours=1)
    GatewayReport.objects.create(
        tenant=tenant,
        controller_id="",
        kind="seen",
        body={"vehicles": ["car-1", "car-2", "nobody"]},
        received_at=at,
    )
    assert intake.apply_reports() == 1
    assert set(
        Vehicle.objects.filter(pk__in=[first, second]).values_list("last_seen_at", flat=True)
    ) == {at}
    assert not Vehicle.objects.filter(controller_id="nobody").exists()
    assert list(rows) == before
