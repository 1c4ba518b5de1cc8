"""``roadworthy simulate`` as somebody types it, against a real gateway."""

import pytest
from click.testing import CliRunner

from roadworthy.cli import simulate as command
from roadworthy.trust import repository_files
from roadworthy.vehicle.fleet import DeadlinePassed
from tests.gateway import hosting
from tests.gateway.hosting import (  # noqa: F401 - fixtures
    gateway_settings,
    own_settings,
)
from tests.trust import worlds
from tests.vehicle import stand


def run(*arguments):
    runner = CliRunner()
    return runner.invoke(command.simulate, [str(a) for a in arguments], catch_exceptions=False)


def tokens_file(folder, specs):
    path = folder / "cars.tokens.csv"
    rows = [f"{one.vin},{one.controller_id},{one.token}" for one in specs]
    path.write_text("\n".join(["vin,controller_id,token", *rows]) + "\n")
    return path


def test_vehicles_of_a_token_file_follow_an_update(own_settings, tmp_path):  # noqa: F811
    world = worlds.Repository()
    world.publish_image()
    repository_files.export(world.store, world.contents, own_settings.repository)
    with hosting.hosting(own_settings) as host, hosting.fleet_of(host) as fleet:
        deployment = stand.deploy(fleet, worlds.IMAGE, target=worlds.PATH)
        specs = stand.vehicles(fleet, 10, deployment)
        result = run(
            tokens_file(tmp_path, specs), "--gateway", host.url, "--tenant", fleet.tenant,
            "--version", stand.OLD, "--hardware", "camera-a", "--fail", 2, "--interval", 0.1,
            "--seconds", 60,
        )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "proven 8, failed 2 (" in result.output


def test_vehicles_that_do_not_get_there_say_why(own_settings, tmp_path):  # noqa: F811
    (own_settings.repository / "metadata").mkdir(parents=True)
    root = tmp_path / "root.json"
    root.write_bytes(worlds.Repository().root_json)
    with hosting.hosting(own_settings) as host, pytest.raises(DeadlinePassed, match="waiting 1"):
        run(
            tokens_file(tmp_path, [stand.VehicleSpec("car", "wrong", "VIN", "1")]),
            "--gateway", host.url, "--tenant", "T", "--version", "1", "--root", root,
            "--seconds", 0.5,
        )  # fmt: skip


@pytest.mark.parametrize("content", ["", "vin,token\nV,T\n", "vin,controller_id,token\n"])
def test_a_file_without_vehicles_is_an_error(tmp_path, content):
    path = tmp_path / "cars.csv"
    path.write_text(content)
    with pytest.raises(command.WrongTokenFile):
        run(path, "--gateway", "http://127.0.0.1:9", "--tenant", "T", "--version", "1")


def test_a_gateway_without_a_root_is_an_error(tmp_path):
    path = tokens_file(tmp_path, [stand.VehicleSpec("car", "t", "VIN", "1")])
    with pytest.raises(command.NoRoot, match="ConnectError"):
        run(path, "--gateway", "http://127.0.0.1:9", "--tenant", "T", "--version", "1")
