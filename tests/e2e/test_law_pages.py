"""The rulebook's pages in a real browser: sound at every width, and tried as a newcomer would.

They need no release and no vehicle: the site is served without the town.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from roadworthy.portals.public.law_examples import EXAMPLES
from tests.e2e.conftest import ARGUMENTS, SHOTS, _Thread
from tests.e2e.test_pages import _faults as faults_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

DAY = date(2025, 6, 9)
ASK = "/p/law/ask/"
PAGES = {
    "law-ask": ASK,
    **{f"law-ask-{n}": ASK + one.href(DAY) for n, one in enumerate(EXAMPLES)},
    "law-ask-wrong": ASK + "?removes_defects=yes&planned_release_on=soon&function_level=9",
    "law": "/p/law/",
    "law-filtered": "/p/law/?instrument=N45&search=permit",
    "law-nothing": "/p/law/?search=zzz&grade=A",
    "law-rule": "/p/law/RCL-17/",
    "law-no-rule": "/p/law/RCL-99/",
}
SETTINGS = (
    ("zh", "light", 1440),
    ("en", "light", 1440),
    ("en", "dark", 1440),
    ("en", "light", 1024),
    ("zh", "dark", 768),
    ("zh", "light", 360),
    ("en", "light", 360),
    ("zh", "dark", 360),
)


@pytest.fixture(scope="module")
def address(django_db_setup: None) -> Iterator[str]:
    from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415

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


@pytest.mark.parametrize(("language", "theme", "width"), SETTINGS)
def test_the_pages_are_sound_and_can_be_used_by_everybody(
    chromium: Browser, address: str, language: str, theme: str, width: int
) -> None:
    SHOTS.mkdir(exist_ok=True)
    wrong: dict[str, object] = {}
    for page in _open(chromium, address, language, theme, width):
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for name, path in PAGES.items():
            said.clear()
            page.goto(path)
            page.screenshot(path=SHOTS / f"{name}-{language}-{width}-{theme}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth")
            faults = faults_of(page)
            complaints = [text for text in said if "status of 4" not in text]
            if faults or complaints or wide > width:
                wrong[name] = (faults, complaints, wide)
    assert wrong == {}
