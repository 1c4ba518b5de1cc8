"""An empty platform before each case: organisations, people, keys, and nothing that they did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.roles import Role
from tests.portals import town as towns
from tests.portals.cases.story import Story
from tests.portals.cases.window import Window
from tests.world import OFFLINE, ONLINE


@pytest.fixture(params=["en"])
def story(
    request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None
) -> Iterator[Story]:
    home = tmp_path / "home"
    before = towns.settle(home)
    platform = Platform.create(home, online_passphrase=ONLINE, offline_passphrase=OFFLINE)
    cast = casting.assemble(platform, OFFLINE, at=datetime.now(UTC))
    windows: dict[Role, Window] = {}

    def person(role: Role) -> Window:
        if role not in windows:
            windows[role] = Window(request.param)
            email = next(one.email for one in casting.PARTS if one.role == role)
            windows[role].sign_in(email, cast.passwords[email])
        return windows[role]

    try:
        yield Story(platform, cast, request.param, person, Window.head)
    finally:
        settings.ROADWORTHY = before
        cache.clear()
