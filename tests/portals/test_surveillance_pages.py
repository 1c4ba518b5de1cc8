"""A file given in the browser, counted on a page, and down to the report behind a count."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.surveillance.models import Alarm, BulkReport, ImportRun, Level
from roadworthy.portals.manufacturer import import_views
from roadworthy.portals.shared import tasks
from tests.domains.surveillance.files import OWN, SGO, as_csv, rows_of, take
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_once(monkeypatch) -> None:
    """Let the queued task run when it is queued, as a worker would a moment later."""
    monkeypatch.setattr(tasks.take_in_reports, "defer", tasks.take_in_reports.func)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)


def give(town: Town, rows, role=Role.SAFETY, name="own.csv"):
    file = SimpleUploadedFile(name, as_csv(rows).encode())
    return town.client(role).post(reverse("m:imports"), {"file": file, "form": "auto"}, follow=True)


def test_a_file_is_given_and_its_rows_are_told(town: Town, at_once) -> None:
    rows = rows_of(OWN, {}, {"report_id": "=1+1", "occurred_on": "never"}, {"report_id": "R-3"})
    page = give(town, rows).content.decode()
    run = ImportRun.objects.get()
    assert (run.imported, run.refused) == (2, 1)
    assert run.register.manufacturer_id == town.world.cast.manufacturer_id
    assert "never" in page
    client = town.client(Role.COMPLIANCE_OFFICER)
    table = b"".join(client.get(reverse("m:import-faults", args=[run.pk])).streaming_content)
    assert "occurred_on" in table.decode()
    assert "own.csv" in client.get(reverse("m:imports")).content.decode()
    stranger = town.client(Role.SAFETY, stranger=True)
    assert stranger.get(reverse("m:import", args=[run.pk])).status_code == 404
    assert not list((import_views.stores.home() / "imports").iterdir()), "the file is not kept"


def test_a_file_of_no_form_names_its_field(town: Town) -> None:
    answer = give(town, [{"bread": "1"}])
    assert answer.status_code == 422
    assert 'href="#id_file"' in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_counts_lead_to_the_reports_and_what_was_blacked_out(town: Town, at_once) -> None:
    hidden = {"Narrative": "[REDACTED, MAY CONTAIN CONFIDENTIAL BUSINESS INFORMATION]"}
    give(town, rows_of(SGO, hidden, {"Report ID": "2-1", "State": "TX"}))
    client = town.client(Role.SAFETY)
    page = client.get(reverse("m:signal-counts"))
    content = page.content.decode()
    assert page.context["rows"][0]["one"].incidents == 1
    assert page.context["rows"][0]["one"].reports == 2
    assert page.context["rows"][0]["rate"] is None, "no exposure known, no rate"
    assert "<svg" in content
    listed = client.get(page.context["rows"][0]["href"])
    assert len(listed.context["listing"].page) == 2
    report = BulkReport.objects.get(report_key="1-1")
    shown = client.get(reverse("m:signal-report", args=[report.pk])).content.decode()
    assert "REDACTED" not in shown
    for role in (Role.SAFETY,):
        stranger = town.client(role, stranger=True)
        assert stranger.get(page.context["rows"][0]["href"]).status_code == 404
        address = reverse("m:signal-report", args=[report.pk])
        assert stranger.get(address).status_code == 404


def test_a_filter_narrows_and_keeps_the_register(town: Town, at_once) -> None:
    give(town, rows_of(OWN, {}, {"report_id": "R-2", "software_version": "2.0"}))
    run = ImportRun.objects.get()
    address = f"{reverse('m:signal-counts')}?register={run.register_id}&software=2.0&sort=function"
    page = town.client(Role.SAFETY).get(address)
    assert [row["software"] for row in page.context["rows"]] == ["2.0"]
    other = town.client(Role.SAFETY, stranger=True)
    assert other.get(address).status_code == 404


def test_levels_are_set_on_a_page_and_vehicle_days_entered(town: Town, at_once) -> None:
    client = town.client(Role.COMPLIANCE_OFFICER)
    address = reverse("m:signal-alarm-levels")
    given = {"window_days": "90", "applies_from": "2199-01-01", "reason": "ours"}
    answer = client.post(address, given)
    assert answer.status_code == 422
    assert 'href="#id_fewest"' in answer.content.decode()
    assert client.post(address, {**given, "fewest": "3"}).status_code == 302
    assert Level.objects.get().fewest == 3
    assert "2199" in client.get(reverse("m:signal-alarms")).content.decode()
    assert not Alarm.objects.exists()
    give(town, rows_of(OWN, {}))
    days = {
        "function": "NOA",
        "software": "1.0.0",
        "month": "2025-06-01",
        "vehicle_days": "2000000",
    }
    assert client.post(reverse("m:signal-exposure"), days).status_code == 302
    [row] = client.get(reverse("m:signal-counts")).context["rows"]
    assert (row["rate"], json.dumps(row["interval"])) == ("0.50", '"0.01\\u20132.79"')


def test_the_authority_reads_public_registers_only(town: Town, at_once, tmp_path) -> None:
    give(town, rows_of(OWN, {"software_version": "own-only"}))
    path = tmp_path / "sgo.csv"
    path.write_text(as_csv(rows_of(SGO, {"ADAS/ADS Version": "public-one"})))
    take(path)
    client = town.client(Role.SAMR_REVIEWER)
    page = client.get(reverse("a:reported")).content.decode()
    assert "public-one" in page
    assert "own-only" not in page
    mine = ImportRun.objects.first().register_id
    assert client.get(f"{reverse('a:reported')}?register={mine}").status_code == 404
