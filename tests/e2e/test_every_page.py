"""Every address of the portals in a real browser, when somebody asks for it; it takes minutes.

``ROADWORTHY_TEST_EVERY_PAGE=1 pytest tests/e2e/test_every_page.py``. The addresses are those of
the table of permissions, each opened by one role that may: Chinese wide and light, English narrow
and dark. ``test_pages`` looks at a selection more closely, with every run.
"""

from __future__ import annotations

import os

import pytest
from django.urls import reverse
from playwright.sync_api import Error, Page
from pytest_django import DjangoDbBlocker

from roadworthy.domains.organisations.roles import Role
from tests.e2e.conftest import Site
from tests.e2e.looking import faults_of
from tests.portals.conftest import town  # noqa: F401 - the same town
from tests.portals.test_permissions import CASES
from tests.portals.town import Town
from tests.portals.watched import Watched, watch

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(
        "ROADWORTHY_TEST_EVERY_PAGE" not in os.environ,
        reason="asked for by ROADWORTHY_TEST_EVERY_PAGE",
    ),
]
SETTINGS = {"zh": ("light", 1440), "en": ("dark", 360)}


# Pages that are empty, or not there at all, in the town of the table.
WATCHED = {
    "p:recall": lambda one: (one.recall_id,),
    "m:import": lambda one: (one.import_id,),
    "m:signal-report": lambda one: (one.bulk_report_id,),
    "m:signal-reports": lambda _one: (),
    "m:release-stops": lambda one: (one.release_number,),
    "m:remedy": lambda one: (one.plan_id,),
    "m:remedy-follow-ups": lambda one: (one.plan_id,),
    "m:remedy-returned": lambda one: (one.plan_id,),
    "m:remedy-again": lambda one: (one.returned_id,),
    "m:remedy-effect": lambda one: (one.plan_id,),
    "m:remedy-report": lambda one: (one.plan_id, "stage"),
    "m:producer-act": lambda one: (one.matter_id, "assess"),
}


@pytest.fixture(scope="module")
def watched(
    town: Town,  # noqa: F811 - the fixture
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Watched:
    with django_db_blocker.unblock():
        return watch(town, tmp_path_factory.mktemp("watched"))


@pytest.mark.parametrize("language", SETTINGS)
def test_every_address_is_sound_and_can_be_used_by_everybody(
    watched: Watched, site: Site, language: str
) -> None:
    theme, width = SETTINGS[language]
    wrong: dict[str, object] = {}
    for role, addresses in _addresses(site, watched).items():
        context, page = site.open(role, language=language, theme=theme, width=width)
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        for name, address in addresses.items():
            said.clear()
            faults = _faults(page, address, width)
            faults += [text for text in said if "status of 4" not in text]
            if faults:
                wrong[name] = faults
                print(language, name, address, *faults, sep="\n   ", flush=True)
        context.close()
    assert wrong == {}


def _addresses(site: Site, watched: Watched) -> dict[Role | None, dict[str, str]]:
    found: dict[Role | None, dict[str, str]] = {}
    for name, case in CASES.items():
        if case.own != 200 and name not in WATCHED:
            continue
        args = WATCHED[name](watched) if name in WATCHED else case.args(site.town)
        role = min(case.roles) if case.roles else None
        path = "/health" if name == "health" else reverse(name, args=args)
        if name == "m:signal-reports":
            path += f"?register={watched.register_id}&function=NOA&software=1.0.0"
        found.setdefault(role, {})[name] = site.url + path
    return found


def _faults(page: Page, address: str, width: int) -> list[str]:
    try:
        answer = page.goto(address)
    except Error as error:
        # A file, which the browser keeps instead of showing it.
        return [] if "Download is starting" in str(error) else [str(error)]
    assert answer is not None
    # What a script puts into a page is no page.
    if "text/html" not in answer.headers.get("content-type", "") or "<html" not in answer.text():
        return []
    faults = [f"status {answer.status}"] if answer.status >= 500 else []
    wide = int(page.evaluate("document.documentElement.scrollWidth"))
    faults += [f"{wide} pixels wide"] if wide > width else []
    return faults + faults_of(page)
