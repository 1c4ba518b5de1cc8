"""Two sides of the exchange: a deployment with a peer in the test's hands, and four real ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from roadworthy.domains.exchange.models import Deployment as Row
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import Kind
from tests import exchanging, recalling
from tests.domains.exchange import deployments
from tests.domains.exchange.deployments import Deployment
from tests.domains.exchange.federation import Federation
from tests.world import START, World


@pytest.fixture
def own(world: World) -> Row:
    """This deployment, of which others know."""
    return exchanging.established(world.platform, "starway", at=START)


@pytest.fixture
def far(own: Row) -> exchanging.Far:
    """Another deployment, whose keys the test holds."""
    return exchanging.Far(at=START, to=own.name)


@pytest.fixture
def peer(far: exchanging.Far) -> Peer:
    """What this deployment knows of the other, confirmed."""
    return exchanging.befriended(far)


@pytest.fixture(scope="session")
def introduced(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker
) -> Iterator[dict[Kind, Deployment]]:
    """The deployments as they know each other and nothing has happened: copied for each test."""
    folder = tmp_path_factory.mktemp("introduced")
    with django_db_blocker.unblock():
        template = str(connection.settings_dict["NAME"])
        names = {f"{template}_{kind}": template for kind in Kind}
        with deployments.copies(names, connection.settings_dict):
            made = {
                kind: deployments.founded(kind, f"{template}_{kind}", folder / kind, at=START)
                for kind in Kind
            }
            deployments.introduce(made, at=START)
            yield made


@pytest.fixture
def federation(
    introduced: dict[Kind, Deployment], transactional_db: None, tmp_path: Path
) -> Iterator[Federation]:
    """Manufacturer, MIIT, SAMR and a test institution, each with its own database and keys."""
    names = {f"{one.database}_now": one.database for one in introduced.values()}
    with deployments.copies(names, connection.settings_dict):
        every = {}
        for kind, one in introduced.items():
            shutil.copytree(one.platform.home, tmp_path / kind)
            every[kind] = one.moved(f"{one.database}_now", tmp_path / kind)
        yield Federation(every, START)


@pytest.fixture
def known(federation: Federation) -> Federation:
    """SAMR knows the manufacturer's type by what that filed; sites can be ordered to stop."""
    with federation.maker.inside():
        federation.filed(FilingKind.TYPE)
        recalling.sites(federation.world)
    federation.post()
    return federation
