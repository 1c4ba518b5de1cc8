"""Facts leave the database once, in order, whatever is interrupted; pages show them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pypdf
import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from roadworthy.cli.figures import figures as command
from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.insight import answers, errors, exporting
from roadworthy.domains.insight.facts import FACTS
from roadworthy.domains.insight.tasks import FOLDER
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.portals.shared import figure_data
from tests.portals.town import Town

pytestmark = pytest.mark.django_db
AT = datetime(2025, 12, 1, tzinfo=UTC)


def rows(folder: Path) -> Mapping[str, list[Mapping[str, object]]]:
    return {name: pq.read_table(folder / name).to_pylist() for name in FACTS}


def test_what_happened_leaves_the_database_once(town: Town, tmp_path: Path) -> None:
    first = exporting.export(tmp_path, at=AT)
    told = rows(tmp_path)
    proven = Entry.objects.filter(event="action:proven").count()
    filed = Entry.objects.filter(event="filing:state:changed").count()
    assert (len(told["updates"]), len(told["filings"])) == (proven, filed)
    assert len(told["updates"]) == Action.objects.filter(state="proven").count() > 0
    cars = Vehicle.objects.filter(vin__isnull=False, type__isnull=False).count()
    assert sum(row["n"] for row in told["fleet"]) == cars > 0
    assert {row["number"] for row in told["incidents"]}
    assert {row["state"] for row in told["recalls"]} == {"filed"}
    assert {row["authority"] for row in told["filings"]} == {"miit", "samr"}
    assert any(row["waited_days"] for row in told["filings"])

    again = exporting.export(tmp_path, at=AT)
    assert (again.end, sum(again.rows.values())) == (first.end, 0)
    assert rows(tmp_path) == told


def test_a_later_run_adds_what_is_new_and_nothing_else(town: Town, tmp_path: Path) -> None:
    exporting.export(tmp_path, at=AT)
    before = {one: one.stat().st_mtime_ns for one in tmp_path.glob("*/*.parquet")}
    known = len(rows(tmp_path)["filings"])
    town.world.submit(town.filings["draft"])
    town.world.witness()
    assert exporting.export(tmp_path, at=AT).rows["filings"] == 1
    assert len(rows(tmp_path)["filings"]) == known + 1
    assert {one: one.stat().st_mtime_ns for one in before} == before


def test_a_run_that_was_killed_goes_on_where_it_stopped(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = exporting.export(tmp_path / "whole", at=AT)
    monkeypatch.setattr(exporting, "SPAN", whole.end // 3)
    written: list[str] = []
    parquet = exporting._parquet

    def dying(folder: Path, fact: object, stem: str, batches: Iterator[object]) -> int:
        written.append(stem)
        if len(written) == 5:
            (folder / fact.name / f".{stem}.parquet.draft").write_bytes(b"half")
            raise KeyboardInterrupt
        return parquet(folder, fact, stem, batches)

    monkeypatch.setattr(exporting, "_parquet", dying)
    with pytest.raises(KeyboardInterrupt):
        exporting.export(tmp_path / "cut", at=AT)
    with pytest.raises(errors.NoFacts):
        exporting.written(tmp_path / "cut")
    monkeypatch.setattr(exporting, "_parquet", parquet)
    exporting.export(tmp_path / "cut", at=AT)
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")


def test_a_count_that_sinks_is_a_difference_below_zero(town: Town, tmp_path: Path) -> None:
    exporting.export(tmp_path, at=AT)
    car = Vehicle.objects.filter(vin__isnull=False, type__isnull=False).latest("id")
    Vehicle.objects.filter(pk=car.pk).update(type=None)
    try:
        assert exporting.export(tmp_path, at=AT).rows["fleet"] == 1
        assert pq.read_table(max((tmp_path / "fleet").iterdir())).to_pylist()[0]["n"] == -1
    finally:
        Vehicle.objects.filter(pk=car.pk).update(type=car.type)


def test_facts_of_a_future_that_the_database_lost_are_refused(town: Town, tmp_path: Path) -> None:
    exporting.export(tmp_path, at=AT)
    folder = tmp_path / "filings"
    ahead = folder / "000000000000-000000999999.parquet"
    next(folder.iterdir()).rename(ahead)
    with pytest.raises(errors.FactsAhead):
        exporting.export(tmp_path, at=AT)
    assert exporting.export(tmp_path, at=AT, anew=True).rows["filings"] > 0
    assert not ahead.exists()


def test_only_one_process_writes(town: Town, tmp_path: Path) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [exporting.LOCK])
            with pytest.raises(errors.Busy):
                exporting.export(tmp_path, at=AT)
            # The server notices a closed connection a little later: the next test may be first.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [exporting.LOCK])
    finally:
        other.close()


def test_each_indicator_is_counted_from_what_was_written(town: Town, tmp_path: Path) -> None:
    exporting.export(tmp_path, at=AT)
    proven = Action.objects.filter(state="proven").count()
    national = answers.of_organisation(answers.Kind.SAMR, "samr")
    told = answers.ask(national, "vehicle-times", folder=tmp_path)
    assert [(one.year, one.value) for one in told.cells] == [(2025, proven)]
    assert "updates" in told.sql
    assert told.end == exporting.written(tmp_path).end
    shown = answers.ask(answers.PUBLIC, "vehicle-times", folder=tmp_path)
    assert [one.hidden for one in shown.cells] == [proven < 5]
    nobody = answers.of_organisation(answers.Kind.MANUFACTURER, "other")
    assert answers.ask(nobody, "vehicle-times", folder=tmp_path).cells == ()
    with pytest.raises(errors.NotSplitSo):
        answers.ask(answers.PUBLIC, "vehicle-times", folder=tmp_path, by="manufacturer")
    with pytest.raises(errors.NotYours):
        answers.of_organisation(answers.Kind.INSTITUTION, "lab")


@pytest.fixture(scope="module")
def counted(town: Town, django_db_blocker: Any) -> Town:
    """The town with its facts where the portals look for them."""
    with django_db_blocker.unblock():
        exporting.export(town.home / FOLDER, at=AT)
    return town


def test_the_public_reads_published_figures_with_their_source(counted: Town) -> None:
    page = Client().get("/p/figures/", headers={"accept-language": "en"}).content.decode()
    for told in (
        "486,000,000",
        "4,047",
        "4,068,000",
        "+246.8%",
        "62.58",
        "more than 35,000",
        "jwview",
        "Xinhua",
    ):
        assert told in page
    assert "not shown: too few" in page


def test_an_authority_splits_what_the_public_does_not(counted: Town) -> None:
    reviewer = counted.client(Role.SAMR_REVIEWER)
    page = reviewer.get("/a/figures/vehicle-times/?by=type").content.decode()
    assert "ALPHA" in page
    assert "GROUP BY" in page
    assert Client().get("/p/figures/vehicle-times/?by=type").status_code == 422
    assert Client().get("/p/figures/no-such-thing/").status_code == 404


def test_a_stranger_among_manufacturers_counts_nothing_of_another(counted: Town) -> None:
    stranger = counted.client(Role.COMPLIANCE_OFFICER, stranger=True)
    for key in ("vehicle-times", "decision-time", "incidents"):
        data = stranger.get(f"/m/figures/{key}/data.json").json()
        assert not [row for row in data if row["kind"] == "computed"]
    own = counted.client(Role.COMPLIANCE_OFFICER).get("/m/figures/vehicle-times/data.json").json()
    assert [row["value"] for row in own if row["kind"] == "computed"]


def test_a_figure_is_the_same_in_each_form(counted: Town) -> None:
    reviewer = counted.client(Role.MIIT_REVIEWER)
    files = {
        form: reviewer.get(f"/a/figures/ota-filings/data.{form}") for form in figure_data.TYPES
    }
    rows = files["json"].json()
    assert pq.read_table(io.BytesIO(files["parquet"].content)).to_pylist() == rows
    told = list(csv.DictReader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    assert [float(row["value"]) for row in told] == [row["value"] for row in rows]
    assert {row["kind"] for row in rows} == {"computed", "official"}
    assert reviewer.get("/a/figures/ota-filings/data.exe").status_code == 404


def test_a_picture_needs_no_script(counted: Town) -> None:
    drawn = counted.client(Role.MIIT_REVIEWER).get("/a/figures/ota-filings/picture.svg?by=label")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert drawn.content.startswith(b"<svg")
    assert b"<script" not in drawn.content


@pytest.mark.parametrize(
    ("language", "told"), [("zh-hans", "2024年统计数字"), ("en", "Figures of 2024")]
)
def test_the_annual_report_is_a_pdf_in_both_languages(
    counted: Town, language: str, told: str
) -> None:
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    answer = client.get("/p/figures/report-2024.pdf")
    read = pypdf.PdfReader(io.BytesIO(answer.content))
    text = "".join(page.extract_text() for page in read.pages)
    assert told in text
    assert "486,000,000" in text


def test_an_authority_enters_a_figure_with_its_source(counted: Town) -> None:
    reviewer = counted.client(Role.MIIT_REVIEWER)
    page = "/a/figures/test-roads/enter/"
    form = {"until": "2025-01-31", "value": "32000", "at_least": "on", "grade": "A"}
    refused = reviewer.post(page, form)
    assert refused.status_code == 422
    assert "32000" in refused.content.decode()
    late = reviewer.post(page, {**form, "until": "2999-01-01", "source_en": "MIIT"})
    assert late.status_code == 422
    done = reviewer.post(page, {**form, "source_en": "MIIT, press conference"})
    assert done["Location"] == "/a/figures/test-roads/"
    told = Client().get("/p/figures/test-roads/data.json").json()
    assert [row["value"] for row in told] == [32000, 35000]
    assert Entry.objects.filter(event="figure:official:entered").count() == 1
    reviewer.post(page, {**form, "value": "32500", "source_en": "MIIT, corrected"})
    told = Client().get("/p/figures/test-roads/data.json").json()
    assert [row["value"] for row in told] == [32500, 35000]


def test_indicators_are_asked_at_the_keyboard(counted: Town) -> None:
    def typed(*words: str) -> str:
        done = CliRunner().invoke(command, words, catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    assert "vehicle-times" in typed("ask")
    told = json.loads(typed("ask", "vehicle-times", "--json", "--by", "type"))
    assert {row["part"] for row in told} == {None, "ALPHA"}
    assert "GROUP BY" in typed("ask", "vehicle-times", "--sql")
    assert "log entries" in typed("write")
