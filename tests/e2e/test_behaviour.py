"""What only a browser can show: focus, dialogs, the theme, figures that move, paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from roadworthy.domains.organisations.roles import Role
from tests.e2e.conftest import Site
from tests.e2e.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(site: Site) -> None:
    context, page = site.open(Role.COMPLIANCE_OFFICER)
    page.goto(f"{site.url}/m/releases/")
    page.keyboard.press("Tab")
    assert focused(page) == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    context.close()


def test_a_dialog_takes_the_focus_closes_with_escape_and_gives_it_back(site: Site) -> None:
    context, page = site.open(Role.RELEASE_ENGINEER)
    page.goto(f"{site.url}/m/releases/F-1/")
    opener = page.locator("[data-dialog=ask-withdraw]")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#ask-withdraw")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("(one) => one.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert opener.evaluate("(one) => one === document.activeElement")
    context.close()


def test_a_dialogs_mistakes_are_shown_on_a_page_whose_summary_has_the_focus(site: Site) -> None:
    context, page = site.open(Role.RELEASE_ENGINEER)
    page.goto(f"{site.url}/m/releases/F-1/")
    page.click("[data-dialog=ask-withdraw]")
    page.fill("#ask-withdraw [name=withdraw-confirm]", "something else")
    page.click("#ask-withdraw button[type=submit]")
    expect(page.locator("[data-focus]")).to_be_focused()
    expect(page.get_by_text("“something else” is not F-1")).to_be_visible()
    context.close()


def test_without_script_the_same_button_leads_to_the_question(site: Site) -> None:
    context = site.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    part = next(p for p in site.town.world.cast.passwords if p.startswith("release@"))
    page.goto(f"{site.url}/login/?next=/m/releases/F-1/")
    page.fill("[name=email]", part)
    page.fill("[name=password]", site.town.world.cast.passwords[part])
    page.click("main button[type=submit]")
    page.click("[data-dialog=ask-withdraw]")
    assert page.url.endswith("/do/withdraw/")
    expect(page.locator("[name=withdraw-confirm]")).to_be_visible()
    context.close()


def test_the_chosen_theme_stays(site: Site) -> None:
    context, page = site.open(None)
    page.goto(f"{site.url}/login/")
    page.click("[data-theme-toggle]")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{site.url}/rulebook/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()


def test_a_running_campaign_moves_by_itself_and_keeps_what_is_open(site: Site) -> None:
    context, page = site.open(Role.COMPLIANCE_OFFICER)
    address = f"{site.url}/m/campaigns/{site.town.campaign.pk}/"
    page.goto(address)
    page.locator("#duties-done > summary").click()
    with page.expect_response(
        lambda answer: answer.url == address and "hx-request" in answer.request.headers
    ):
        pass
    expect(page.locator("#duties-done")).to_have_attribute("open", "")
    expect(page.locator("#live-status")).to_contain_text("33.3%")
    context.close()


def test_only_changes_hides_what_stays_the_same(site: Site) -> None:
    context, page = site.open(Role.MIIT_REVIEWER)
    page.goto(f"{site.url}/a/filings/{site.town.filings['submitted'].pk}/")
    page.check("[data-only-changes]")
    assert "only-changes" in (page.locator("#parameters").get_attribute("class") or "")
    context.close()


def test_a_printed_filing_shows_its_digest_and_hides_the_screens_tools(site: Site) -> None:
    context, page = site.open(Role.MIIT_REVIEWER, theme="dark", language="zh")
    page.goto(f"{site.url}/a/filings/{site.town.filings['submitted'].pk}/")
    page.emulate_media(media="print")
    expect(page.locator(".print-only code")).to_be_visible()
    for tool in (".nav", ".tabs", "form[aria-labelledby=h-dec]", ".toasts"):
        expect(page.locator(tool)).to_be_hidden()
    picture(page, "print-zh")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    context.close()


def test_arrow_keys_lead_from_day_to_day_and_page_keys_from_month_to_month(site: Site) -> None:
    context, page = site.open(Role.HOMOLOGATION)
    page.goto(f"{site.url}/m/calendar/?month=2025-09&whose=all#days")
    focused_day = page.locator("td:focus time")
    expect(focused_day).to_have_attribute("datetime", "2025-09-01")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(focused_day).to_have_attribute("datetime", "2025-09-30")
    page.keyboard.press("Enter")  # the condition that is due on that day
    expect(page.locator("td a:focus")).to_have_attribute("href", re.compile("/m/agenda/condition/"))
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    expect(focused_day).to_have_attribute("datetime", "2025-09-29")
    page.keyboard.press("PageDown")
    expect(focused_day).to_have_attribute("datetime", "2025-10-01")
    assert page.locator("td[tabindex='0']").count() == 1
    context.close()
