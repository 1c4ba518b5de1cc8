"""A telematics system tells of incidents, an authority's system reads what was reported."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from roadworthy.domains.incidents import reporting
from roadworthy.domains.incidents.models import Incident
from roadworthy.domains.incidents.states import Series
from roadworthy.domains.organisations.roles import Role
from tests.api.systems import system
from tests.api.test_systems import home  # noqa: F401 - an autouse fixture
from tests.world import World

TOLD = {
    "external_id": "CALL-77",
    "trigger": "thermal",
    "type_code": "ALPHA",
    "learned_at": "2025-06-09T03:00:00+08:00",
    "words": "Smoke from the floor.",
    "stated": {"incident_kinds": ["smoke"], "is_new_energy": True, "injured": 1},
}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    cache.clear()


def test_what_a_system_tells_is_one_incident_however_often_it_tells_it(world: World) -> None:
    telematics = system(world, Role.SAFETY)
    made = telematics.ask("POST", "/incidents", json.dumps(TOLD))
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["next_due_at"].startswith("2025-06-09T01:00"), "six hours, in UTC"
    again = telematics.ask("POST", "/incidents", json.dumps(TOLD)).json()
    assert again["number"] == told["number"]
    assert Incident.objects.count() == 1
    for wrong in ({"trigger": "party"}, {"stated": {"colour": "red"}}, {"type_code": "NONE"}):
        sent = TOLD | {"external_id": "CALL-78"} | wrong
        answer = telematics.ask("POST", "/incidents", json.dumps(sent))
        assert answer.status_code == 422, wrong
    listed = telematics.ask("GET", "/incidents?trigger=thermal").json()
    assert [one["number"] for one in listed["items"]] == [told["number"]]
    assert telematics.ask("GET", "/incidents/IN-1999-00001").status_code == 404


def test_an_authoritys_system_reads_what_was_sent_to_it(world: World) -> None:
    telematics = system(world, Role.SAFETY)
    number = telematics.ask("POST", "/incidents", json.dumps(TOLD)).json()["number"]
    found = Incident.objects.get(number=number)
    reporting.report(
        incident_id=found.pk,
        series=Series.NEV_BASIC,
        actor=world.actor(Role.SAFETY),
        at=found.learned_at,
    )
    samr, miit = system(world, Role.SAMR_REVIEWER), system(world, Role.MIIT_REVIEWER)
    (line,) = samr.ask("GET", "/authority/incident-reports").json()["items"]
    assert line["number"] == f"{number}/nev-basic/1"
    whole = samr.ask("GET", f"/authority/incident-reports/{line['id']}").json()
    assert whole["content"]["stated"]["injured"] == 1
    assert miit.ask("GET", "/authority/incident-reports").json()["items"] == []
    assert miit.ask("GET", f"/authority/incident-reports/{line['id']}").status_code == 404
