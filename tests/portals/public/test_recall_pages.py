"""The register of recalls, asked over HTTP by somebody without an account."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.recall_register import services, statistics, vins
from roadworthy.domains.recall_register.models import Import, Line
from roadworthy.domains.recall_register.records import Details
from roadworthy.domains.recall_register.states import Authority, Remedy
from roadworthy.portals.public import recall_views

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
VIN = "LSVAA49J132047371"


@pytest.fixture(params=["zh-hans", "en"])
def browser(request):
    cache.clear()
    client = Client()
    client.cookies["django_language"] = request.param
    return client


def enter(number="S1", **other):
    given = {
        "authority": Authority.SAMR, "number": number, "maker": "某汽车", "products": "甲型",
        "announced": "2025-09-19", "units": 10, "defect": "缺陷描述", "remedy": Remedy.OTA,
        "sources": ("https://example.org/notice",),
    }  # fmt: skip
    return services.enter_recall(details=Details(**(given | other)), actor=PLATFORM, at=AT).recall


def line(recall, first, last):
    source = Import.objects.create(
        file_name="x", sha256="", format="dvsa", encoding="utf-8", summary={}, at=AT
    )
    return Line.objects.create(
        recall=recall, key=recall.key, content=recall.key, model="M", vin_from=first, vin_to=last,
        built_from=date(2010, 1, 1), built_to=date(2010, 2, 1), source=source,
    )  # fmt: skip


def test_every_page_answers_empty_and_full(browser):
    pages = ["/p/recalls/", "/p/recalls/vin/", "/p/recalls/statistics/"]
    assert [browser.get(page).status_code for page in pages] == [200] * 3
    assert browser.get("/p/recalls/7/").status_code == 404
    recall = enter(concern="x", target_software="1.10.0", investigated=True)
    for page in (
        *pages,
        f"/p/recalls/{recall.pk}/",
        "/p/recalls/?search=甲型&year=2025&remedy=ota",
    ):
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert "某汽车" in answer.content.decode() or "vin" in page or "statistics" in page


@pytest.mark.parametrize(
    ("first", "last", "inside"),
    [
        ("LSVAA49J132047000", "LSVAA49J132047999", True),
        ("LSV******32047000", "LSV******32047999", True),
        ("LSV######32047000", "LSV######32047999", True),
        ("LSVAA49J132047372", "LSVAA49J132047999", False),
        ("LSV******32047999", "LSV******32047000", False),
        ("LSV******32047000", "LSX******32047999", False),
        ("LSVAA49J132047371", "", True),
        ("LSVAA49J1320473", "LSVAA49J1320479", False),
        ("LSV built out of sequence", "", False),
        ("***AA49J132047000", "***AA49J132047999", False),
    ],
)
def test_a_vin_is_found_in_a_published_range_and_nothing_is_guessed(first, last, inside):
    assert vins.fits(VIN, first, last) is inside


def test_a_vin_is_asked_without_standing_in_an_address(browser):
    recall = enter("R/2010/111", authority=Authority.DVSA)
    line(recall, "LSV******32047000", "LSV******32047999")
    answer = browser.post("/p/recalls/vin/", {"vin": VIN.lower()})
    assert "R/2010/111" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    other = browser.post("/p/recalls/vin/", {"vin": "1M8GDM9AXKP042788"}).content.decode()
    assert "R/2010/111" not in other
    assert 'data-tone="unknown"' in other


@pytest.mark.parametrize("wrong", ["LSVAA49J132", "LSVAA49J13204737I", "", "  ", "x" * 50])
def test_a_vin_that_is_none_gets_a_clear_message_and_stays_in_the_field(browser, wrong):
    answer = browser.post("/p/recalls/vin/", {"vin": wrong})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_one_machine_asks_only_so_often(browser, monkeypatch):
    few = recall_views.throttle.Throttle("recall-vin-test", attempts=2, seconds=60)
    monkeypatch.setattr(recall_views, "ASKED_VINS", few)
    told = [browser.post("/p/recalls/vin/", {"vin": VIN}).status_code for _ in range(3)]
    assert told == [200, 200, 429]


def test_open_data_names_source_and_licence_and_a_formula_is_none(browser):
    enter(licence="Open Government Licence v3.0", defect="=HYPERLINK(1)")
    text = b"".join(browser.get("/p/recalls/data.csv").streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["licence"], row["sources"]) == (
        "Open Government Licence v3.0",
        "https://example.org/notice",
    )
    assert row["defect"] == "'=HYPERLINK(1)"
    told = json.loads(b"".join(browser.get("/p/recalls/data.json").streaming_content))
    assert (told[0]["number"], told[0]["defect"]) == ("S1", "=HYPERLINK(1)")


def test_the_feed_tells_what_was_entered_or_amended(browser):
    enter()
    enter(units=11)
    feed = ET.fromstring(browser.get("/p/recalls/feed/").content)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1
    assert entries[0].find("{http://www.w3.org/2005/Atom}id").text.endswith("#2")


def test_the_figures_of_the_article_come_out_of_entered_records(browser):
    """19 recalls and 4.068 million vehicles over the air in 2024, 246.8 % more than in 2023.

    And 5 with 1.6675 million until 19 September 2025, four of them after an investigation.
    """
    enter("2023", announced="2023-06-01", units=1_173_000)
    for n in range(18):
        enter(f"2024-{n}", announced="2024-06-01", units=226_000)
    enter("2024-18", announced="2024-12-31")
    for n, units in enumerate((1_200_000, 300_000, 50_000, 98_462, 19_038)):
        enter(f"2025-{n}", announced="2025-09-19", units=units, investigated=n < 4)
    enter("workshop", announced="2024-07-01", units=7, remedy=Remedy.WORKSHOP)
    latest, before, first = statistics.by_year(Authority.SAMR)
    assert (latest.year, latest.ota.activities, latest.ota.vehicles) == (2025, 5, 1_667_500)
    assert latest.ota_investigated == 4
    assert (before.ota.activities, before.ota.vehicles) == (19, 4_068_010)
    assert before.ota_vehicles_change == Decimal("246.8")
    assert (before.all.activities, before.ota_share) == (20, Decimal("95.0"))
    assert first.ota_vehicles_change is None
    told = browser.get("/p/recalls/statistics/").content.decode()
    assert "246.8" in told
    assert "1,667,500" in told
    assert "4,068,000" in told, "as published"
    assert "4,068,010" in told, "as counted"
    assert browser.get("/p/recalls/statistics/?authority=US+NHTSA").status_code == 200


def test_the_list_asks_the_database_as_often_however_long_it_is(browser):
    for n in range(60):
        enter(f"S{n}")
    with CaptureQueriesContext(connection) as asked:
        assert browser.get("/p/recalls/?search=某汽车").status_code == 200
    assert len(asked) <= 5
