"""A keyboard alone leads through the sign-in and the first forms, in both languages."""

from __future__ import annotations

import pytest

from roadworthy.domains.organisations.roles import Role
from tests.e2e.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


def test_a_homologation_officer_signs_in_and_begins_an_application(
    counter: tuple[Site, str],
) -> None:
    site, language = counter
    passwords = site.town.world.cast.passwords
    email = next(one for one in passwords if one.startswith("homologation@"))
    with site.hands(None, language) as officer:
        officer.go("/login/")
        officer.press("Sign in")
        told = officer.say("This is empty. Fill it in.")
        assert list(officer.mistakes().values()) == [f"{officer.say('Error:')} {told}"] * 2
        officer.sign_in(email, passwords[email])
        officer.follow("Market access")
        officer.sees("Nothing is approved here yet")
        officer.follow("Apply for a new type")
        officer.fill("Code of the new type", "ALPHA")
        officer.press("Begin the application")
        assert set(officer.mistakes()) == {officer.say("Code of the new type")}
        officer.fill("Code of the new type", "OMEGA")
        officer.press("Begin the application")
        with officer.within("Sections"):
            officer.follow("Vehicle type")
        officer.fill("Name in Chinese", "欧米伽")
        officer.choose("Vehicle category", "M1")
        officer.press("Save")
        assert set(officer.mistakes()) == {officer.say("Name in English")}
        officer.look("hands-section")
    with site.hands(Role.MIIT_REVIEWER, language) as reviewer:
        reviewer.go("/a/")
        reviewer.sees("Nothing waits for a decision")
        reviewer.sees_not("OMEGA")
