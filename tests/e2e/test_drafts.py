"""A draft in a real browser: it saves itself, survives the end of a session, and is filed."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from roadworthy.domains.organisations.roles import Role
from tests.e2e.conftest import Site
from tests.e2e.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
_SERIOUS = {"serious", "critical"}


def sound(page: Page, name: str) -> None:
    picture(page, name)
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in _SERIOUS] == [], name


def test_a_draft_saves_itself_survives_the_session_and_becomes_a_filing(
    site: Site, tmp_path: Path
) -> None:
    context, page = site.open(Role.HOMOLOGATION)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site.url}/m/filings/prepare/type/")
    page.fill("[name=ota_functions]", "The cluster")
    page.click("button[name=draft]")
    page.wait_for_url("**/filings/drafts/*/")
    draft = page.url
    page.fill("[name=notice_channel]", "In the vehicle")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.locator("#base")).to_have_value("1")
    evidence = tmp_path / "evidence.txt"
    evidence.write_text("All of it passed.")
    page.set_input_files("[name=documents]", evidence)
    page.click("#documents ~ form button")
    expect(page.get_by_text("evidence.txt").first).to_be_visible()
    page.fill("[name=version_sets]", "1.0.0 and 1.1.0")
    page.fill("[name=evidence]", "See the document")
    page.check("[name=types]")
    sound(page, "desk-draft")
    context.clear_cookies(name="sessionid")
    page.click("button:has-text('Save'):not([name])")
    page.wait_for_url("**/login/**")
    context.close()
    context, page = site.open(Role.HOMOLOGATION)
    page.goto(draft)
    expect(page.get_by_text("A text of yours is not in this draft yet")).to_be_visible()
    page.click("text=Choose field by field")
    sound(page, "desk-unite")
    page.click("text=Take these")
    page.wait_for_url(draft)
    expect(page.locator("[name=version_sets]")).to_have_value("1.0.0 and 1.1.0")
    page.click("button[name=preview]")
    expect(page.get_by_text("sha256:").first).to_be_visible()
    sound(page, "desk-preview")
    page.click("text=Make the filings")
    page.wait_for_url("**/filings/*/")
    sound(page, "desk-filing")
    assert said == []
    context.close()
    context, page = site.open(Role.MIIT_REVIEWER, language="zh")
    page.goto(f"{site.url}/a/filings/{site.town.filings['submitted'].pk}/")
    sound(page, "desk-review")
    context.close()
