"""Two of the four cases in a browser, by keyboard: from the application to signed metadata.

``tests/portals/cases`` plays all four without a browser; the story is the same. Each case has its
language; ``ROADWORTHY_TEST_LANGUAGES=zh,en`` plays each in all of these. The browser begins with
the release (``test_procedures_access.py`` plays the application) unless ``ROADWORTHY_TEST_WHOLE``
is set: the keyboard needs a minute for each application.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from pytest_django import DjangoDbBlocker

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.roles import Role
from tests.e2e.conftest import Site, serving
from tests.e2e.hands import Hands
from tests.portals import town as towns
from tests.portals.cases import test_cases_to_signed_release as cases
from tests.portals.cases.conftest import opener
from tests.portals.cases.story import Story
from tests.portals.cases.window import Window
from tests.portals.town import Town
from tests.world import OFFLINE, ONLINE, World

WHOLE = "ROADWORTHY_TEST_WHOLE" in os.environ
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def empty(home: Path) -> Town:
    """Let the parties stand, with their people and keys, as of now."""
    platform = Platform.create(home, online_passphrase=ONLINE, offline_passphrase=OFFLINE)
    cast = casting.assemble(platform, OFFLINE, at=datetime.now(UTC))
    return Town(World(platform, cast), home)


@pytest.fixture
def begin(
    transactional_db: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[Callable[[str], Story]]:
    """Begin the story on an empty platform, in a language."""
    home = tmp_path / "town"
    before = towns.settle(home)
    with ExitStack() as stack:

        def begun(language: str) -> Story:
            town = empty(home)
            site = stack.enter_context(serving(town, django_db_blocker))
            person = seats(site, language, stack)
            story = Story(town.world.platform, town.world.cast, language, person, number)
            first = story
            if not WHOLE:
                first = dataclasses.replace(story, number_at=Window.head)
                first.person = opener(first, {})
            first.type_approved()
            first.foundation()
            return dataclasses.replace(first, person=person, number_at=number)

        yield begun
    settings.ROADWORTHY = before
    cache.clear()


def seats(site: Site, language: str, stack: ExitStack) -> Callable[[Role], Hands]:
    """Return who seats somebody at a keyboard; each stays at theirs."""
    seated: dict[Role, Hands] = {}

    def person(role: Role) -> Hands:
        if role not in seated:
            seated[role] = stack.enter_context(site.hands(role, language))
        return seated[role]

    return person


def number(who: Hands) -> str:
    return str(who.page.locator(".head__id code").first.inner_text())


def languages(usual: str) -> list[str]:
    return os.environ.get("ROADWORTHY_TEST_LANGUAGES", usual).split(",")


@pytest.mark.parametrize("language", languages("zh"))
def test_a_pilot_is_mended_by_a_recall(
    begin: Callable[[str], Story], language: str, tmp_path: Path
) -> None:
    story = begin(language)
    cases.test_a_pilot_that_fails_in_extreme_scenes_is_mended_by_a_recall(
        story, tmp_path, primary=True
    )
    story.release(Role.COMPLIANCE_OFFICER).look("case-recall-released")


@pytest.mark.parametrize("language", languages("en"))
def test_a_routine_change(begin: Callable[[str], Story], language: str, tmp_path: Path) -> None:
    story = begin(language)
    cases.test_a_routine_change_needs_both_receipts(story, tmp_path)
    story.release(Role.COMPLIANCE_OFFICER).look("case-routine-released")
