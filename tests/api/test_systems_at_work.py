"""A build server and a homologation tool at work: from a type to a submitted filing."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from tests.api.systems import system
from tests.api.test_systems import home  # noqa: F401 - an autouse fixture
from tests.world import ANSWERS, DETAILS, ECU, NEW, OLD, World

TITLE = {"zh-hans": "仪表显示更新", "en": "Cluster display update"}
RELEASE = {"number": "A-1", "title": TITLE, "types": ["ALPHA"], "planned_on": "2026-12-01"}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    cache.clear()


def file(content: bytes, name: str) -> io.BytesIO:
    made = io.BytesIO(content)
    made.name = name
    return made


def test_from_a_release_to_a_submitted_filing_and_its_archive(world: World) -> None:
    builder, filer = system(world, Role.RELEASE_ENGINEER), system(world, Role.HOMOLOGATION)
    report = world.report(about=b"image")
    made = builder.ask("POST", "/releases", json.dumps(RELEASE))
    assert made.status_code == 201, made.content
    assert made["Location"] == "/api/v1/releases/A-1"
    change = {"ecu": ECU, "from_version": OLD, "to_version": NEW}
    change["sha256"] = hashlib.sha256(b"image").hexdigest()
    answer = builder.ask(
        "POST", "/releases/A-1/changes", change | {"image": file(b"image", "c.swu")}
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["changes"][0]["image"]["sha256"] == change["sha256"]
    answer = builder.ask("POST", "/releases/A-1/reports", json.dumps({"report": report.pk}))
    assert answer.json()["evidence"][0]["institution"] == "clearview"
    evidence = {"kind": "safety-assessment", "title": "Assessment"}
    answer = builder.ask(
        "POST", "/releases/A-1/evidence", evidence | {"document": file(b"%PDF-", "a.pdf")}
    )
    seen = {"if-match": answer["ETag"]}
    answer = builder.ask(
        "PATCH", "/releases/A-1/answers", json.dumps({"answers": dict(ANSWERS)}), headers=seen
    )
    assert answer.status_code == 200, answer.content
    frozen = builder.ask("POST", "/releases/A-1/freeze", headers={"if-match": answer["ETag"]})
    assert frozen.json()["state"] == "frozen"

    world.levels_one_and_two()
    asked = {"kind": "activity", "release": "A-1", "details": dict(DETAILS["activity"])}
    prepared = filer.ask("POST", "/filings", json.dumps(asked))
    assert prepared.status_code == 201, prepared.content
    number = prepared.json()["filings"][0]["number"]
    refused = filer.ask("POST", f"/filings/{number}/submit")
    assert refused.status_code == 409  # a person has to sign the release first
    assert refused.json()["type"] == "/problems/not-signed"

    archive = filer.ask("GET", f"/filings/{number}/archive")
    with zipfile.ZipFile(io.BytesIO(b"".join(archive))) as opened:
        assert {"manifest.json", "manifest.dsse.json", "dossier.json"} <= set(opened.namelist())
    gate = builder.ask("GET", "/releases/A-1/evaluation").json()
    assert gate["labels"] == ["routine"]
    assert {one["party"] for one in gate["signatures"]} == {"manufacturer", "miit", "samr"}
    assert filer.ask("GET", "/obligations").status_code == 200


def test_a_capability_filing_is_submitted_and_withdrawn(world: World) -> None:
    filer = system(world, Role.HOMOLOGATION)
    asked = json.dumps({"kind": "capability", "details": dict(DETAILS["capability"])})
    made = filer.ask("POST", "/filings", asked).json()["filings"]
    number = made[0]["number"]
    assert filer.ask("POST", f"/filings/{number}/submit").json()["state"] == "submitted"
    again = filer.ask("POST", f"/filings/{number}/submit")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")
    assert filer.ask("POST", f"/filings/{number}/withdraw").json()["state"] == "withdrawn"
    listed = filer.ask("GET", "/filings", {"state": "withdrawn"}).json()
    assert [one["number"] for one in listed["items"]] == [number]


def test_a_request_that_is_sent_twice_is_done_once(world: World) -> None:
    builder, key = system(world, Role.RELEASE_ENGINEER), {"idempotency-key": "job-7"}
    first = builder.ask("POST", "/releases", json.dumps(RELEASE), headers=key)
    second = builder.ask("POST", "/releases", json.dumps(RELEASE), headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Release.objects.filter(number="A-1").count() == 1
    other = builder.ask("POST", "/releases", json.dumps(RELEASE | {"number": "B"}), headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_a_request_that_failed_can_be_sent_again_under_its_key(world: World) -> None:
    builder, key = system(world, Role.RELEASE_ENGINEER), {"idempotency-key": "job-8"}
    wrong = RELEASE | {"types": ["NOT-THERE"]}
    assert builder.ask("POST", "/releases", json.dumps(wrong), headers=key).status_code == 422
    assert builder.ask("POST", "/releases", json.dumps(RELEASE), headers=key).status_code == 201


def test_who_has_not_read_the_newest_version_changes_nothing(world: World) -> None:
    builder = system(world, Role.RELEASE_ENGINEER)
    release = world.draft(number="C-1")
    old = builder.ask("GET", "/releases/C-1")["ETag"]
    body = json.dumps({"answers": {"a": "Another purpose."}})
    missing = builder.ask("PATCH", "/releases/C-1/answers", body)
    assert (missing.status_code, missing.json()["type"]) == (428, "/problems/if-match-needed")
    first = builder.ask("PATCH", "/releases/C-1/answers", body, headers={"if-match": old})
    assert first.status_code == 200
    stale = builder.ask("PATCH", "/releases/C-1/answers", body, headers={"if-match": old})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/release-has-changed")
    assert builder.ask("POST", "/releases/C-1/freeze", headers={"if-match": old}).status_code == 412
    release.refresh_from_db()
    assert release.state == "draft"


def test_bad_input_is_answered_with_the_field_and_changes_nothing(world: World) -> None:
    builder = system(world, Role.RELEASE_ENGINEER)
    answer = builder.ask("POST", "/releases", json.dumps(RELEASE | {"title": {"en": "x"}}))
    assert answer.status_code == 422
    assert "title" in answer.json()["fields"][0]["field"]
    assert builder.ask("POST", "/releases", "{").status_code == 400
    large = builder.ask("POST", "/releases", json.dumps(RELEASE | {"number": "x" * 1_000_001}))
    assert large.status_code == 413
    world.draft(number="D-7")
    change = {"ecu": ECU, "from_version": "1", "to_version": "2", "sha256": "0" * 64}
    differs = builder.ask("POST", "/releases/D-7/changes", change | {"image": file(b"x", "x.swu")})
    assert (differs.status_code, differs.json()["type"]) == (422, "/problems/digest-differs")
    assert not Filing.objects.exists()


def test_lists_come_in_pages(world: World) -> None:
    reader = system(world, Role.HOMOLOGATION)
    for code in ("BETA", "GAMMA"):
        world.add_type(code)
    pages = [
        reader.ask("GET", "/types", {"page": page, "per_page": 2}).json() for page in (1, 2, 3)
    ]
    codes = [[one["code"] for one in page["items"]] for page in pages]
    assert codes == [["ALPHA", "BETA"], ["GAMMA"], []]
    assert {(page["count"], page["pages"]) for page in pages} == {(3, 2)}


def test_a_type_is_registered(world: World) -> None:
    filer = system(world, Role.HOMOLOGATION)
    body = {
        "code": "BETA",
        "name": {"zh-hans": "贝塔", "en": "Beta"},
        "approval_number": "DEMO-BETA",
        "approved_on": "2026-01-05",
        "automation_level": 2,
        "ecus": [{"name": ECU, "address": 1, "hardware_id": "b-1:r1", "versions": ["1.0"]}],
    }
    made = filer.ask("POST", "/types", json.dumps(body))
    assert made.status_code == 201, made.content
    assert made.json()["ecus"][0]["known_versions"] == 1
    assert filer.ask("POST", "/types", json.dumps(body)).status_code == 409


def test_a_laboratory_enters_a_draft_that_a_person_signs(world: World) -> None:
    laboratory = system(world, Role.TEST_ENGINEER)
    body = {
        "manufacturer": "starway",
        "number": "L-1",
        "title": "Braking",
        "standard": "GB 44497-2024",
        "subjects": f"{'a' * 64}  cluster.swu\n",
        "result": "passed",
        "tested_on": datetime.now(UTC).date().isoformat(),
    }
    made = laboratory.ask(
        "POST", "/institution/reports", body | {"document": file(b"A report", "l.txt")}
    )
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "draft"
    wrong = laboratory.ask(
        "POST",
        "/institution/reports",
        body | {"number": "L-2", "subjects": "no digest", "document": file(b"A report", "l.txt")},
    )
    assert wrong.json()["type"] == "/problems/report-bad-subject"


def test_a_draft_is_written_attached_to_filed_and_amended_after_it_was_accepted(
    world: World,
) -> None:
    filer = system(world, Role.HOMOLOGATION)
    details = dict(DETAILS[FilingKind.CAPABILITY])
    begun = filer.ask("POST", "/filing-drafts", json.dumps({"kind": "capability", "details": {}}))
    assert (begun.status_code, begun["ETag"]) == (201, '"0"')
    address = begun["Location"].removeprefix("/api/v1")
    assert filer.ask("PATCH", address, json.dumps({"details": details})).status_code == 428
    seen = {"if-match": begun["ETag"]}
    first = filer.ask("PATCH", address, json.dumps({"details": details}), headers=seen)
    assert first.json()["details"] == details
    stale = filer.ask("PATCH", address, json.dumps({"details": {}}), headers=seen)
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/draft-has-changed")
    fake = file(b"no PDF", "manual.pdf")
    assert filer.ask("POST", f"{address}/attachments", {"document": fake}).status_code == 422
    kept = filer.ask("POST", f"{address}/attachments", {"document": file(b"Manual", "m.txt")})
    assert kept.json()["attachments"][0]["sha256"] == hashlib.sha256(b"Manual").hexdigest()
    assert filer.ask("GET", "/filing-drafts").json()["count"] == 1
    key = {"idempotency-key": "once"}
    made = filer.ask("POST", f"{address}/prepare", headers=key)
    again = filer.ask("POST", f"{address}/prepare", headers=key)
    assert (made.status_code, again["Idempotent-Replayed"]) == (201, "true")
    filings = [Filing.objects.get(number=one["number"]) for one in made.json()["filings"]]
    assert filings[0].dossier.content["attachments"][0]["filename"] == "m.txt"
    for filing in filings:
        world.accept(world.submit(filing))
    number = filings[0].number
    other = {"kind": "type", "amends": number}
    assert filer.ask("POST", "/filing-drafts", json.dumps(other)).status_code == 422
    amended = {"kind": "capability", "amends": number, "details": details}
    begun = filer.ask("POST", "/filing-drafts", json.dumps(amended))
    address = begun["Location"].removeprefix("/api/v1")
    no_reason = filer.ask("POST", f"{address}/prepare")
    assert no_reason.json()["type"] == "/problems/amendment-reason-missing"
    why = {"details": {"amendment_reason": "A new office"}}
    filer.ask("PATCH", address, json.dumps(why), headers={"if-match": begun["ETag"]})
    assert filer.ask("POST", f"{address}/prepare").status_code == 201
    thrown = filer.ask("POST", "/filing-drafts", json.dumps({"kind": "capability"}))
    address = thrown["Location"].removeprefix("/api/v1")
    assert filer.ask("DELETE", address).status_code == 204
    assert filer.ask("GET", address).status_code == 404


def test_a_frozen_release_is_opened_again_and_a_wrong_method_is_told_as_a_problem(
    world: World,
) -> None:
    builder, release = system(world, Role.RELEASE_ENGINEER), world.frozen()
    opened = builder.ask("POST", f"/releases/{release.number}/reopen")
    assert (opened.status_code, opened.json()["state"]) == (200, "draft")
    assert builder.ask("POST", f"/releases/{release.number}/reopen").status_code == 409
    for path in ("/releases", "/oauth/token", "/law/evaluate"):
        wrong = builder.ask("DELETE", path)
        assert (wrong.status_code, wrong["content-type"]) == (405, "application/problem+json")
        assert wrong.json()["type"] == "/problems/method-not-allowed"
        assert wrong["Allow"] in wrong.json()["title"]
