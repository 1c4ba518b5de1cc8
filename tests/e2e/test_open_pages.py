"""The pages that need no account, in a real browser: the owner's link and the public record."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.software.models import Release
from tests.domains.campaigns import roads
from tests.domains.campaigns.roads import Road
from tests.e2e.conftest import Site
from tests.e2e.looking import Looking, Setting
from tests.portals.owner.conftest import TEXTS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

# An owner opens the page on a phone, at night too; a reader of the record at a desk.
SETTINGS = {
    "zh": (
        Setting("light", 360, contrast=False),
        Setting("dark", 1440, contrast=False),
        Setting("light", 1440),
    ),
    "en": (Setting("light", 1440, contrast=False), Setting("dark", 360)),
}


@dataclass
class Street:
    """A second campaign in the town, each of its cars in another state."""

    road: Road
    release: Release
    cars: dict[str, int]

    def link(self, name: str) -> str:
        return f"/o/{self.road.tokens[self.cars[name]]}/"


@pytest.fixture(scope="module")
def street(site: Site, django_db_blocker) -> Iterator[Street]:
    with django_db_blocker.unblock():
        yield _street(site)


def _street(site: Site) -> Street:
    world = site.town.world
    release = world.released(number="R-2025.2", to_version="1.2.0")
    names = ("undecided", "offered", "running", "installed", "proven", "failed", "declined")
    ids = roads.register(world, len(names), first=100)
    road = roads.road(world, vehicles=ids, release=release)
    cars = dict(zip(names, ids, strict=True))
    road.publish(TEXTS)
    road.take(Act.NOTIFY)
    for name, vehicle_id in cars.items():
        if name != "undecided":
            road.answer(vehicle_id, "no" if name == "declined" else "yes")
    road.take(Act.START)
    road.turn()
    for name in ("running", "installed", "proven", "failed"):
        road.report(cars[name], "retrieved")
        road.feedback(cars[name], "proceeding")
    for name in ("installed", "proven"):
        road.feedback(cars[name], "closed", "success")
    road.feedback(cars["failed"], "closed", "failure", "self-test")
    road.says(cars["proven"], "1.2.0")
    road.turn()
    world.witness()
    return Street(road, release, cars)


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


def pages(site: Site, street: Street) -> dict[str, str]:
    slug = street.release.manufacturer.slug
    return {
        **{f"owner-{name}": street.link(name) for name in street.cars},
        "owner-unknown": "/o/nobody/",
        "public-lookup": "/p/",
        "public-nothing": "/p/?q=R-1999.1",
        "public-trace": f"/p/{slug}/R-2025.1/",
        "public-trace-running": f"/p/{slug}/{street.release.number}/",
        "public-entry": "/p/entries/60/",
        "public-checkpoint": "/p/checkpoint/",
        "public-verify": "/p/verify/",
    }


@pytest.mark.parametrize("language", SETTINGS)
def test_open_pages_are_sound_and_can_be_used_by_everybody(
    site: Site, street: Street, language: str
) -> None:
    context, page = site.open(None, language=language)
    looking = Looking(page, language, SETTINGS[language])
    for name, path in pages(site, street).items():
        looking.at(name, site.url + path)
    context.close()
    assert looking.wrong == {}


def test_an_owner_answers_with_a_keyboard_and_changes_their_mind(
    site: Site, street: Street
) -> None:
    """Also: a page without a referrer sends "Origin: null" with its form, and is heard."""
    context, page = site.open(None, language="en", width=360)
    page.goto(site.url + street.link("undecided"))
    page.get_by_role("button", name="Confirm my choice").click()
    page.get_by_text("Nothing is chosen").wait_for()
    page.get_by_role("radio", name="I do not want this update").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You have said no to this update").wait_for()
    assert state(street, "undecided") == ActionState.DECLINED
    page.get_by_role("button", name="Install it after all").click()
    page.get_by_role("heading", name="You have agreed to the update").wait_for()
    assert state(street, "undecided") == ActionState.WAITING
    page.get_by_role("button", name="Do not install it").click()
    page.get_by_role("heading", name="You have said no to this update").wait_for()
    assert {cookie["name"] for cookie in context.cookies()} <= {"django_language", "theme"}
    context.close()


def test_the_browser_tells_no_other_page_where_the_owner_was(site: Site, street: Street) -> None:
    context, page = site.open(None, language="en")
    page.goto(site.url + street.link("proven"))
    seen: list[str | None] = []
    page.on("request", lambda request: seen.append(request.headers.get("referer")))
    page.get_by_role("link", name="See the public record").click()
    page.get_by_role("heading", level=1).wait_for()
    assert seen
    assert not seen[0]  # some versions of Chromium send none, some an empty one
    assert not any("/o/" in (referer or "") for referer in seen)
    context.close()


def test_a_reader_finds_a_release_and_takes_its_proof_away(site: Site, street: Street) -> None:
    context, page = site.open(None, language="en", width=360)
    page.goto(site.url + "/p/")
    page.get_by_role("searchbox").fill(street.release.number.lower())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The steps it took").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download proof bundle").click()
    assert download.value.suggested_filename == f"{street.release.number}.bundle"
    page.get_by_text("Show each entry").click()
    page.get_by_role("link", name="entry", exact=False).first.click()
    check_entry(page)
    context.close()


def check_entry(page: Page) -> None:
    """Compute in the test what the page claims."""
    body = page.locator("#h-body ~ * pre, pre.cmd").first.inner_text()
    leaf = hashlib.sha256(b"\0" + body.encode()).hexdigest()
    assert page.get_by_text(leaf).count() == 1
    root = page.locator("dd").filter(has_text="size").locator("code").inner_text()
    assert len(base64.b64decode(root)) == 32 or len(bytes.fromhex(root)) == 32


def state(street: Street, name: str) -> ActionState:
    return street.road.state(street.cars[name])
