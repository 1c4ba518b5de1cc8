"""Recalls as SAMR's systems enter them and everybody reads them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.test import Client as Browser

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recall_register.models import Recall, Revision
from tests.api.systems import system
from tests.domains.campaigns.conftest import people

NOTICES = Path(__file__).parents[3] / "shared/data/recalls/notices.json"
ADDRESS = "/authority/recalls"
# As read in the notices by a person: the remedy, whether the 2021 rule on packages is in force
# (RCL-18), and the latest day on which the owners had to be told.
EXPECTED = [
    ("both", {"RCL-05", "RCL-06", "RCL-07", "RCL-18"}, "2024-02-21"),
    ("ota", {"RCL-05", "RCL-06", "RCL-07", "RCL-18"}, "2024-02-21"),
    ("both", {"RCL-05", "RCL-06", "RCL-07", "RCL-18"}, "2024-09-18"),
    ("ota", {"RCL-05", "RCL-06", "RCL-07", "RCL-18"}, "2025-03-13"),
    ("ota", {"RCL-05", "RCL-06", "RCL-07", "RCL-18"}, "2025-11-06"),
    ("ota", {"RCL-05", "RCL-06", "RCL-07", "RCL-18"}, "2025-11-06"),
    ("ota", {"RCL-05", "RCL-06", "RCL-07", "RCL-09"}, "2021-04-25"),
    ("workshop", {"RCL-05", "RCL-06", "RCL-07"}, "2021-08-27"),
    ("ota", {"RCL-15"}, None),
    ("ota", set(), None),
    ("ota", {"RCL-15"}, None),
]


def body_of(notice):
    built = notice.get("built") or (None, None)
    source = notice["source"]
    return {
        "authority": notice["authority"],
        "number": notice.get("number") or "",
        "maker": notice["maker"],
        "products": notice["products"],
        "announced": notice["date"],
        "built_from": built[0],
        "built_to": built[1],
        "units": notice.get("units"),
        "defect": notice["defect"],
        "remedy_text": "\n".join(filter(None, (notice["remedy"], notice.get("remedy_text")))),
        "target_software": notice.get("target_software", ""),
        "started_on": notice.get("start"),
        "investigated": notice.get("influenced_by_investigation"),
        "sources": [source] if isinstance(source, str) else source,
    }


@pytest.fixture
def samr(db):
    return system(None, Role.SAMR_REVIEWER, actors=people(Kind.SAMR, "samr", None)[1])


@pytest.mark.skipif(not NOTICES.is_file(), reason="no shared data on this machine")
def test_the_notices_are_entered_and_what_the_law_makes_of_each_is_right(samr):
    notices = json.loads(NOTICES.read_text())["records"]
    for notice, (remedy, rules, owners_by) in zip(notices, EXPECTED, strict=True):
        answer = samr.ask("POST", ADDRESS, json.dumps(body_of(notice)))
        assert answer.status_code == 201, answer.content
        told = answer.json()
        classified, name = told["classification"], notice["products"]
        assert told["remedy"] == remedy, name
        assert classified["ota"] == (remedy != "workshop"), name
        owed = {one["rule"]: one for one in classified["owed"]}
        assert set(owed) == rules, name
        if owners_by:
            assert (owed["RCL-07"]["due_on"], owed["RCL-07"]["latest"]) == (owners_by, True), name
            assert classified["labels"] == (["defect_remedy"] if classified["ota"] else []), name
    mercedes = Recall.objects.get(units=2600677)
    told = Browser().get(f"/api/v1/recalls/{mercedes.pk}").json()["classification"]
    stage = next(one for one in told["owed"] if one["rule"] == "RCL-09")
    assert stage["due_on"] == "2021-07-12", "three months from the start of 2021-04-12"
    assert Recall.objects.count() == len(notices)
    assert Entry.objects.filter(event="recall-register:entered").count() == len(notices)


def test_the_same_again_changes_nothing_and_a_correction_keeps_the_older_words(samr):
    body = {
        "authority": "CN SAMR", "number": "S2025M0149I", "maker": "某公司", "products": "甲",
        "announced": "2025-09-19", "units": 98462, "defect": "缺陷", "remedy": "ota",
        "sources": ["https://example.org/a"], "plan_filed_on": "2025-09-15",
    }  # fmt: skip
    first = samr.ask("POST", ADDRESS, json.dumps(body)).json()
    again = samr.ask("POST", ADDRESS, json.dumps(body)).json()
    assert (first["id"], first["revision"]) == (again["id"], again["revision"])
    owners = next(one for one in first["classification"]["owed"] if one["rule"] == "RCL-07")
    assert (owners["due_on"], owners["latest"]) == ("2025-10-31", False)
    changed = samr.ask("POST", ADDRESS, json.dumps(body | {"units": 98463})).json()
    assert (changed["id"], changed["revision"], changed["units"]) == (first["id"], 2, 98463)
    assert Revision.objects.get().content["units"] == 98462
    assert Recall.objects.get().plan_filed_on == date(2025, 9, 15)


def test_what_makes_no_recall_is_refused_and_nobody_else_may_write(samr):
    body = {"authority": "CN SAMR", "maker": "m", "announced": "2025", "defect": "d",
            "sources": ["s"]}  # fmt: skip
    wrong = samr.ask("POST", ADDRESS, json.dumps(body))
    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/cannot-be-told")
    wrong = samr.ask("POST", ADDRESS, json.dumps(body | {"announced": "19.9.2025"}))
    assert wrong.status_code == 422
    miit = system(None, Role.MIIT_REVIEWER, actors=people(Kind.MIIT, "miit", None)[1])
    assert miit.ask("POST", ADDRESS, json.dumps(body)).status_code == 403
    assert Browser().get("/api/v1/recalls").json()["count"] == 0
    assert Browser().get("/api/v1/recalls/7").status_code == 404
