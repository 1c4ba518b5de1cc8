"""A finding from both sides: explained with a document, answered by the authority, in its list."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from roadworthy.domains.conformity.models import Finding
from roadworthy.domains.conformity.states import State
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.models import Vehicle
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


def test_a_form_that_is_not_right_loses_nothing_and_names_the_field(town: Town) -> None:
    client = town.client(Role.COMPLIANCE_OFFICER)
    address = reverse("m:finding-act", args=[town.finding_id, "explain"])
    answer = client.post(address, {"because": "workshop", "text": "The order is attached."})
    assert answer.status_code == 422
    content = answer.content.decode()
    assert "The order is attached." in content
    assert 'href="#id_file"' in content
    broken = SimpleUploadedFile("order.pdf", b"not a PDF at all")
    answer = client.post(address, {"because": "workshop", "text": "Words.", "file": broken})
    assert answer.status_code == 422
    assert 'href="#id_file"' in answer.content.decode()


def test_the_list_and_the_page_say_what_runs_where_and_how_long(town: Town) -> None:
    client = town.client(Role.RELEASE_ENGINEER)
    content = client.get(reverse("m:unknown")).content.decode()
    assert "9.9.9" in content
    assert "9.9.8" in content
    only = client.get(reverse("m:unknown"), {"search": "9.9.8"}).content.decode()
    assert "9.9.9" not in only
    page = client.get(reverse("m:finding", args=[town.finding_id])).content.decode()
    assert Vehicle.objects.get(pk=town.vehicle_id).vin in page


def test_an_authority_reads_no_vin_in_a_finding_and_finds_the_vehicle_by_its_vin(
    town: Town,
) -> None:
    vin = Vehicle.objects.get(pk=town.vehicle_id).vin
    client = town.client(Role.SAMR_REVIEWER)
    page = client.get(reverse("a:finding", args=[town.finding_id])).content.decode()
    assert vin not in page
    found = client.post(reverse("a:vin"), {"vin": vin}).content.decode()
    assert "DEMO-ALPHA" in found
    stranger = town.client(Role.SAMR_REVIEWER, stranger=True)
    assert stranger.post(reverse("a:vin"), {"vin": vin}).status_code == 422


def test_an_export_is_a_file_and_no_link(town: Town) -> None:
    client = town.client(Role.HOMOLOGATION)
    address = reverse("m:type-swin-export", args=[town.world.type_id, "html"])
    assert client.post(address).status_code == 404


def test_the_finding_waits_for_the_authorities(town: Town) -> None:
    assert Finding.objects.get(pk=town.finding_id).state == State.REPORTED
    waiting = town.client(Role.MIIT_REVIEWER).get(reverse("a:findings")).content.decode()
    assert "9.9.9" in waiting
    assert "9.9.8" not in waiting


def test_a_finding_says_where_it_was_first_seen_or_that_nobody_knows(town: Town) -> None:
    sides = (
        (town.client(Role.HOMOLOGATION), reverse("m:finding", args=[town.finding_id])),
        (town.client(Role.SAMR_REVIEWER), reverse("a:finding", args=[town.finding_id])),
    )
    for client, page in sides:
        client.cookies["django_language"] = "en"
        assert "Not known: neither the record" in client.get(page).content.decode()
    vehicle = Vehicle.objects.filter(pk=town.vehicle_id)
    vehicle.update(imported={"Region": "Shanghai", "colour": "red"}, attributes={"维修站": "W-7"})
    for client, page in sides:
        text = client.get(page).content.decode()
        assert "Shanghai · W-7" in text
        assert "red" not in text.split("Where first seen")[1].split("</dd>")[0]
