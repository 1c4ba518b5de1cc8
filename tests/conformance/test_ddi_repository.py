"""Stock TUF clients fetch from the gateway itself, without a token and without a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from roadworthy.gateway.settings import Settings
from roadworthy.trust import repository_files
from tests.conformance import tuf_clients
from tests.conformance.tuf_clients import Client, Verdict
from tests.gateway.hosting import GatewayHost, hosting
from tests.trust.worlds import IMAGE, PATH, Repository


@pytest.fixture(params=["ngclient", pytest.param("tuf-js", marks=pytest.mark.npm)])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Client:
    if request.param == "ngclient":
        return tuf_clients.ngclient
    return tuf_clients.install_tuf_js(tmp_path_factory.mktemp("tufjs"))


@pytest.fixture
def host(own_settings: Settings) -> Iterator[GatewayHost]:
    settings = replace(own_settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    with hosting(settings) as host:
        yield host


def test_a_signed_image_is_accepted_and_a_flipped_byte_is_not(
    client: Client, host: GatewayHost, tmp_path: Path
) -> None:
    world = Repository()
    world.publish_image()
    folder = host.settings.repository
    repository_files.export(world.store, world.contents, folder)
    base = f"{host.url}/repo"
    fetched = client(base, PATH, world.root_json, tmp_path / "first")
    assert fetched == Verdict(accepted=True, image=IMAGE)
    image = next(path for path in (folder / "targets").rglob("*") if path.is_file())
    content = bytearray(image.read_bytes())
    content[3] ^= 1
    image.write_bytes(content)
    refused = client(base, PATH, world.root_json, tmp_path / "second")
    assert not refused.accepted
