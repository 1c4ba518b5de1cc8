"""From a draft to a campaign, through the pages alone."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from roadworthy.domains.filings import queries as filings
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from tests.portals.town import Town
from tests.world import ANSWERS, ECU, OLD

pytestmark = pytest.mark.django_db
NUMBER = "NEW-1"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def engineer(town: Town) -> Client:
    client = town.client(Role.RELEASE_ENGINEER)
    client.cookies["django_language"] = "en"
    return client


def registered(town: Town, client: Client, **other: object) -> object:
    form = {
        "number": NUMBER,
        "planned_on": "2026-12-31",
        "title_zh": "新版本",
        "title_en": "New release",
        "purpose_zh": "改进",
        "purpose_en": "Better",
        "types": [town.world.type_id],
    }
    return client.post("/m/register-release/", form | other)


def uploaded(content: bytes = b"an image", name: str = "new-1.swu") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_release_is_registered_described_and_frozen(town: Town) -> None:
    client = engineer(town)
    assert registered(town, client)["Location"] == f"/m/releases/{NUMBER}/"
    assert "add what changes" in client.get(f"/m/releases/{NUMBER}/").content.decode()
    change = {"ecu_name": ECU, "from_version": OLD, "to_version": "9.0", "file": uploaded()}
    change["file_sha256"] = hashlib.sha256(b"an image").hexdigest()
    assert client.post(f"/m/releases/{NUMBER}/change/", change).status_code == 302
    report = {"kind": "test-report", "title": "Report", "file": uploaded(b"ok", "report.pdf")}
    assert client.post(f"/m/releases/{NUMBER}/evidence/", report).status_code == 302
    given = {k: {True: "yes", False: "no"}.get(v, v) for k, v in ANSWERS.items()}
    assert client.post(f"/m/releases/{NUMBER}/answers/", given).status_code == 302
    assert client.post(f"/m/releases/{NUMBER}/do/freeze/").status_code == 302
    release = software.release(town.world.cast.manufacturer_id, NUMBER)
    assert (release.state, release.labels) == ("frozen", ["routine"])
    assert filings.latest_evaluation(release) is not None


def test_what_was_typed_is_kept_when_something_is_wrong(town: Town) -> None:
    answer = registered(town, engineer(town), number="not a number", title_en="Kept title")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 thing to correct" in page
    assert 'value="Kept title"' in page
    assert 'aria-invalid="true"' in page
    assert "data-focus" in page


def test_a_number_that_is_taken_is_said_beside_its_field(town: Town) -> None:
    page = registered(town, engineer(town), number="R-2025.1").content.decode()
    assert 'id="id_number_error"' in page
    assert "There is already a release" in page


def test_an_upload_whose_digests_differ_is_not_taken(town: Town) -> None:
    client = engineer(town)
    registered(town, client)
    change = {"ecu_name": ECU, "from_version": OLD, "to_version": "9.0", "file": uploaded()}
    change["file_sha256"] = "0" * 64
    answer = client.post(f"/m/releases/{NUMBER}/change/", change)
    assert answer.status_code == 422
    assert "your browser computed 000000000000…" in answer.content.decode()
    release = software.release(town.world.cast.manufacturer_id, NUMBER)
    assert not software.changes_of(release.pk)


def test_what_is_not_known_stays_unstated_and_is_named(town: Town) -> None:
    client = engineer(town)
    registered(town, client)
    client.post(f"/m/releases/{NUMBER}/answers/", {"removes_defect": "", "a": "Why"})
    page = client.get(f"/m/releases/{NUMBER}/").content.decode()
    assert "<mark>Removes a defect</mark>" in page
    assert "(undetermined)" in page


def test_a_signature_asks_for_the_passphrase_and_says_when_it_is_wrong(town: Town) -> None:
    client = engineer(town)
    page = client.get("/m/releases/F-1/").content.decode()
    assert 'id="ask-sign"' in page
    assert f"sha256:{town.releases['frozen'].sha256}" in page  # never a shortened digest
    answer = client.post("/m/releases/F-1/do/sign/", {"sign-passphrase": "not it"})
    assert answer.status_code == 422


def test_metadata_made_anew_has_the_manufacturers_signature_alone(town: Town) -> None:
    client = engineer(town)
    before = filings.candidate_of(town.releases["signed"])
    address = "/m/releases/S-1/sign-anew/"
    assert client.post(address, {"passphrase": "not it"}).status_code == 422
    right = {"passphrase": town.world.passphrase(Role.RELEASE_ENGINEER)}
    assert client.post(address, right).status_code == 302
    after = filings.candidate_of(town.releases["signed"])
    assert after is not None
    assert before is not None
    assert after.pk != before.pk
    assert client.get("/m/releases/F-1/sign-anew/").status_code == 404


def test_withdrawing_wants_the_number_typed_out(town: Town) -> None:
    client = engineer(town)
    answer = client.post("/m/releases/F-1/do/withdraw/", {"withdraw-confirm": "F1"})
    assert answer.status_code == 422
    assert "“F1” is not F-1" in answer.content.decode()
    assert (
        client.post("/m/releases/F-1/do/withdraw/", {"withdraw-confirm": "F-1"}).status_code == 302
    )
    assert software.release(town.world.cast.manufacturer_id, "F-1").state == "withdrawn"


def test_a_step_that_the_table_does_not_allow_is_a_page_not_a_crash(town: Town) -> None:
    answer = engineer(town).post("/m/releases/R-2025.1/do/freeze/")
    assert answer.status_code == 409
    assert "This has changed in the meantime" in answer.content.decode()


def test_a_filing_is_prepared_for_both_authorities_under_one_digest(town: Town) -> None:
    engineer(town).post("/m/releases/F-1/do/reopen/")
    engineer(town).post("/m/releases/F-1/do/freeze/")
    client = town.client(Role.HOMOLOGATION)
    details = {
        "vehicle_count": "10",
        "schedule": "now",
        "impact": "none",
        "assessment_ota_type": "service",
        **{
            f"assessment_{part}": "as in the manual"
            for part in (
                "update_cycle",
                "demand_source",
                "purpose",
                "failure_before",
                "failure_during",
                "failure_after",
                "conclusion",
            )
        },
        "contingency": "restored",
    }
    answer = client.post("/m/releases/F-1/file/activity/", details)
    assert answer.status_code == 302
    page = client.get("/m/releases/F-1/").content.decode()
    assert "同一内容摘要" in page
    assert client.post("/m/releases/F-1/file/activity/", details).status_code == 422  # once


def test_a_filing_of_another_kind_than_the_law_knows_is_not_found(town: Town) -> None:
    assert town.client(Role.HOMOLOGATION).get("/m/filings/prepare/wish/").status_code == 404


def test_the_list_can_be_taken_away_as_csv(town: Town) -> None:
    rows = engineer(town).get("/m/releases.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("number,title,state")
    assert len(rows) == 1 + len(town.releases)


def test_a_filtered_list_that_is_empty_says_which_filter_to_drop(town: Town) -> None:
    page = engineer(town).get("/m/releases/?search=R-2025&label=defect_remedy").content.decode()
    assert "Nothing matches these 2 filters" in page
    assert "Without “Legal label: Defect remedy” there is 1." in page


def test_a_page_beyond_the_last_shows_the_last(town: Town) -> None:
    assert engineer(town).get("/m/releases/?page=99").status_code == 200
