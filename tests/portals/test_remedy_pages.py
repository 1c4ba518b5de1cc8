"""Following a recall on its pages, by who manages it and by an owner."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client
from pypdf import PdfReader

from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls.models import Remedied
from roadworthy.domains.remedies import queries, services
from roadworthy.domains.remedies.models import Contact, OwnerNotice
from roadworthy.domains.remedies.states import Channel, Choice
from roadworthy.domains.surveillance import effect
from roadworthy.portals.shared import recall_links
from tests import following, happening
from tests.api.systems import system
from tests.domains.campaigns.conftest import light, people, stranger  # noqa: F401 - fixtures
from tests.portals.test_digest_mail import free_port


@pytest.fixture
def recall(light):  # noqa: F811
    cache.clear()
    plan, cars = following.plan(light)
    following.contact(cars[0], light)
    return plan, cars


@pytest.fixture(params=["zh-hans", "en"])
def browser(request, light):  # noqa: F811
    return _signed_in(light, Role.RECALL, request.param)


def _signed_in(world, role, language="en"):
    from roadworthy.domains.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role).user_id))
    client.cookies["django_language"] = language
    return client


def fill():
    for mailing_id in queries.unqueued():
        services.fill(mailing_id=mailing_id, at=datetime.now(UTC))
    for mailing_id in queries.unposted():
        services.post(mailing_id=mailing_id, at=datetime.now(UTC))


def test_owners_are_told_from_the_page_and_the_letter_is_a_pdf_in_chinese(browser, recall):
    plan, cars = recall
    page = f"/m/remedies/{plan.pk}/"
    assert browser.get("/m/remedies/").status_code == 200
    assert browser.post(f"{page}tell/letter/").status_code == 302
    fill()
    shown = browser.get(page).content.decode()
    assert "posted/" in shown
    mailing = queries.mailings(plan.pk).get()
    assert browser.post(f"{page}posted/{mailing.pk}/", {"proof": ""}).status_code == 422
    assert browser.post(f"{page}posted/{mailing.pk}/", {"proof": "RA 1 CN"}).status_code == 302
    fill()
    assert OwnerNotice.objects.get().proof == "RA 1 CN"
    letter = browser.get(f"{page}letters/{cars[0]}/")
    text = PdfReader(io.BytesIO(letter.content)).pages[0].extract_text()
    assert "汽车产品召回通知书" in text
    assert "仪表警示延迟。" in text
    assert following.vin_of(cars[0]) in text
    assert browser.get(f"{page}letters/{cars[1]}/").status_code == 404


def test_repairs_come_by_file_with_exact_refusals_and_move_the_curve(browser, recall):
    plan, cars = recall
    rows = "vin,workshop,done_on,evidence\n"
    rows += f"{following.vin_of(cars[0])},合肥一店,2025-06-03,WO-1\n"
    rows += "BAD,合肥一店,2025-06-03,WO-1\n,,,\n"
    file = io.BytesIO(rows.encode("gb18030"))
    file.name = "repairs.csv"
    page = f"/m/remedies/{plan.pk}/completions/"
    shown = browser.post(page, {"file": file}).content.decode()
    assert "BAD" in shown
    assert queries.progress(plan.pk).by_workshop == 1
    assert "WO-1" in browser.get(page).content.decode()
    assert '<path class="line"' in browser.get(f"/m/remedies/{plan.pk}/").content.decode()
    other = io.BytesIO(b"a,b\n1,2\n")
    other.name = "x.csv"
    answer = browser.post(page, {"file": other})
    assert (answer.status_code, "vin" in answer.content.decode()) == (422, True)


def test_addresses_come_by_file_and_the_newest_counts(browser, recall, light):  # noqa: F811
    _plan, cars = recall
    rows = "vin,name,address,email,language\n"
    rows += f"{following.vin_of(cars[0])},李四,新地址,new@example.org,en\n"
    rows += f"{following.vin_of(cars[1])},王五,,not-an-address,\n"
    file = io.BytesIO(rows.encode())
    file.name = "owners.csv"
    shown = browser.post("/m/remedies/contacts/", {"file": file}).content.decode()
    assert "not-an-address" in shown
    assert Contact.objects.get(vehicle_id=cars[0]).email == "new@example.org"
    assert Contact.objects.count() == 1


def test_who_is_to_be_followed_up_is_listed_and_an_answer_written_down(browser, recall):
    plan, cars = recall
    page = f"/m/remedies/{plan.pk}/follow-ups/"
    vin = following.vin_of(cars[1])
    assert browser.post(page, {"vin": vin, "choice": "decline"}).status_code == 302
    assert vin in browser.get(f"{page}?reason=declined").content.decode()
    assert vin not in browser.get(f"{page}?reason=bounced").content.decode()
    assert browser.post(page, {"vin": "x", "choice": "decline"}).status_code == 422
    assert browser.post(page, {"vin": "1M8GDM9AXKP042788", "choice": "decline"}).status_code == 422


def test_a_report_is_prefilled_and_becomes_a_filing(browser, light, recall):  # noqa: F811
    plan, _cars = recall
    people(Kind.SAMR, "samr", None)
    page = f"/m/remedies/{plan.pk}/report/stage/"
    shown = browser.get(page).content.decode()
    assert ("3辆" in shown) or ("3 vehicles are not proven" in shown)
    words = {"problems": "无", "measures": "无"}
    assert browser.post(page, words | {"outlook": ""}).status_code == 422
    assert browser.post(page, words | {"outlook": "继续"}).status_code == 302
    kept = queries.reports(plan.pk).get()
    assert kept.filing.number in browser.get(f"/m/remedies/{plan.pk}/").content.decode()
    assert "继续" in browser.get(f"/m/filings/{kept.filing_id}/").content.decode()
    assert browser.post(f"/m/remedies/{plan.pk}/report/final/", words).status_code == 422
    assert browser.get(f"/m/remedies/{plan.pk}/report/other/").status_code == 404


def test_the_effect_of_a_remedy_is_shown_or_what_is_missing(browser, light, recall):  # noqa: F811
    plan, cars = recall
    page = f"/m/remedies/{plan.pk}/effect/"
    assert browser.get(page).status_code == 200
    happening.incident(light, cars[0])
    light.tick(days=40)
    Remedied.objects.create(recall_id=plan.pk, vehicle_id=cars[0], at=light.now)
    light.tick(days=40)
    effect.count(plan_id=plan.pk, at=light.now)
    shown = browser.get(page).content.decode()
    assert "2025-06" in shown
    assert "/m/signals/alarms/" in shown, "no rate of false alarms is set"


def test_another_manufacturer_finds_nothing(recall, stranger):  # noqa: F811
    from roadworthy.domains.accounts.models import User

    plan, cars = recall
    client = Client()
    client.force_login(User.objects.get(pk=stranger[Role.RECALL].user_id))
    for page in ("", "follow-ups/", "completions/", f"letters/{cars[0]}/"):
        assert client.get(f"/m/remedies/{plan.pk}/{page}").status_code == 404, page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_owner_answers_behind_the_link_and_nobody_else_can(recall, language):
    plan, cars = recall
    client = Client()
    client.cookies["django_language"] = language
    address = recall_links.path(plan.pk, cars[0])
    shown = client.get(address)
    assert (shown.status_code, shown["Referrer-Policy"]) == (200, "no-referrer")
    assert "400-000-0000" in shown.content.decode()
    assert following.vin_of(cars[0]) not in shown.content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"choice": "unreachable"}).status_code == 422
    assert client.post(address, {"choice": "decline"}).status_code == 302
    assert queries.owners_recall(plan.pk, cars[0]).choice == Choice.DECLINE
    assert client.get(f"{address[:-2]}x/").status_code == 404


def test_repairs_come_by_api_once_for_each_key(recall, light):  # noqa: F811
    import json

    plan, cars = recall
    one = system(light, Role.RECALL, actors=light.cast.actors)
    body = json.dumps(
        {
            "repairs": [
                {"vin": following.vin_of(cars[0]), "workshop": "W", "done_on": "2025-06-03",
                 "evidence": "WO-1"},
                {"vin": following.vin_of(cars[1]), "workshop": "W", "done_on": "2025-06-03"},
            ]
        }
    )  # fmt: skip
    address = f"/recalls/{plan.number}/completions"
    told = one.ask("POST", address, body, headers={"Idempotency-Key": "k1"}).json()
    assert (told["taken"], [r["code"] for r in told["refused"]]) == (1, ["nothing-proven"])
    again = one.ask("POST", address, body, headers={"Idempotency-Key": "k1"})
    assert again.json() == told
    assert one.ask("GET", f"/recalls/{plan.number}/progress").json()["remedied"] == 1
    assert one.ask("GET", "/recalls/RC-1/progress").status_code == 404


def test_mail_is_sent_with_the_letter_and_its_id_is_the_proof(recall, light):  # noqa: F811
    from aiosmtpd.controller import Controller

    from roadworthy.portals.shared import recall_sending, smtp

    plan, _cars = recall
    services.queue_notices(
        plan_id=plan.pk, channel=Channel.EMAIL, actor=light.actor(Role.RECALL), at=light.tick()
    )
    fill()
    kept = []

    class Box:
        async def handle_DATA(self, server, session, envelope):
            kept.append(envelope.content)
            return "250 OK"

    port = free_port()
    controller = Controller(Box(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        server = smtp.Server.at(f"smtp://127.0.0.1:{port}")
        assert recall_sending.mail_turn(server) == 1
        assert recall_sending.mail_turn(server) == 0
    finally:
        controller.stop()
    notice = OwnerNotice.objects.get()
    assert notice.proof.encode() in kept[0]
    assert queries.progress(plan.pk).sent == 1


def test_a_text_message_goes_out_signed_and_one_that_is_not_taken_is_tried_again(
    recall,
    light,  # noqa: F811
):
    import hashlib
    import hmac
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from roadworthy.portals.shared import recall_sending

    plan, _cars = recall
    services.queue_notices(
        plan_id=plan.pk, channel=Channel.SMS, actor=light.actor(Role.RECALL), at=light.tick()
    )
    fill()
    told = []

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((body, self.headers["X-Roadworthy-Signature"]))
            self.send_response(503 if len(told) == 1 else 200)
            self.end_headers()
            self.wfile.write(b'{"id": "sms-7"}')

        def log_message(self, *_):
            """Say nothing."""

    provider = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=provider.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{provider.server_port}/"
        assert recall_sending.sms_turn(url, "secret") == 0
        assert recall_sending.sms_turn(url, "secret") == 1
    finally:
        provider.shutdown()
        provider.server_close()
        thread.join()
    body, signature = told[1]
    wanted = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert signature == f"sha256={wanted}"
    assert OwnerNotice.objects.get().proof == "sms-7"


def test_a_notice_that_came_back_is_listed_and_sent_again_by_hand(browser, light, recall):  # noqa: F811
    plan, cars = recall
    browser.post(f"/m/remedies/{plan.pk}/tell/letter/")
    fill()
    mailing = queries.mailings(plan.pk).get()
    browser.post(f"/m/remedies/{plan.pk}/posted/{mailing.pk}/", {"proof": "RA 1 CN"})
    fill()
    page = f"/m/remedies/{plan.pk}/returned/"
    given = {"vin": following.vin_of(cars[0]), "channel": "letter", "reason": "查无此人"}
    assert browser.post(page, given | {"channel": "sms"}).status_code == 422, "none was sent"
    assert browser.post(page, given).status_code == 302
    assert browser.post(page, given).status_code == 422, "it is back already"
    assert "查无此人" in browser.get(f"{page}?stage=open").content.decode()
    row = queries.returned(plan.pk).get()
    again = f"/m/remedies/returned/{row.pk}/"
    assert browser.post(again, {"address": "合肥市二路2号", "proof": ""}).status_code == 422
    assert queries.progress(plan.pk).reached == 0
    sent = browser.post(again, {"address": "合肥市二路2号", "proof": "RA 2 CN"})
    assert (sent.status_code, browser.get(again).status_code) == (302, 404)
    told = queries.progress(plan.pk)
    assert (told.sent, told.bounced, told.reached, told.follow_up) == (1, 0, 1, 2)
    assert OwnerNotice.objects.get().proof == "RA 2 CN"
    assert Contact.objects.get(pk=cars[0]).address == "合肥市二路2号"
    assert queries.returned(plan.pk, stage="again").get().proof == "RA 1 CN", "the first one stays"
