"""The whole way once, with the real gate: filed, signed, released, offered, proven, told."""

from __future__ import annotations

import json

from roadworthy.domains.campaigns import queries
from roadworthy.domains.campaigns.states import Act, State
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.vehicles.models import SwinRecord, Vehicle
from tests.domains.campaigns.roads import road
from tests.world import NEW


def test_a_release_that_passed_the_gate_reaches_vehicles_and_its_story_is_whole(world):
    r = road(world, vehicles=3)
    declined, failing, proven = r.tokens
    r.started(declined=[declined])
    r.turn()
    r.report(failing, "retrieved")
    r.feedback(failing, "closed", "failure", "rolled back to the previous version")
    r.installs(proven)
    r.turn()
    r.turn()
    assert r.refresh().state in {State.PAUSED, State.COMPLETED}
    if r.campaign.state == State.PAUSED:  # one of two failed: the limit of this plan
        r.take(Act.RESUME)
        r.turn()
    assert r.refresh().state == State.COMPLETED
    progress = queries.progress(r.campaign, world.now)
    assert (progress.proven, progress.failed, progress.declined) == (1, 1, 1)
    story = [
        json.loads(bytes(entry.body))["event"]
        for entry in Entry.objects.filter(release_id=r.campaign.release_id).order_by("id")
    ]
    for event in (
        "campaign:created",
        "notice:published",
        "consent:given",
        "consent:refused",
        "action:failed",
        "action:proven",
        "vehicle:swin:changed",
    ):
        assert event in story, event
    assert (
        SwinRecord.objects.filter(vehicle_id=proven).count()
        > SwinRecord.objects.filter(vehicle_id=failing).count()
    )
    due = {o.key: o.due_on for o in filings.obligations(world.cast.manufacturer_id)}
    assert due["OTA22-10"] > r.campaign.completed_at.date()
    everything = " ".join(bytes(e.body).decode() for e in Entry.objects.all())
    assert not any(vehicle.vin in everything for vehicle in Vehicle.objects.all())
    view = queries.owner_view(r.tokens[proven])
    assert (view.result, view.seen_version) == ("success", NEW)
