"""The work list by mail, through real SMTP servers: once a day and person, or not at all."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse

from roadworthy.domains.accounts import services as accounts
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import digests, duties
from roadworthy.domains.worklists.digests import Choice
from roadworthy.domains.worklists.models import Delivery, DigestDelivery, DigestSetting
from roadworthy.portals.shared import digest_mail, smtp
from tests.domains.campaigns.conftest import light, stranger

__all__ = ["light", "stranger"]
pytestmark = pytest.mark.django_db

EARLY = datetime(2025, 6, 2, 22, tzinfo=UTC)  # 06:00 in Asia/Shanghai on 3 June
NINE = datetime(2025, 6, 3, 1, 5, tzinfo=UTC)  # 09:05 there
PASSWORD = "p@ss/word"


class Inbox:
    """Keeps what it is given; answers what a test tells it to."""

    def __init__(self) -> None:
        self.mails: list = []
        self.answer = "250 OK"
        self.hang_up = False

    async def handle_DATA(self, server, session, envelope):
        if self.hang_up:
            server.transport.abort()
            return "250 never said"
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@contextmanager
def serving(inbox: Inbox, port: int = 0, **options) -> Iterator[int]:
    port = port or free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def filer(light):
    """Somebody with work to do who wants a mail at nine each day."""
    duties.schedule(manufacturer_id=light.cast.manufacturer_id, at=light.tick())
    actor = light.actor(Role.HOMOLOGATION)
    digests.choose(choice=Choice("daily", 9), actor=actor, at=EARLY)
    return actor


def turn(port: int, at: datetime = NINE, **options) -> int:
    return digest_mail.turn(smtp.Server.at(f"smtp://127.0.0.1:{port}"), clock=lambda: at, **options)


def delivery() -> DigestDelivery:
    return DigestDelivery.objects.get()


def test_the_mail_says_what_is_due_and_why_in_the_persons_language(filer, inbox):
    with serving(inbox) as port:
        assert turn(port) == 1
    (mail,) = inbox.mails
    assert mail["To"] == "homologation@maker.example"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for part in (text, html):
        assert "向市场监管总局提交深度测试方案" in part
        assert "N45-03" in part
        assert "及时" in part
    assert "3项工作" in mail["Subject"]
    assert delivery().stage == Delivery.SENT


def test_in_english_for_who_reads_english(filer, inbox):
    accounts.choose_language(user_id=filer.user_id, language="en")
    with serving(inbox) as port:
        turn(port)
    (mail,) = inbox.mails
    assert mail["Content-Language"] == "en"
    assert "Send the deep-testing plan to SAMR" in mail.get_body(("plain",)).get_content()
    assert "Promptly" in mail.get_body(("html",)).get_content()


def test_it_comes_once_a_day_however_often_the_clock_ticks(filer, inbox):
    with serving(inbox) as port:
        assert turn(port, NINE - timedelta(minutes=10)) == 0
        assert [turn(port, NINE + timedelta(minutes=m)) for m in range(0, 60, 20)] == [1, 0, 0]
        digests.choose(choice=Choice("daily", 12), actor=filer, at=NINE + timedelta(hours=1))
        assert turn(port, NINE + timedelta(hours=4)) == 0
        assert turn(port, NINE + timedelta(days=1, hours=4)) == 1
    assert len(inbox.mails) == 2


def test_a_weekly_mail_comes_on_its_day_only(filer, inbox):
    digests.choose(choice=Choice("weekly", 9, weekday=3), actor=filer, at=EARLY)
    with serving(inbox) as port:
        sent = [turn(port, NINE + timedelta(days=n)) for n in range(8)]
    assert sent == [0, 0, 1, 0, 0, 0, 0, 0]  # 5 June 2025 is a Thursday


def test_a_server_that_is_away_is_asked_again_later_and_the_mail_comes_once(filer, inbox):
    port = free_port()
    assert turn(port) == 0
    assert (delivery().stage, delivery().attempts) == (Delivery.WAITING, 1)
    with serving(inbox, port):
        assert turn(port) == 0  # not before the pause is over
        assert turn(port, NINE + timedelta(minutes=2)) == 1
        assert turn(port, NINE + timedelta(minutes=4)) == 0
    assert len(inbox.mails) == 1


@pytest.mark.parametrize("answer", ["451 try later", "554 no"])
def test_what_the_server_refuses_is_tried_again_and_the_pauses_grow(filer, inbox, answer):
    inbox.answer = answer
    at, pauses = NINE, []
    with serving(inbox) as port:
        for _ in range(4):
            assert turn(port, at) == 0
            pauses.append(delivery().next_try_at - at)
            at = delivery().next_try_at
        assert pauses == sorted(pauses)
        assert len(set(pauses)) == 4
        assert answer[:3] in delivery().problem
        inbox.answer = "250 OK"
        assert turn(port, at) == 1


def test_when_nobody_can_know_whether_it_went_it_is_not_sent_again(filer, inbox):
    inbox.hang_up = True
    with serving(inbox) as port:
        assert turn(port) == 0
        inbox.hang_up = False
        assert turn(port, NINE + timedelta(hours=2)) == 0
    assert delivery().stage == Delivery.GIVEN_UP
    assert inbox.mails == []


def test_a_process_that_dies_while_handing_over_leaves_no_second_mail(filer, inbox):
    (delivery_id,) = digests.due(at=NINE)
    assert digests.begin(delivery_id=delivery_id, at=NINE) is not None  # and then it dies
    with serving(inbox) as port:
        assert turn(port, NINE + timedelta(minutes=30)) == 0
    assert delivery().stage == Delivery.GIVEN_UP


def test_yesterdays_mail_is_not_sent_today(filer, inbox):
    port = free_port()
    turn(port)
    with serving(inbox, port):
        assert turn(port, NINE + timedelta(days=1)) == 1
    days = DigestDelivery.objects.order_by("day").values_list("day", "stage")
    assert list(days) == [
        (date(2025, 6, 3), Delivery.GIVEN_UP),
        (date(2025, 6, 4), Delivery.SENT),
    ]


def test_nothing_due_no_mail(light, stranger, inbox):
    for actor in (light.actor(Role.MARKETING), stranger[Role.HOMOLOGATION]):
        digests.choose(choice=Choice("daily", 9), actor=actor, at=EARLY)
    with serving(inbox) as port:
        assert turn(port) == 0
    assert inbox.mails == []
    assert {one.stage for one in DigestDelivery.objects.all()} == {Delivery.NOTHING}


def test_who_never_asked_gets_none(light, inbox):
    duties.schedule(manufacturer_id=light.cast.manufacturer_id, at=light.tick())
    with serving(inbox) as port:
        assert turn(port) == 0
    assert not DigestDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one(filer, inbox):
    from django.db import connections

    both, taken = threading.Barrier(2), []

    def work(port):
        try:
            both.wait()
            taken.append(turn(port))
        finally:
            connections.close_all()

    with serving(inbox) as port:
        threads = [threading.Thread(target=work, args=(port,)) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sum(taken) == 1
    assert len(inbox.mails) == 1


def test_the_link_in_the_mail_stops_it_without_account_and_without_script(filer, inbox):
    with serving(inbox) as port:
        turn(port)
    (mail,) = inbox.mails
    address = mail["List-Unsubscribe"].strip("<>")
    assert address in mail.get_body(("plain",)).get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/" + address.split("/", 3)[3]
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(path).status_code == 200
    assert DigestSetting.objects.get().frequency == "daily"  # looking stops nothing
    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert DigestSetting.objects.get().frequency == "off"
    assert Client().get(path[:-2] + "x/").status_code == 404


def test_a_wrong_stop_link_is_nothing_there(db):
    assert Client().get(reverse("stop-mail", args=["1:abc"])).status_code == 404


def test_no_secret_is_in_the_mail(filer, inbox, settings):
    from roadworthy.domains.worklists import feeds

    token = feeds.renew(actor=filer, at=NINE)
    with serving(inbox) as port:
        turn(port)
    raw = inbox.mails[0].as_bytes()
    assert token.encode() not in raw
    assert settings.SECRET_KEY.encode() not in raw


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A certificate for 127.0.0.1 and who believes it."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return SimpleNamespace(server=server, client=ssl.create_default_context(cafile=str(path)))


def accepts(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


def with_account(scheme: str, port: int, password: str = PASSWORD) -> smtp.Server:
    from urllib.parse import quote

    return smtp.Server.at(f"{scheme}://me:{quote(password, safe='')}@127.0.0.1:{port}")


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_it_goes_encrypted_and_with_an_account(filer, inbox, certified, scheme):
    context = (
        {"ssl_context": certified.server}
        if scheme == "smtps"
        else {"tls_context": certified.server, "require_starttls": True}
    )
    controller_options = {"authenticator": accepts, **context}
    if scheme == "smtps":
        # aiosmtpd does not see the TLS beneath it and would refuse the password.
        controller_options["auth_require_tls"] = False
    with serving(inbox, **controller_options) as port:
        server = with_account(scheme, port)
        sent = digest_mail.turn(server, clock=lambda: NINE, context=certified.client)
    assert sent == 1
    assert PASSWORD not in repr(server)


def test_a_certificate_nobody_vouches_for_gets_no_mail_and_no_password(filer, inbox, certified):
    with serving(inbox, tls_context=certified.server, authenticator=accepts) as port:
        assert digest_mail.turn(with_account("smtp+starttls", port), clock=lambda: NINE) == 0
    assert delivery().stage == Delivery.WAITING
    assert inbox.mails == []


def test_a_server_without_encryption_gets_nothing_where_encryption_was_asked_for(filer, inbox):
    with serving(inbox) as port:
        assert digest_mail.turn(with_account("smtp+starttls", port), clock=lambda: NINE) == 0
    assert inbox.mails == []
    assert delivery().problem


def test_a_wrong_password_is_told_without_saying_it(filer, inbox, certified, caplog):
    options = {"tls_context": certified.server, "authenticator": accepts, "auth_required": True}
    with serving(inbox, **options) as port:
        server = with_account("smtp+starttls", port, "wrong-password")
        assert digest_mail.turn(server, clock=lambda: NINE, context=certified.client) == 0
    assert "535" in delivery().problem
    assert "wrong-password" not in caplog.text + delivery().problem


def test_the_tasks_stand_in_the_queue_s_timetable():
    from procrastinate.contrib.django import app

    timetable = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {"send-digests", "schedule-type-duties"} <= timetable


def test_who_left_gets_no_mail(filer, inbox):
    from roadworthy.domains.organisations.models import Membership

    Membership.objects.filter(user_id=filer.user_id).delete()
    with serving(inbox) as port:
        assert turn(port) == 0
    assert inbox.mails == []
