"""The register, flows and exports by their pages: from an empty register to a counted export."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.processing import breaches, queries, yearly
from roadworthy.domains.processing.duty_models import Breach
from roadworthy.domains.processing.models import ExportYear, Flow, Item
from roadworthy.kernel.calendar import SHANGHAI, legal_day
from tests.api import systems
from tests.domains.campaigns.conftest import people
from tests.flowing import BLURRED, CONTRACT, Maker

ITEM = {
    "code": "position",
    "name_zh": "位置",
    "name_en": "Position",
    "kind": "position",
    "origin": "vehicle",
    "personal": "on",
    "subjects": ["driver"],
    "sensitive": ["track"],
    "examined": "on",
    "told_important": "no",
    "persons": "500",
}
FLOW = {
    "item": "position",
    "purpose": "remote-service",
    "purpose_zh": "车主在应用中查看车辆位置",
    "purpose_en": "The owner sees where the car is",
    "necessity_zh": "没有位置就无法显示",
    "necessity_en": "Without a position there is nothing to show",
    "ground": "consent",
    "starts_in": "car",
    "processed_in": "company",
    "can_run_in_car": "no",
    "stored": "china",
    "retention_days": "14",
    "precision_metres": "500",
    "path": "none",
    "exempt": "no",
}


@pytest.fixture
def maker(db: None) -> Maker:
    manufacturer_id, actors = people(Kind.MANUFACTURER, "starway", None)
    made = Maker(manufacturer_id, actors)
    made.state()
    return made


def test_from_an_empty_register_to_an_approved_flow(maker):
    data, officer = maker.client(Role.DATA), maker.client(Role.COMPLIANCE_OFFICER)
    assert data.get("/m/data/").status_code == 200
    assert data.post("/m/data/enter/", ITEM).url == "/m/data/items/position/"
    maker.notice("position")
    periods = {
        "purpose": "remote-service",
        "words_zh": "同意",
        "words_en": "Yes",
        "periods": "30, 90",
    }
    assert data.post("/m/data/items/position/consent/", periods).status_code == 302
    sent = FLOW | {"recipient_id": maker.recipient().pk}
    address = data.post("/m/data/flows/declare/", sent).url
    page = data.get(address).content.decode()
    assert "DAT-07" in page
    assert data.post(f"{address}do/declare/").status_code == 302
    assert officer.post(f"{address}do/approve/", {"remark": ""}).status_code == 302
    assert [rule.item for rule in queries.approved_flows(maker.manufacturer_id, 0)] == ["position"]
    for url in (
        "/m/data/",
        "/m/data/flows/",
        "/m/data/items/position/",
        "/m/data/exports/",
        address,
    ):
        for client in (data, officer):
            assert client.get(url).status_code == 200, url
    picture = data.get("/m/data/").content.decode()
    assert 'class="flow" data-look="met"' in picture


def test_a_flow_without_purpose_is_named_and_loses_nothing(maker):
    maker.ready("position")
    sent = FLOW | {"recipient_id": maker.recipient().pk, "purpose_zh": " "}
    answer = maker.client(Role.DATA).post("/m/data/flows/declare/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_purpose_zh"' in page
    assert "Without a position there is nothing to show" in page
    assert not Flow.objects.exists()


@pytest.mark.parametrize("field", ["opened_from", "country"])
def test_a_country_that_does_not_exist_is_named_and_nothing_is_lost(maker, field):
    maker.ready("position")
    client = maker.client(Role.DATA)
    if field == "country":
        sent = {"code": "hq", "name_zh": "总部", "name_en": "Head office", "country": "XX"}
        answer = client.post("/m/data/recipients/enter/", sent)
    else:
        sent = FLOW | {"recipient_id": maker.recipient().pk, "opened_from": "DE XX"}
        answer = client.post("/m/data/flows/declare/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in page
    assert "XX" in page
    assert not Flow.objects.exists()


def test_a_consent_for_always_alone_is_refused(maker):
    maker.enter("position")
    sent = {"purpose": "navigation", "words_zh": "同意", "words_en": "Yes", "offers_always": "on"}
    answer = maker.client(Role.DATA).post("/m/data/items/position/consent/", sent)
    assert answer.status_code == 422
    assert 'href="#id_periods"' in answer.content.decode()


def test_an_item_is_changed_by_a_new_version(maker):
    maker.enter("position")
    client = maker.client(Role.DATA)
    assert client.get("/m/data/items/position/change/").status_code == 200
    sent = {key: value for key, value in ITEM.items() if key != "code"} | {"persons": "700"}
    assert client.post("/m/data/items/position/change/", sent).status_code == 302
    item = Item.objects.get()
    assert [one.persons for one in queries.versions(item.pk)] == [700, 5000]


def test_an_export_is_asked_for_and_counted(maker):
    maker.ready("position")
    flow = maker.abroad("position", persons=50, precision_metres=500, **CONTRACT)
    client = maker.client(Role.DATA)
    sent = {"number": flow.number, "persons": "a\nb\na\n", "reference": "r-1"}
    assert client.post("/m/data/exports/ask/", sent).status_code == 302
    assert ExportYear.objects.get().sensitive == 2
    assert client.get("/m/data/exports/").status_code == 200


def test_the_yearly_report_is_made_as_pdf_and_data_and_handed_in(maker):
    maker.ready("front-camera")
    maker.approve("front-camera", **BLURRED)
    client = maker.client(Role.DATA)
    page = client.get("/m/data/duties/").content.decode()
    assert "12月15日" in page
    made = client.post("/m/data/duties/report/").url
    shown = client.get(made).content.decode()
    assert "台账" in shown, "what the register does not say is named"
    pdf = client.get(f"{made.rstrip('/')}.pdf")
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf.content)).pages)
    assert "Gao Yuqing" in text
    data = client.get(f"{made.rstrip('/')}.json").json()
    assert data["data"][0]["important"] == ["exterior_faces_plates"]
    assert "exports" not in data, "nothing leaves the country: no Article 14 items"
    today = legal_day(datetime.now(UTC))
    assert client.post(f"{made}filed/", {"on": today.isoformat()}).status_code == 302
    (duty,) = [d for d in yearly.duties(maker.manufacturer_id, on=today) if d.rule_id == "DAT-17"]
    assert duty.fulfilled


def test_exporters_add_the_items_of_article_14(maker):
    maker.ready("position")
    maker.abroad("position", persons=50, precision_metres=500, **CONTRACT)
    content = yearly.content_of(maker.manufacturer_id, year=2026, complaints=2)
    assert set(content["exports"]) == set(yearly.EXPORT_ITEMS)
    assert content["exports"]["recipients"][0]["country"] == "DE"


def test_a_vulnerability_has_the_laws_hours_from_its_discovery(maker):
    client = maker.client(Role.DATA)
    found = datetime.now(UTC) - timedelta(hours=2)
    sent = {
        "kind": "vulnerability",
        "title": "Remote unlock",
        "words": "Reported by a researcher",
        "found_at": f"{found.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "endangers_public": "yes",
        "leaked": "no",
    }
    address = client.post("/m/data/breaches/enter/", sent).url
    page = client.get(address).content.decode()
    assert re.search(r"2[12]小时", page), "twenty-four less two"
    assert client.get("/m/data/breaches/").status_code == 200
    early = {"reported_at": "2020-01-01 10:00", "endangers_public": "yes", "leaked": "no"}
    assert client.post(address, early).status_code == 422
    now = f"{datetime.now(SHANGHAI):%Y-%m-%d %H:%M}"
    done = {"reported_at": now, "reported_to": "MIIT", "endangers_public": "yes", "leaked": "no"}
    assert client.post(address, done).status_code == 302
    assert Breach.objects.get().closed_at is not None


def test_a_breach_that_nobody_has_judged_stays_open(maker):
    told = breaches.Told("leak", "Log on a public host", "–", maker.now)
    made = breaches.enter(told=told, actor=maker.data, at=maker.tick())
    noted = breaches.note(breach_id=made.pk, changes={}, actor=maker.data, at=maker.tick())
    assert noted.closed_at is None


def test_a_system_asks_before_an_export_and_is_denied_at_the_number(maker):
    maker.ready("position")
    flow = maker.abroad("position", persons=50, precision_metres=500, **CONTRACT)
    world = SimpleNamespace(cast=SimpleNamespace(actors=maker.actors))
    system = systems.system(world, Role.DATA)
    body = {"flow": flow.number, "persons": ["a", "b", "a"], "reference": "job-7"}
    first = system.ask("POST", "/exports", json.dumps(body)).json()
    again = system.ask("POST", "/exports", json.dumps(body)).json()
    assert (first["allowed"], first["new"], first["sensitive"]) == (True, 2, 2)
    assert (again["repeated"], again["sensitive"]) == (True, 2)
    many = {"flow": flow.number, "persons": [f"p{n}" for n in range(10_000)]}
    denied = system.ask("POST", "/exports", json.dumps(many)).json()
    assert (denied["allowed"], denied["rules"], denied["sensitive"]) == (False, ["DAT-13"], 2)
    unknown = system.ask("POST", "/exports", json.dumps(body | {"flow": "DF-1"}))
    assert unknown.status_code == 404


def test_an_assessment_is_entered_with_what_it_covers(maker):
    maker.ready("position")
    sent = {
        "number": "CAC-2026-7",
        "state": "passed",
        "purposes": ["remote-service"],
        "item_codes": ["position"],
        "recipient_ids": [maker.recipient("hq", "DE").pk],
        "countries": "DE",
        "persons": "50000",
    }
    client = maker.client(Role.DATA)
    assert client.post("/m/data/exports/assessment/", sent).status_code == 302
    assert client.post("/m/data/exports/assessment/", sent).status_code == 422, "once"
    assert "CAC-2026-7" in client.get("/m/data/exports/").content.decode()
    assert client.get("/m/data/flows/declare/").status_code == 200
