"""A campaign on its page: what moves, what can be done, and what is asked first."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

from roadworthy.domains.campaigns.models import Action, Campaign
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(town: Town) -> Client:
    client = town.client(Role.COMPLIANCE_OFFICER)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def address(town: Town) -> str:
    return f"/m/campaigns/{town.campaign.pk}/"


def state(town: Town) -> str:
    return Campaign.objects.get(pk=town.campaign.pk).state


def test_a_running_campaign_asks_for_its_moving_part_by_itself(officer, address) -> None:
    page = officer.get(address).content.decode()
    assert f'hx-get="{address}"' in page
    assert 'hx-trigger="every 5s"' in page
    assert page.count('role="status"') >= 2  # figures in one line, and the toasts


def test_the_moving_part_comes_without_the_shell(officer, address) -> None:
    part = officer.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="live"' in part
    assert 'hx-swap-oob="innerHTML"' in part


def test_the_figures_are_those_of_the_vehicles(officer, address) -> None:
    page = officer.get(address).content.decode()
    for piece in (
        'Proven <strong class="num">4</strong>',
        'Failed, restored <strong class="num">1</strong>',
        "no space left",
        "limit 50%",
    ):
        assert piece in page


def test_an_emergency_stop_asks_for_the_reason_and_the_number(officer, address, town) -> None:
    answer = officer.post(f"{address}do/stop/", {"stop-reason": "", "stop-confirm": "C"})
    assert answer.status_code == 422
    assert state(town) == "running"
    number = f"C-{town.campaign.created_at.year}-{town.campaign.pk:03d}"
    form = {"stop-reason": "smoke", "stop-confirm": number}
    assert officer.post(f"{address}do/stop/", form).status_code == 302
    assert state(town) == "stopped"
    page = officer.get(address).content.decode()
    assert "Reason: smoke" in page
    assert "Resume the rollout" in page


def test_a_pause_acts_at_once_and_can_be_taken_back(officer, address, town) -> None:
    officer.post(f"{address}do/pause/")
    assert state(town) == "paused"
    officer.post(f"{address}do/resume/")
    assert state(town) == "running"


def test_looking_at_an_act_takes_no_step(officer, address, town) -> None:
    assert officer.get(f"{address}do/pause/").status_code == 302
    assert officer.get(f"{address}do/stop/").status_code == 200
    assert state(town) == "running"


def test_an_engineer_may_stop_but_is_not_offered_the_pause(town, address) -> None:
    client = town.client(Role.RELEASE_ENGINEER)
    page = client.get(address).content.decode()
    assert "do/stop/" in page
    assert "do/pause/" not in page
    assert client.post(f"{address}do/pause/").status_code == 403


def test_the_shares_of_a_plan_have_to_add_up(officer) -> None:
    form = {"name_zh": "推送", "name_en": "Rollout", "hours": "72"}
    form |= {"g1_share": "50", "g1_success": "90", "g1_error": "10"}
    answer = officer.post("/m/campaigns/plan/R-2025.1/", form)
    assert answer.status_code == 422
    assert "The shares add up to 50%." in answer.content.decode()


def test_a_half_filled_group_is_named(officer) -> None:
    form = {"name_zh": "推送", "name_en": "Rollout", "hours": "72"}
    form |= {"g1_share": "100", "g1_success": "", "g1_error": "10"}
    page = officer.post("/m/campaigns/plan/R-2025.1/", form).content.decode()
    assert "Fill in all three figures of this group, or none." in page


def test_a_notice_lacks_nothing_that_owners_must_be_told(officer, address) -> None:
    answer = officer.post(f"{address}notice/", {"zh_purpose": "更清晰"})
    assert answer.status_code == 422
    assert answer.content.decode().count("Owners must be told this. Fill it in.") == 15


def test_the_vehicles_of_a_campaign_can_be_narrowed(officer, address) -> None:
    page = officer.get(f"{address}vehicles/?state=failed").content.decode()
    assert "1–1 of 1" in page
    assert "no space left" in page


def test_a_stage_report_states_what_the_running_campaign_has_reached_to_the_vehicle(
    town: Town,
) -> None:
    campaign, filer = town.campaign, town.client(Role.HOMOLOGATION)
    filer.cookies["django_language"] = "en"
    page = f"/m/releases/{campaign.release.number}/file/stage/"
    assert filer.get(page).status_code == 200
    typed = {"problems": "None", "measures": "None", "outlook": "The rest within a month"}
    assert filer.post(page, typed).status_code == 302
    campaign.refresh_from_db()
    reached = Counter(Action.objects.filter(campaign=campaign).values_list("state", flat=True))
    assert reached
    for filing in Filing.objects.filter(dossier__kind="stage"):
        (stated,) = filing.dossier.content["details"]["figures"]["campaigns"]
        assert {state: n for state, n in stated["by_state"].items() if n} == reached
        assert stated["vehicles"] == sum(reached.values())
        assert stated["vehicles_sha256"] == campaign.vehicles_sha256
        assert stated["started_on"] == legal_day(campaign.started_at).isoformat()
        assert stated["completed_on"] is None
    again = filer.post(page, typed)  # the same figures are the same report
    assert again.status_code == 422
