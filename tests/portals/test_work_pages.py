"""The work list, one piece of work, the calendar and the duties of types, in use."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from roadworthy.domains.filings.models import Obligation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists.models import Assignment, TypeDuty
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


def english(client):
    client.cookies["django_language"] = "en"
    return client


def item(town: Town) -> str:
    return reverse("m:work-item", args=["type-duty", town.duty_id])


def test_the_day_starts_with_the_work_of_the_role(town):
    shown = english(town.client(Role.HOMOLOGATION)).get("/m/").content.decode()
    assert "Your work today" in shown
    assert "Attach what shows that the type meets standards" in shown
    marketing = english(town.client(Role.MARKETING)).get("/m/").content.decode()
    assert "Write the text and hand it in for review" in marketing
    recall = english(town.client(Role.RECALL)).get("/m/").content.decode()
    assert "File the recall plan with SAMR" in recall


def test_a_reviewer_finds_the_filing_and_its_article(town):
    shown = english(town.client(Role.MIIT_REVIEWER)).get("/a/agenda/").content.decode()
    assert town.filings["submitted"].number in shown
    assert "Order of filings" in shown


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.HOMOLOGATION, "Send the deep-testing plan to SAMR"),
        (Role.HOMOLOGATION, "Answer a question about: Update activity"),
        (Role.HOMOLOGATION, "Finish and hand in: Enterprise capability"),
        (Role.HOMOLOGATION, "Finish the application for market access"),
        (Role.MARKETING, "Write the text and hand it in for review"),
        (Role.MIIT_REVIEWER, "Asked the manufacturer about: Update activity"),
        (Role.SAMR_REVIEWER, "Look at the dispute between owner and manufacturer"),
    ],
)
def test_what_waits_in_any_domain_is_on_the_list_and_leads_to_its_page(town, role, said):
    client = english(town.client(role))
    space = "m" if role in {Role.HOMOLOGATION, Role.MARKETING} else "a"
    shown = client.get(f"/{space}/agenda/", {"search": said}).content.decode()
    found = re.search(rf'<a class="name" href="([^"]+)">{re.escape(said)}</a>', shown)
    assert found
    assert client.get(found[1]).status_code == 200
    details = re.search(r'<a href="([^"]+)">Details and hand-over', shown)
    assert client.get(details[1]).status_code == 200


def test_filters_narrow_the_list_and_an_empty_one_says_why(town):
    client = english(town.client(Role.HOMOLOGATION))
    late = client.get("/m/agenda/?whose=all&when=late").content.decode()
    assert "overdue" in late
    assert "Send the deep-testing plan" not in late
    named = client.get("/m/agenda/?whose=all&search=deep-testing").content.decode()
    assert "1–1 of 1" in named
    nothing = client.get("/m/agenda/?whose=all&search=zzz").content.decode()
    assert "Nothing matches this filter" in nothing
    assert "Nothing was given to you" in client.get("/m/agenda/?whose=mine").content.decode()


def test_work_is_taken_and_given_back_without_script(town):
    client = english(town.client(Role.HOMOLOGATION))
    me = town.world.actor(Role.HOMOLOGATION).user_id
    taken = client.post(item(town), {"act": "give", "to": me, "seen": 0}, follow=True)
    assert "It was given to you." in taken.content.decode()
    assert "Send the deep" in client.get("/m/agenda/?whose=mine").content.decode()
    stale = client.post(item(town), {"act": "give", "to": me, "seen": 0})
    assert stale.status_code == 422
    assert "handed this over meanwhile" in stale.content.decode()
    back = client.post(item(town), {"act": "take-back", "seen": 1}, follow=True)
    assert "opened it to the role again" in back.content.decode()
    assert Assignment.objects.count() == 2


def test_nobody_chosen_names_the_field(town):
    answer = english(town.client(Role.HOMOLOGATION)).post(
        item(town), {"act": "give", "to": "", "seen": 0}
    )
    assert answer.status_code == 422
    assert "This is empty" in answer.content.decode()


def test_a_month_shows_rest_days_and_says_when_it_is_provisional(town):
    client = english(town.client(Role.HOMOLOGATION))
    october = client.get("/m/calendar/?month=2025-10").content.decode()
    assert october.count(">holiday<") == 8  # 1 to 8 October 2025, by the State Council's notice
    assert "working weekend" in october
    assert "provisionally" not in october
    assert "provisionally" in client.get("/m/calendar/?month=2033-10").content.decode()


@pytest.mark.parametrize("raw", ["", "2025", "2025-13", "0000-00", "x-y", "9999-12", "²-³"])
def test_a_month_that_is_none_shows_this_one(town, raw):
    answer = town.client(Role.HOMOLOGATION).get("/m/calendar/", {"month": raw})
    assert answer.status_code == 200
    assert b'aria-current="date"' in answer.content


def test_obligations_show_those_of_releases_and_those_of_types(town):
    shown = english(town.client(Role.COMPLIANCE_OFFICER)).get("/m/obligations/").content.decode()
    assert "Send the deep-testing plan to SAMR" in shown
    assert "R-2025.1" in shown


def test_a_duty_is_fulfilled_with_a_document_and_opened_again(town):
    client = english(town.client(Role.HOMOLOGATION))
    duty = TypeDuty.objects.exclude(pk=town.duty_id).get(key="N45-03.preliminary_test_report_sent")
    address = reverse("m:duty", args=[duty.pk])
    nothing = client.post(address, {"act": "fulfil", "sent_on": "2025-06-02"})
    assert nothing.status_code == 422
    assert "Nothing shows that it was sent" in nothing.content.decode()
    assert 'value="2025-06-02"' in nothing.content.decode()
    fake = SimpleUploadedFile("receipt.pdf", b"this is no PDF", "application/pdf")
    refused = client.post(address, {"act": "fulfil", "sent_on": "2025-06-02", "evidence": fake})
    assert refused.status_code == 422
    assert "receipt.pdf" in refused.content.decode()
    text = SimpleUploadedFile("receipt.txt", "回执 7".encode(), "text/plain")
    done = client.post(
        address, {"act": "fulfil", "sent_on": "2025-06-02", "evidence": text}, follow=True
    )
    assert "Written down: it was done." in done.content.decode()
    given = client.get(reverse("m:duty-evidence", args=[duty.pk]))
    assert b"".join(given) == "回执 7".encode()
    other = town.client(Role.HOMOLOGATION, stranger=True)
    assert other.get(reverse("m:duty-evidence", args=[duty.pk])).status_code == 404
    assert client.post(address, {"act": "reopen"}).status_code == 403
    officer = english(town.client(Role.COMPLIANCE_OFFICER))
    again = officer.post(address, {"act": "reopen"}, follow=True)
    assert "It is open again." in again.content.decode()
    filed = {"act": "fulfil", "sent_on": "2025-06-02", "filing": "MA-1999-0001"}
    unknown = client.post(address, filed)
    assert unknown.status_code == 422
    assert "There is no such filing." in unknown.content.decode()
    number = town.filings["submitted"].number
    shown = client.post(address, filed | {"filing": number}, follow=True).content.decode()
    assert f'/m/filings/{town.filings["submitted"].pk}/">{number}</a>' in shown
    officer.post(address, {"act": "reopen"})


def test_the_address_of_the_calendar_is_shown_once(town):
    client = english(town.client(Role.HOMOLOGATION))
    page = reverse("m:work-settings")
    made = client.post(page, {"act": "renew"})
    (address,) = re.findall(r"https?://[^<\s]+\.ics", made.content.decode())
    assert "no-store" in made["Cache-Control"]
    assert address not in client.get(page).content.decode()
    path = "/" + address.split("/", 3)[3]
    assert client.get(path).status_code == 200
    client.post(page, {"act": "revoke"})
    assert client.get(path).status_code == 404


def test_the_mail_is_chosen_and_a_wrong_choice_names_the_field(town):
    client = english(town.client(Role.HOMOLOGATION))
    page = reverse("m:work-settings")
    sent = {"act": "mail", "frequency": "weekly", "weekday": "2", "hour": "7"}
    assert client.post(page, sent).status_code == 302
    assert '<option value="weekly" selected>' in client.get(page).content.decode()
    wrong = client.post(page, sent | {"hour": "25"})
    assert wrong.status_code == 422
    assert "is not one of the choices" in wrong.content.decode()


def test_two_thousand_duties_cost_the_page_no_more_queries(town):
    client = town.client(Role.COMPLIANCE_OFFICER)
    pages = ("/m/agenda/", "/m/agenda/?whose=all", "/m/calendar/?whose=all", "/m/obligations/")

    def cost(page):
        with CaptureQueriesContext(connection) as said:
            assert client.get(page).status_code == 200
        return len(said)

    before = [cost(page) for page in pages]
    pattern = Obligation.objects.filter(fulfilled_at__isnull=True, due_on__isnull=False)[0]
    Obligation.objects.bulk_create(
        Obligation(
            manufacturer_id=pattern.manufacturer_id,
            release_id=pattern.release_id,
            key=f"K-{number}",
            title=pattern.title,
            due=pattern.due,
            due_on=pattern.due_on,
            rule_id=pattern.rule_id,
            updated_at=pattern.updated_at,
        )
        for number in range(2000)
    )
    assert [cost(page) for page in pages] == before
