"""An empty platform: organisations, people, keys, and nothing that they did.

On it one type goes from its application to its approval, through the portals; the cases of a module
follow on that type, each by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.roles import Role
from tests import emptying
from tests.portals import town as towns
from tests.portals.cases.story import Story
from tests.portals.cases.window import Window
from tests.world import OFFLINE, ONLINE

Windows = dict[Role, Window]


@pytest.fixture(scope="module")
def approved(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Story, Windows]]:
    """The story as far as the approved type, with the windows in which it was played."""
    home = tmp_path_factory.mktemp("cases") / "home"
    with django_db_blocker.unblock():
        before = towns.settle(home)
        try:
            yield begun(home, "en")
        finally:
            settings.ROADWORTHY = before
            cache.clear()
            emptying.empty()


@pytest.fixture
def story(db: None, approved: tuple[Story, Windows]) -> Story:
    """The story, to be gone on with; what a case does is rolled back after it."""
    so_far, windows = approved
    return dataclasses.replace(so_far, person=opener(so_far, dict(windows)))


def begun(home: Path, language: str) -> tuple[Story, Windows]:
    """Take a type from an empty platform to its approval."""
    platform = Platform.create(home, online_passphrase=ONLINE, offline_passphrase=OFFLINE)
    cast = casting.assemble(platform, OFFLINE, at=datetime.now(UTC))
    told = Story(platform, cast, language, lambda _role: None, Window.head)
    windows: Windows = {}
    told.person = opener(told, windows)
    told.type_approved()
    told.foundation()
    return told, windows


def opener(story: Story, windows: Windows) -> Callable[[Role], Window]:
    """Return who opens a window for somebody, signed in; one for each."""

    def person(role: Role) -> Window:
        if role not in windows:
            windows[role] = Window(story.language)
            email = next(one.email for one in casting.PARTS if one.role == role)
            windows[role].sign_in(email, story.cast.passwords[email])
        return windows[role]

    return person
