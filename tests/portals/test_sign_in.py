"""Who may come in, and what the shell remembers of a reader."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared.throttle import BY_ACCOUNT
from tests.portals.town import Town
from tests.world import START

pytestmark = pytest.mark.django_db
EMAIL = "compliance@starway.example"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


def sign_in(client: Client, password: str, **more: str):
    return client.post("/login/", {"email": EMAIL, "password": password, **more})


def test_the_right_password_leads_to_the_portal_of_the_organisation(town: Town) -> None:
    answer = sign_in(Client(), town.world.cast.passwords[EMAIL])
    assert (answer.status_code, answer["Location"]) == (302, "/m/")


def test_one_is_led_back_to_where_one_wanted_to_go(town: Town) -> None:
    answer = sign_in(Client(), town.world.cast.passwords[EMAIL], next="/m/log/")
    assert answer["Location"] == "/m/log/"


def test_one_is_never_led_to_another_site(town: Town) -> None:
    answer = sign_in(Client(), town.world.cast.passwords[EMAIL], next="https://evil.example/")
    assert answer["Location"] == "/m/"


def test_a_wrong_address_and_a_wrong_password_get_the_same_answer(town: Town) -> None:
    wrong = sign_in(Client(), "not it")
    nobody = Client().post("/login/", {"email": "nobody@x.example", "password": "not it"})
    assert wrong.status_code == nobody.status_code == 422
    for answer in (wrong, nobody):
        assert "不匹配" in answer.content.decode()


def test_after_too_many_attempts_even_the_right_password_has_to_wait(town: Town) -> None:
    for _ in range(BY_ACCOUNT.attempts):
        sign_in(Client(), "not it")
    answer = sign_in(Client(), town.world.cast.passwords[EMAIL])
    assert answer.status_code == 422
    assert "15分钟" in answer.content.decode()


def test_the_typed_address_is_not_lost(town: Town) -> None:
    assert EMAIL in sign_in(Client(), "not it").content.decode()


def test_signing_out_is_a_post_and_ends_the_session(town: Town) -> None:
    client = town.client(Role.COMPLIANCE_OFFICER)
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/m/").status_code == 302


def test_who_has_two_roles_chooses_one_first(town: Town) -> None:
    user = User.objects.get(email=EMAIL)
    organisations.add_member(
        organisation_id=town.world.cast.manufacturer_id,
        user_id=user.pk,
        role=Role.HOMOLOGATION,
        actor=witnessed(PLATFORM),
        at=START,
    )
    client = Client()
    client.force_login(user)
    answer = client.get("/m/")
    assert answer["Location"] == "/choose/?next=%2Fm%2F"
    page = client.get(answer["Location"]).content.decode()
    assert page.count('name="membership"') == 2
    assert "checked" not in page
    assert client.post("/choose/", {"next": "/m/"}).status_code == 200  # nothing was chosen


def test_a_language_in_the_address_is_kept_and_the_page_stays(town: Town) -> None:
    client = town.client(Role.COMPLIANCE_OFFICER)
    answer = client.get("/m/releases/?search=R&lang=en")
    assert answer["Location"] == "/m/releases/?search=R"
    assert b'<html lang="en"' in client.get(answer["Location"]).content


def test_an_unknown_language_changes_nothing(town: Town) -> None:
    client = Client()
    client.get("/login/?lang=tlh")
    assert b'<html lang="zh-Hans"' in client.get("/login/").content


def test_a_theme_in_the_address_is_kept(town: Town) -> None:
    client = Client()
    client.get("/login/?theme=dark")
    assert b'data-theme="dark"' in client.get("/login/").content


def test_the_policy_forbids_what_is_inline(town: Town) -> None:
    policy = Client().get("/login/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
