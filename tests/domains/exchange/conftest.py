"""Three deployments for the tests of what travels between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from roadworthy.domains.organisations.roles import Kind
from tests.domains.exchange.federation import Federation
from tests.domains.exchange import deployments
from tests.world import START


@pytest.fixture
def federation(transactional_db: None, tmp_path: Path) -> Iterator[Federation]:
    """Manufacturer, MIIT, SAMR and a test institution, each with its own database and keys."""
    template = dict(connection.settings_dict)
    names = {kind: f"{template['NAME']}_{kind}" for kind in Kind}
    with deployments.copies(names, template):
        every = {
            kind: deployments.founded(kind, name, tmp_path, at=START)
            for kind, name in names.items()
        }
        deployments.introduce(every, at=START)
        yield Federation(every, START)
