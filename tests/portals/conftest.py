"""One town for all tests of a module: building it takes seconds, looking at it nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command

from tests.portals import town as towns


@pytest.fixture(scope="module")
def town(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[towns.Town]:
    home = tmp_path_factory.mktemp("town") / "home"
    with django_db_blocker.unblock():
        before = towns.settle(home)
        try:
            yield towns.build(home)
        finally:
            settings.ROADWORTHY = before
            cache.clear()
            call_command("flush", interactive=False, verbosity=0)
