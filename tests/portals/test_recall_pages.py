"""Defects and recalls by their pages: what a form keeps, and what dealers' systems are told."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls.models import Defect, ProducerMatter, RecallPlan
from roadworthy.domains.vehicles.models import Vehicle
from tests import recalling
from tests.api.systems import system
from tests.portals.town import Town

pytestmark = pytest.mark.django_db

OPEN = {
    "origin": "complaint",
    "link": "CP-2025-00001",
    "title_zh": "仪表警示延迟",
    "title_en": "Late warning",
    "reason_zh": "投诉集中。",
    "reason_en": "Complaints pile up.",
}
PLAN = {
    "scope": "type ALPHA\nexcept vin *000001",
    "remedy": "workshop",
    **{f"{name}_{short}": "x" for name in recalling.TEXTS for short in ("zh", "en")},
    "starts_on": "2025-06-16",
    "hotline": "400-000-0000",
}


def test_a_defect_is_opened_analysed_and_confirmed_by_the_pages(town: Town) -> None:
    safety = town.client(Role.SAFETY)
    half = safety.post("/m/defects/open/", OPEN)
    assert half.status_code == 422, "no type is named"
    assert "投诉集中。" in half.content.decode(), "what was typed stays"
    answer = safety.post("/m/defects/open/", OPEN | {"types": [town.world.type_id]})
    address = answer["Location"]
    safety.post(f"{address}do/analyse/")
    lacking = safety.post(f"{address}do/conclude/", {"outcome": "no_defect", "conclusion": "None."})
    assert lacking.status_code == 422
    assert "RCL-02" in lacking.content.decode()
    safety.post(f"{address}do/conclude/", {"outcome": "defect", "conclusion": "Software."})
    made = Defect.objects.get(pk=int(address.strip("/").split("/")[-1]))
    officer = town.client(Role.COMPLIANCE_OFFICER)
    assert officer.post(f"{address}do/dismiss/").status_code == 422, "the other outcome"
    assert officer.post(f"{address}do/send-back/", {"reason": "More."}).status_code == 302
    made.refresh_from_db()
    assert made.state == "analysing"


def test_a_file_beyond_the_limit_is_named_beside_its_field_and_the_words_stay(
    town: Town, settings
) -> None:
    settings.ROADWORTHY = dataclasses.replace(settings.ROADWORTHY, document_megabytes=1)
    big = SimpleUploadedFile("stopped.txt", b"x" * (3 << 20))
    answer = town.client(Role.RECALL).post(
        f"/m/stop-orders/{town.order_id}/do/receive/", {"words": "They called.", "file": big}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 MB" in page
    assert "They called." in page


def test_a_plan_is_refused_line_by_line_and_keeps_what_was_typed(town: Town) -> None:
    recall = town.client(Role.RECALL)
    address = f"/m/recalls/{town.plan_id}/rewrite/"
    wrong = recall.post(address, PLAN | {"scope": "type ALPHA\nvin 740405"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "740405" in page
    assert "400-000-0000" in page
    assert recall.post(address, PLAN).status_code == 302
    plan = RecallPlan.objects.get(pk=town.plan_id)
    assert (plan.vehicles, plan.left_out) == (11, 1)
    vin = Vehicle.objects.get(vin__endswith="000001").vin
    why = recall.get(f"/m/recalls/{town.plan_id}/scope/?vin={vin}").content.decode()
    assert "except vin *000001" in why


def test_samr_reads_a_filed_plan_and_announces_it(town: Town) -> None:
    samr = town.client(Role.SAMR_REVIEWER)
    address = f"/a/recalls/{town.filed_plan_id}/"
    assert samr.post(address, {"kind": "announcement"}).status_code == 422
    sent = {"kind": "announcement", "text_zh": "公告。", "text_en": "Announced."}
    assert samr.post(address, sent).status_code == 302
    assert "公告。" in samr.get(address, headers={"accept-language": "zh-hans"}).content.decode()
    assert samr.get(f"/a/recalls/{town.plan_id}/").status_code == 404, "a draft is not filed"


def test_dealers_systems_ask_by_vin_and_every_answer_has_one_shape(town: Town) -> None:
    dealers = system(town.world, Role.AFTER_SALES)
    known = Vehicle.objects.exclude(vin=None).first().vin
    answer = dealers.ask("POST", "/delivery-locks", {"vins": [known, "LTVAAAAA0SA999999"]})
    assert answer.status_code == 200
    rows = answer.json()
    assert [row["vin"] for row in rows] == [known, "LTVAAAAA0SA999999"]
    assert {tuple(row) for row in rows} == {("vin", "locked", "because")}
    assert rows[1] == {"vin": "LTVAAAAA0SA999999", "locked": False, "because": []}
    assert dealers.ask("POST", "/delivery-locks", {"vins": []}).status_code == 422


def test_a_recall_abroad_is_written_down_filed_and_assessed(town):
    recall = town.client(Role.RECALL)
    sent = {
        "kind": "abroad",
        "title_zh": "美国召回",
        "title_en": "Recall in the US",
        "source": "25V",
    }
    assert recall.post("/m/producer/new/", sent).status_code == 422, "no day"
    assert recall.post("/m/producer/new/", sent | {"happened_on": "2025-06-03"}).status_code == 302
    one = ProducerMatter.objects.get()
    page = recall.get("/m/producer/", headers={"accept-language": "en"}).content.decode()
    assert "RCL-15" in page
    address = f"/m/producer/{one.pk}/"
    assert recall.post(f"{address}file/", {"on": "2025-06-02", "proof": "x"}).status_code == 422
    assert recall.post(f"{address}file/", {"on": "2025-06-04", "proof": "x"}).status_code == 302
    assessed = {"on": "2025-06-05", "words": "无同款。", "defect_number": "D-0"}
    assert recall.post(f"{address}assess/", assessed).status_code == 422
    assert recall.post(f"{address}assess/", assessed | {"defect_number": ""}).status_code == 302
    assert "无同款。" in recall.get("/m/producer/").content.decode()
