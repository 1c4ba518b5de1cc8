"""A browser before a running town. Pictures go to ``screenshots/``, which git does not see.

Playwright keeps an event loop in the thread of the tests, beside which Django forbids the ORM: it
cannot know that nothing here awaits. The tests' own transactions need it all the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection, connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from roadworthy.domains.organisations.roles import Role
from tests.e2e.hands import Hands
from tests.portals import town as towns
from tests.portals.conftest import standing, town  # noqa: F401 - the same town
from tests.portals.town import Town

T = TypeVar("T")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
]


class _Server(ThreadedWSGIServer):
    daemon_threads = False  # closing waits for each, and each closes its connection to the database


class _Thread(LiveServerThread):
    server_class = _Server


@dataclass
class Site:
    """Where the town is served, and who has signed in there."""

    url: str
    town: Town
    browser: Browser
    sessions: dict[Role, str]  # the form itself is tried once, without script

    def open(
        self, role: Role | None, *, language: str = "en", theme: str = "light", width: int = 1440
    ) -> tuple[BrowserContext, Page]:
        """Return a window in which somebody with that role has signed in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        cookies = {"django_language": "zh-hans" if language == "zh" else language}
        if role is not None:
            cookies["sessionid"] = self.sessions[role]
        context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in cookies.items()]
        )
        return context, page

    @contextmanager
    def hands(self, role: Role | None, language: str) -> Iterator[Hands]:
        """Seat somebody with that role at a keyboard; what the page complained of fails."""
        context, page = self.open(role, language=language)
        hands = Hands(page, language, base=self.url)
        yield hands
        assert hands.faults == [], hands.faults
        context.close()


def beside(work: Callable[[], T]) -> T:
    """Do in the database what the site is to see: a test's own transaction is never committed."""

    def done() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(done).result()


@pytest.fixture(scope="session", autouse=True)
def _beside_a_loop(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    # Inside the loop Django kept connections of its own, which nobody can reach any more.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="module")
def site(town: Town, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:  # noqa: F811
    with serving(town, django_db_blocker) as site:
        yield site


@pytest.fixture(scope="module", params=["zh", "en"])
def counter(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Site, str]]:
    """A site where nothing has been applied for yet, once for each language."""
    with (
        django_db_blocker.unblock(),
        standing(towns.found, tmp_path_factory) as founded,
        serving(founded, django_db_blocker) as site,
    ):
        yield site, request.param


@contextmanager
def serving(town: Town, blocker: DjangoDbBlocker) -> Iterator[Site]:  # noqa: F811
    """Serve a town, and start a browser before it."""
    with blocker.unblock():
        sessions = {
            role: town.client(role).cookies["sessionid"].value for role in town.world.cast.actors
        }
    thread = _Thread("127.0.0.1", StaticFilesHandler, connections_override={})
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=ARGUMENTS
            )
            # A connection kept from an earlier browser may have been ended by a test in between.
            for kept in connections.all(initialized_only=True):
                if not kept.in_atomic_block:
                    kept.close()
            try:
                yield Site(f"http://127.0.0.1:{thread.port}", town, browser, sessions)
            finally:
                browser.close()
    finally:
        thread.terminate()
        thread.join()
