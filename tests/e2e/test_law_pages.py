"""The rulebook's pages in a real browser: sound at every width, and tried as a newcomer would.

They need no release and no vehicle: the site is served without the town.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from playwright.sync_api import Browser, Page, expect, sync_playwright

from roadworthy.portals.public.law_examples import EXAMPLES
from tests.e2e.conftest import ARGUMENTS, _Thread
from tests.e2e.looking import SETTINGS, Looking, faults_of
from tests.e2e.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

DAY = date(2025, 6, 9)
ASK = "/p/law/ask/"
PAGES = {
    "law-ask": ASK,
    # One template draws them all: the first and the last example show both of its extremes.
    **{f"law-ask-{n}": ASK + EXAMPLES[n].href(DAY) for n in (0, len(EXAMPLES) - 1)},
    "law-ask-wrong": ASK + "?removes_defects=yes&planned_release_on=soon&function_level=9",
    "law": "/p/law/",
    "law-filtered": "/p/law/?instrument=N45&search=permit",
    "law-nothing": "/p/law/?search=zzz&grade=A",
    "law-text": "/p/law/text/",
    "law-rule": "/p/law/RCL-17/",
    "law-no-rule": "/p/law/RCL-99/",
}


@pytest.fixture(scope="module")
def address(django_db_setup: None) -> Iterator[str]:
    thread = _Thread("127.0.0.1", StaticFilesHandler, connections_override={})
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    yield from _open(chromium, address, "en", "light", 1440)


def _open(
    chromium: Browser, address: str, language: str, theme: str, width: int, **more: object
) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        reduced_motion="reduce",
        base_url=address,
        **more,
    )
    code = "zh-hans" if language == "zh" else language
    context.add_cookies([{"name": "django_language", "value": code, "url": address}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.mark.parametrize("language", SETTINGS)
def test_the_pages_are_sound_and_can_be_used_by_everybody(
    chromium: Browser, address: str, language: str
) -> None:
    for page in _open(chromium, address, language, "light", 1440):
        looking = Looking(page, language, SETTINGS[language])
        for name, path in PAGES.items():
            looking.at(name, path)
        assert looking.wrong == {}


def test_the_answer_changes_with_each_answer_and_so_does_the_address(page: Page) -> None:
    page.goto(ASK)
    expect(page.locator("#answer")).to_contain_text("Nothing answered yet")
    page.locator("#q-removes_defect").get_by_text("Yes", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("Defect remedy")
    expect(page).to_have_url(re.compile("removes_defect=yes"))
    assert "miit_filing" not in page.url
    expect(page.locator("#live-status")).to_contain_text("Defect remedy")
    before = page.locator("#answer").inner_text()
    page.reload()
    assert page.locator("#answer").inner_text() == before
    page.locator("#q-removes_defect").get_by_text("No", exact=True).click()
    expect(page).to_have_url(re.compile("removes_defect=no"))
    page.get_by_role("link", name="中文").click()
    expect(page.locator("h1")).to_have_text("这次升级，法规有什么要求？")
    assert "removes_defect=no" in page.url


def test_what_is_missing_leads_to_its_question_even_in_a_folded_group(page: Page) -> None:
    page.goto(PAGES["law-ask-0"])
    filings = page.locator("#g-filings")
    expect(filings).not_to_have_attribute("open", "")
    page.get_by_role("link", name="Where is the filing of this update with MIIT?").click()
    expect(filings).to_have_attribute("open", "")
    expect(page.locator("#q-miit_filing")).to_be_in_viewport()
    page.select_option("#q-miit_filing", "accepted")
    expect(page.locator("#missing")).not_to_contain_text(
        "Where is the filing of this update with MIIT?"
    )


def test_a_day_that_cannot_be_read_is_named_beside_what_stays(page: Page) -> None:
    page.goto(PAGES["law-ask-0"])
    page.fill("#q-planned_release_on", "next week")
    page.keyboard.press("Tab")
    expect(page.locator("#answer")).to_contain_text("“next week” cannot be read.")
    expect(page.locator("#q-planned_release_on")).to_have_value("next week")
    page.reload()
    expect(page.locator("#q-planned_release_on")).to_have_value("next week")
    expect(page.locator("[data-focus]")).to_be_focused()


def test_the_whole_questionnaire_works_with_the_keyboard(page: Page) -> None:
    page.goto(ASK)
    page.locator("input[name=removes_defect][value='']").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("input[name=removes_defect][value=no]")).to_be_checked()
    expect(page).to_have_url(re.compile("removes_defect=no"))
    assert page.evaluate("document.activeElement.name") == "removes_defect"


def test_without_script_a_button_asks(chromium: Browser, address: str) -> None:
    for page in _open(chromium, address, "en", "light", 360, java_script_enabled=False):
        page.goto(ASK)
        page.locator("input[name=removes_defect][value=yes]").check(force=True)
        page.get_by_role("button", name="Show the answer").click()
        expect(page.locator("#answer")).to_contain_text("Defect remedy")
        assert "removes_defect=yes" in page.url
        assert "miit_filing" not in page.url


def test_on_paper_the_answer_is_whole_and_the_tools_are_gone(page: Page) -> None:
    page.goto(PAGES["law-ask-2"])
    page.emulate_media(media="print")
    for tool in (".nav", ".examples", ".verdict", ".asking__form", "[data-print]"):
        expect(page.locator(tool).first).to_be_hidden()
    expect(page.get_by_text("File the recall plan with SAMR")).to_be_visible()
    expect(page.get_by_role("heading", name="What was stated")).to_be_visible()
    picture(page, "law-ask-print-en")


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("zh", "light", 1440), ("en", "dark", 360)]
)
def test_a_text_is_checked_and_its_claims_are_marked(
    chromium: Browser, address: str, language: str, theme: str, width: int
) -> None:
    words = {
        "zh": "全新高阶智驾，真正解放双手，上高速可以看电影。\n这不是无人驾驶。",
        "en": "Our Autopilot drives itself, hands-free, on any road.\nIt is not driverless.",
    }
    for page in _open(chromium, address, language, theme, width):
        page.goto("/p/law/text/")
        page.locator("textarea").fill(words[language])
        page.locator("main button[type=submit]").click()
        expect(page.locator("#h-verdict")).to_be_visible()
        assert page.locator(".checked mark").count() >= 4
        picture(page, f"law-text-checked-{language}-{width}-{theme}")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
