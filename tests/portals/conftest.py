"""One town for all tests of a module: building it takes seconds, looking at it nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from tests import emptying
from tests.portals import town as towns


@pytest.fixture(scope="module")
def town(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[towns.Town]:
    with django_db_blocker.unblock(), standing(towns.build, tmp_path_factory) as built:
        yield built


@contextmanager
def standing(
    build: Callable[[Path], towns.Town], folders: pytest.TempPathFactory
) -> Iterator[towns.Town]:
    """Let a town stand in the database, with the portals pointed at it; then clear it away."""
    home = folders.mktemp("town") / "home"
    before = towns.settle(home)
    try:
        yield build(home)
    finally:
        settings.ROADWORTHY = before
        cache.clear()
        emptying.empty()
