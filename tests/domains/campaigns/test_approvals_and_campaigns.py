"""Without its approval a type is not updated: what is under way stops, and a person goes on."""

from __future__ import annotations

import pytest
from django.db import connection

from roadworthy.domains.access.states import Action
from roadworthy.domains.campaigns import lifecycle
from roadworthy.domains.campaigns.states import Act, State
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.worklists import queries as work
from roadworthy.gateway import sql
from roadworthy.kernel.calendar import legal_day
from tests.domains.campaigns.endings import approve, move
from tests.domains.campaigns.roads import register, road


def told_to_stop() -> list[int]:
    """Ask the gateways' own text which deployments no vehicle is told to install."""
    with connection.cursor() as cursor:
        cursor.execute(sql.HEADS)
        return list(cursor.fetchone()[-1])


def test_a_suspended_approval_stops_its_campaigns_and_a_person_resumes_them(light):
    r, approval = road(light, vehicles=1).started(), approve(light)
    r.turn()
    move(light, approval, Action.SUSPEND)
    assert r.refresh().state == State.STOPPED
    assert r.campaign.pause_reason["en"] == "The approval MA-1 is suspended: Field findings"
    assert told_to_stop() == [r.campaign.pk]
    item = work.find(
        r.manufacturer_id,
        Kind.MANUFACTURER,
        f"campaign/{r.campaign.pk}",
        today=legal_day(light.now),
    )
    assert item.state == State.STOPPED
    with pytest.raises(lifecycle.ApprovalNotInForce, match="MA-1"):
        r.take(Act.RESUME)
    move(light, approval, Action.RESUME, "Settled")
    assert r.refresh().state == State.STOPPED
    r.take(Act.RESUME)
    assert told_to_stop() == []
    assert r.refresh().state == State.RUNNING


def test_a_revoked_approval_stops_a_campaign_before_its_start_and_none_can_start(light):
    asked, later = road(light, vehicles=1), road(light, vehicles=register(light, 1, first=9))
    approval = approve(light)
    asked.publish()
    asked.take(Act.NOTIFY)
    move(light, approval, Action.REVOKE)
    assert asked.refresh().state == State.STOPPED
    assert later.refresh().state == State.DRAFT
    later.publish()
    later.take(Act.NOTIFY)
    with pytest.raises(lifecycle.ApprovalNotInForce):
        later.take(Act.START)
