"""A change of what is approved, without a release, from both sides, by keyboard alone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from roadworthy.domains.access.content import Section
from roadworthy.domains.access.states import Matter
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared.approved import MATTERS, SECTIONS
from tests import approving
from tests.e2e.conftest import Site, beside
from tests.e2e.hands import Hands
from tests.e2e.test_procedures_access import parameter
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
CHANGE = MATTERS[Matter.PRODUCT_CHANGE]


def test_a_change_is_compared_approved_as_the_next_version_and_another_is_refused(
    counter: tuple[Site, str],
) -> None:
    site, language = counter
    world = site.town.world
    world.now = datetime.now(UTC)
    approval = beside(partial(approving.approved, world)).number
    homologation, miit = Role.HOMOLOGATION, Role.MIIT_REVIEWER
    with site.hands(homologation, language) as officer, site.hands(miit, language) as reviewer:
        write_change(officer, approval)
        number = file_change(officer)
        approve(officer, reviewer, world, number)
        with site.hands(None, language) as anybody:
            read_versions(officer, anybody, approval)
        refuse(officer, reviewer, approval)


def write_change(officer: Hands, approval: str) -> None:
    """What is written starts from what is approved; old and new stand side by side."""
    officer.go(f"/m/approvals/{approval}/")
    officer.follow("Apply for a product change")
    officer.press(CHANGE)
    officer.sees("Nothing differs from what is approved yet.")
    with officer.within("Sections"):
        officer.follow(SECTIONS[Section.PARAMETERS])
    assert officer.value(parameter(officer, "top_speed")) == "180"
    officer.fill(parameter(officer, "top_speed"), "205")
    officer.press("Save and go on")
    with officer.within("What changes"):
        officer.sees(parameter(officer, "top_speed"), "180 km/h", "205 km/h")
    officer.look("change-1-compared")


def file_change(officer: Hands) -> str:
    """A change is filed with its reason, and not without."""
    officer.follow("Preview and file")
    officer.press("Prepare the filing")
    officer.sees("It cannot be filed as it is")
    officer.look("change-2-no-reason")
    officer.go(officer.address.removesuffix("preview/"))
    officer.follow("Write the reason")
    officer.press("Why the product changes")
    assert set(officer.mistakes()) == {officer.say("Why the product changes")}
    officer.fill("Why the product changes", "新减速器")
    officer.press("Why the product changes")
    officer.follow("Preview and file")
    officer.look("change-3-preview")
    officer.press("Prepare the filing")
    number = str(officer.page.locator(".head__id code").inner_text())
    officer.press("Submit the filing")
    return number


def approve(officer: Hands, reviewer: Hands, world: World, number: str) -> None:
    """The reviewer reads both values and the reason, and signs for the next version."""
    reviewer.go("/a/")
    reviewer.follow(number)
    reviewer.sees(parameter(reviewer, "top_speed"), "180 km/h", "205 km/h", "新减速器")
    reviewer.look("change-4-before-the-reviewer")
    reviewer.pick("Accept")
    reviewer.press("Go on to confirm")
    reviewer.fill("Passphrase of your key", world.passphrase(Role.MIIT_REVIEWER))
    reviewer.press("Sign and accept")
    officer.go(officer.address)
    officer.sees(("filing", "Accepted"))
    officer.follow("Receipt")
    officer.sees("The signature holds", number)


def read_versions(officer: Hands, anybody: Hands, approval: str) -> None:
    """Everybody reads what the second version changed; what came before can be compared."""
    for one, address in ((officer, f"/m/approvals/{approval}/"), (anybody, public(approval))):
        one.go(address)
        with one.within("What each version changed"):
            one.sees("Version %(n)s", n=2)
            one.sees("新减速器", "205 km/h")
    anybody.choose("From", "2")
    anybody.choose(("comparison", "To"), "1")
    anybody.press("Compare")
    with anybody.within("Compare two versions"):
        anybody.sees("180 km/h", "205 km/h")
    anybody.look("change-5-public")


def public(approval: str) -> str:
    return f"/p/starway/approvals/{approval}/"


def refuse(officer: Hands, reviewer: Hands, approval: str) -> None:
    """What is refused changes nothing: the second version stands."""
    officer.go(f"/m/approvals/{approval}/")
    officer.follow("Apply for a product change")
    officer.press(CHANGE)
    with officer.within("Sections"):
        officer.follow(SECTIONS[Section.PARAMETERS])
    officer.fill(parameter(officer, "seats"), "7")
    officer.press("Save and go on")
    officer.follow("Write the reason")
    officer.fill("Why the product changes", "第三排座椅")
    officer.press("Why the product changes")
    officer.follow("Preview and file")
    officer.press("Prepare the filing")
    number = str(officer.page.locator(".head__id code").inner_text())
    officer.press("Submit the filing")
    reviewer.go("/a/")
    reviewer.follow(number)
    reviewer.pick("Refuse")
    reviewer.fill("Reasons", "须重新进行碰撞试验。")
    reviewer.press("Go on to confirm")
    reviewer.press("Refuse it")
    officer.go(officer.address)
    officer.sees(("filing", "Refused"), "须重新进行碰撞试验。")
    officer.look("change-6-refused")
    officer.go(f"/m/approvals/{approval}/")
    with officer.within("What each version changed"):
        officer.sees("Version %(n)s", n=2)
        officer.sees_not("第三排座椅")
    assert officer.offers("Apply for a product change")
