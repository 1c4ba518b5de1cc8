"""Texts and complaints by their pages: what a form keeps, and whom a sent form does not reach."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from roadworthy.domains.aftersales.models import Complaint
from roadworthy.domains.disclosure.models import Text
from roadworthy.domains.organisations.roles import Role
from tests.portals.town import Town

pytestmark = pytest.mark.django_db
WORDS = {"words_zh": "自动驾驶管家", "words_en": "Self-driving butler"}


def test_a_text_can_be_checked_before_anything_is_kept(town: Town) -> None:
    before = Text.objects.count()
    sent = {**WORDS, "type_id": town.world.type_id, "check": "yes"}
    answer = town.client(Role.MARKETING).post("/m/texts/register/product-name/", sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'data-tone="broken">自动驾驶<sup>' in page
    assert "Self-driving butler" in page, "the words stay"
    assert Text.objects.count() == before


def test_a_form_without_words_names_the_field_and_loses_nothing(town: Town) -> None:
    sent = {"words_zh": "领航辅助", "words_en": "", "type_id": town.world.type_id}
    answer = town.client(Role.MARKETING).post("/m/texts/register/product-name/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "领航辅助" in page
    assert 'href="#id_words_en"' in page


def test_a_wrong_vin_names_the_field_and_loses_nothing(town: Town) -> None:
    sent = {
        "vin": "LTVAAAAA0SA999999",
        "category": "other",
        "channel": "telephone",
        "words": "It shakes.",
    }
    answer = town.client(Role.AFTER_SALES).post("/m/complaints/enter/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "It shakes." in page
    assert 'href="#id_vin"' in page


@pytest.mark.parametrize("step", ["message", "hand-over", "contact", "attach", "do/answer"])
def test_a_form_sent_by_another_manufacturer_finds_nothing(town: Town, step: str) -> None:
    client = town.client(Role.AFTER_SALES, stranger=True)
    address = f"/m/complaints/{town.complaint_id}/{step}/"
    assert client.post(address, {"words": "x", "user_id": "1"}).status_code == 404


def test_the_contact_shows_only_after_it_was_opened(town: Town) -> None:
    client = town.client(Role.AFTER_SALES)
    address = f"/m/complaints/{town.complaint_id}/"
    assert "13912345678" not in client.get(address).content.decode()
    assert "13912345678" in client.post(f"{address}contact/").content.decode()


def test_a_file_is_kept_with_a_complaint_and_comes_back_as_it_was(town: Town) -> None:
    client = town.client(Role.AFTER_SALES)
    address = f"/m/complaints/{town.complaint_id}/"
    note = SimpleUploadedFile("note.txt", "方向盘抖动".encode())
    page = client.post(f"{address}attach/", {"file": note}, follow=True).content.decode()
    assert ">note.txt</a>" in page
    sha256 = hashlib.sha256("方向盘抖动".encode()).hexdigest()
    answer = client.get(f"{address}files/{sha256}/")
    assert b"".join(answer).decode() == "方向盘抖动"
    stranger = town.client(Role.AFTER_SALES, stranger=True)
    assert stranger.get(f"{address}files/{sha256}/").status_code == 404
    wrong = SimpleUploadedFile("report.pdf", b"no PDF at all")
    refused = client.post(f"{address}attach/", {"file": wrong})
    assert refused.status_code == 422
    assert 'href="#id_file"' in refused.content.decode()


def test_the_export_names_no_car_and_no_owner(town: Town) -> None:
    table = town.client(Role.COMPLIANCE_OFFICER).get("/m/complaints.csv").content.decode()
    assert "CP-2025-" in table
    for made in Complaint.objects.select_related("vehicle"):
        assert (made.vehicle.vin or "-") not in table
        assert made.words not in table


def test_samr_reads_of_disputes_and_of_no_car(town: Town) -> None:
    page = town.client(Role.SAMR_REVIEWER).get("/a/complaints/").content.decode()
    assert "升级后方向盘抖动，未取得一致。" in page
    assert "LTVAAAAA" not in page


def test_the_public_reads_limits_and_no_draft(town: Town) -> None:
    page = town.client(Role.MARKETING).get("/p/types/starway/ALPHA/").content.decode()
    assert "可能无法识别静止的障碍物" in page
    assert "自动驾驶管家" not in page
    assert "D-1" not in page, "a release that is not out"


def test_people_see_what_is_theirs(town: Town) -> None:
    marketing = town.client(Role.MARKETING).get("/m/texts/").content.decode()
    service = town.client(Role.AFTER_SALES).get("/m/complaints/").content.decode()
    assert 'href="/m/complaints/"' not in marketing
    assert 'href="/m/texts/"' not in service


def test_what_is_answered_can_be_closed_and_what_is_closed_taken_up_again(town: Town) -> None:
    client, page = town.client(Role.AFTER_SALES), f"/m/complaints/{town.complaint_id}/"
    client.post(f"{page}do/answer/", {"words": "We look into it."})
    assert f'href="{page}do/close/"' in client.get(page).content.decode()
    client.post(f"{page}do/close/", {})
    assert f'href="{page}do/reopen/"' in client.get(page).content.decode()
