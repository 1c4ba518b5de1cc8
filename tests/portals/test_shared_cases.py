"""One product before both authorities: what each sees, opens for a purpose, and reads of looks."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from roadworthy.domains.filings.models import Filing
from roadworthy.domains.incidents.models import Copy
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls.models import RecallNotice, RecallPlan
from roadworthy.domains.sharing.models import Look
from roadworthy.domains.vehicles.models import Vehicle
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


def reader(town: Town, role: Role) -> Client:
    client = town.client(role)
    client.cookies["django_language"] = "en"
    return client


def address(kind: str, matter_id: int) -> str:
    return reverse("a:case-matter", args=[kind, matter_id])


def text_of(client: Client, where: str, **asked: str) -> str:
    answer = client.get(where, asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def filing_of(town: Town, kind: Kind) -> Filing:
    found = Filing.objects.filter(state="accepted", dossier__kind="activity", authority__kind=kind)
    return found.order_by("pk")[0]


def test_a_case_holds_what_is_public_what_is_ours_and_what_the_other_shares(town: Town) -> None:
    samr = reader(town, Role.SAMR_REVIEWER)
    page = text_of(samr, reverse("a:case", args=[town.world.type_id]))
    assert "Vehicles may take the release" in page
    ours, theirs = filing_of(town, Kind.SAMR), filing_of(town, Kind.MIIT)
    assert reverse("a:filing", args=[ours.pk]) in page
    assert address("ota-filing", theirs.pk) in page
    assert reverse("a:filing", args=[theirs.pk]) not in page
    only = text_of(samr, reverse("a:case", args=[town.world.type_id]), kind="incident")
    assert "Vehicles may take the release" not in only
    assert address("incident-report", town.happened["miit"]) in only
    assert town.happened["samr"] in {
        int(part.split("/")[0]) for part in only.split("/a/incidents/")[1:] if part[:1].isdigit()
    }


def test_a_case_is_narrowed_by_whose_a_thing_is_and_by_its_number(town: Town) -> None:
    miit = reader(town, Role.MIIT_REVIEWER)
    where = reverse("a:case", args=[town.world.type_id])
    theirs = filing_of(town, Kind.SAMR)
    assert theirs.number in text_of(miit, where, whose="theirs")
    assert theirs.number not in text_of(miit, where, whose="ours")
    assert theirs.number in text_of(miit, where, search=theirs.number)
    assert "Nothing matches this filter" in text_of(miit, where, search="no such number")


def test_a_recall_of_samr_stands_in_the_case_of_miit_and_a_notice_does_not(town: Town) -> None:
    plan = RecallPlan.objects.get(pk=town.filed_plan_id)
    (type_id,) = plan.defect.types.values_list("pk", flat=True)
    page = text_of(reader(town, Role.MIIT_REVIEWER), reverse("a:case", args=[type_id]))
    assert address("recall", plan.pk) in page
    notice = RecallNotice.objects.get(pk=town.notice_id)
    (about,) = notice.defect.types.values_list("pk", flat=True)
    miit = text_of(reader(town, Role.MIIT_REVIEWER), reverse("a:case", args=[about]))
    assert notice.number not in miit
    samr = text_of(reader(town, Role.SAMR_REVIEWER), reverse("a:case", args=[about]))
    assert notice.number in samr


def test_a_matter_is_opened_for_a_purpose_and_the_look_is_kept_and_logged(town: Town) -> None:
    samr, theirs = reader(town, Role.SAMR_REVIEWER), town.filings["submitted"]
    where = address("ota-filing", theirs.pk)
    before = Look.objects.count()
    asked = text_of(samr, where)
    assert "What do you want to know it for?" in asked
    assert "unverified" in asked
    assert "Which vehicles come first?" not in asked
    assert Look.objects.count() == before, "to be asked for a purpose is no look"
    answer = samr.post(where, {})
    assert answer.status_code == 422
    answer = samr.post(where, {"purpose": "ota-supervision"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Which vehicles come first?" in shown
    assert theirs.dossier.sha256 in shown
    look = Look.objects.order_by("-pk")[0]
    assert (look.granted, look.number, look.purpose) == (True, theirs.number, "ota-supervision")
    assert look.basis.split() == ["ota-filings-miit", "ota-questions-miit"]
    entry = Entry.objects.order_by("-pk")[0]
    body = json.loads(bytes(entry.body))
    assert (entry.event, entry.subject) == ("matter:looked-at", f"look/{look.pk}")
    assert body["data"]["matter"] == f"ota-filing/{theirs.pk}"
    assert look.by.name not in bytes(entry.body).decode()


def test_another_purpose_opens_other_parts(town: Town) -> None:
    samr = reader(town, Role.SAMR_REVIEWER)
    where = address("ota-filing", town.filings["submitted"].pk)
    shown = samr.post(where, {"purpose": "defect"}).content.decode()
    assert "Which vehicles come first?" not in shown
    assert Look.objects.order_by("-pk")[0].basis == "ota-filings-miit"


def test_a_refused_look_is_answered_as_if_there_were_nothing_and_kept(town: Town) -> None:
    miit = reader(town, Role.MIIT_REVIEWER)
    there = [
        ("recall-notice", town.notice_id, "defect"),  # not shared at all
        ("ota-filing", filing_of(town, Kind.SAMR).pk, "requirements"),  # not for that
        ("ota-filing", town.filings["submitted"].pk, "ota-supervision"),  # one's own
    ]
    nothing = miit.post(address("recall", 99_999_999), {"purpose": "defect"})
    assert nothing.status_code == 404
    for kind, number, purpose in there:
        before = Look.objects.count()
        answer = miit.post(address(kind, number), {"purpose": purpose})
        assert answer.status_code == 404
        assert "not shared" not in answer.content.decode()
        assert len(answer.content) == pytest.approx(len(nothing.content), abs=400)
        assert Look.objects.count() == before + 1
        last = Look.objects.order_by("-pk")[0]
        assert not last.granted
        assert Entry.objects.order_by("-pk")[0].event == "matter:look-refused"
    before = Look.objects.count()
    assert miit.get(address("recall-notice", town.notice_id)).status_code == 404
    assert Look.objects.count() == before + 1
    assert miit.get(address("no-such-kind", 1)).status_code == 404


def test_who_made_a_refused_look_learns_nothing_from_the_list_and_the_owner_reads_all(
    town: Town,
) -> None:
    miit, samr = reader(town, Role.MIIT_REVIEWER), reader(town, Role.SAMR_REVIEWER)
    miit.post(address("recall-notice", town.notice_id), {"purpose": "defect"})
    number = RecallNotice.objects.get(pk=town.notice_id).number
    mine = text_of(miit, reverse("a:case-looks"), view="by-us", outcome="refused")
    assert f"#{town.notice_id}" in mine
    assert number not in mine
    assert "Nothing matches" in text_of(miit, reverse("a:case-looks"), view="by-us", search=number)
    theirs = text_of(samr, reverse("a:case-looks"), search=number)
    assert number in theirs
    told = miit.get(reverse("a:case-looks-export"), {"view": "by-us"}).content.decode("utf-8-sig")
    assert number not in told
    rows = list(csv.DictReader(io.StringIO(told)))
    assert str(town.notice_id) in {row["id"] for row in rows}


def test_the_authority_whose_matter_it_is_reads_who_looked_and_what_for(town: Town) -> None:
    samr, miit = reader(town, Role.SAMR_REVIEWER), reader(town, Role.MIIT_REVIEWER)
    theirs = town.filings["accepted"]
    owner, other = (miit, samr) if theirs.authority.kind == Kind.MIIT else (samr, miit)
    other.post(address("ota-filing", theirs.pk), {"purpose": "ota-supervision"})
    page = text_of(owner, reverse("a:case-looks"), search=theirs.number)
    assert theirs.number in page
    assert "Joint supervision of online upgrades" in page
    assert "N45" in page
    told = owner.get(reverse("a:case-looks-export"), {"search": theirs.number})
    (row, *_rest) = csv.DictReader(io.StringIO(told.content.decode("utf-8-sig")))
    assert row["number"] == theirs.number
    assert row["outcome"] == "granted"


def test_a_report_is_opened_without_its_vin_and_without_the_others_questions(town: Town) -> None:
    samr = reader(town, Role.SAMR_REVIEWER)
    copy = Copy.objects.get(pk=town.happened["miit"])
    answer = samr.post(address("incident-report", copy.pk), {"purpose": "incident-analysis"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert copy.report.number in shown
    assert Vehicle.objects.get(pk=town.vehicle_id).vin not in shown
    assert "Was the road wet?" not in shown


def test_miit_opens_recalls_and_complaints_of_samr(town: Town) -> None:
    miit = reader(town, Role.MIIT_REVIEWER)
    shown = miit.post(address("recall", town.filed_plan_id), {"purpose": "requirements"})
    assert shown.status_code == 200
    assert "Vehicles in scope" in shown.content.decode()
    page = text_of(miit, reverse("a:case", args=[town.world.type_id]))
    assert address("complaints", town.world.type_id) in page
    shown = miit.post(address("complaints", town.world.type_id), {"purpose": "defect"})
    assert "Vehicles that complained" in shown.content.decode()


def test_a_look_can_be_neither_changed_nor_deleted(town: Town) -> None:
    samr = reader(town, Role.SAMR_REVIEWER)
    samr.post(address("ota-filing", town.filings["submitted"].pk), {"purpose": "defect"})
    look = Look.objects.order_by("-pk")[0]
    for change in (look.delete, lambda: Look.objects.update(purpose="conformity")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_an_authority_of_the_same_kind_that_is_not_this_deployments_opens_nothing(
    town: Town,
) -> None:
    stranger = town.client(Role.SAMR_REVIEWER, stranger=True)
    where = address("ota-filing", town.filings["submitted"].pk)
    assert stranger.get(where).status_code == 404
    assert stranger.post(where, {"purpose": "ota-supervision"}).status_code == 404
    assert stranger.get(reverse("a:case", args=[town.world.type_id])).status_code == 404


def test_the_rules_say_basis_grade_and_what_is_not_shared(town: Town) -> None:
    page = text_of(reader(town, Role.MIIT_REVIEWER), reverse("a:case-rules"))
    assert "Article 6" in page
    assert "unverified" in page
    assert "Report of an accident of a new energy vehicle" in page
    assert "DRF25" in page
