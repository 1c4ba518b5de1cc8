"""``roadworthy types`` and ``roadworthy vehicles`` as somebody types them."""

import json
import stat

import pytest
from click.testing import CliRunner

from roadworthy.cli import vehicles as commands
from roadworthy.domains.campaigns.models import GatewayAssignment
from roadworthy.domains.vehicles import errors
from roadworthy.domains.vehicles.models import Vehicle, VehicleType
from tests.domains.vehicles.making import manufacturer, vin_of, with_types

pytestmark = pytest.mark.django_db(transaction=True)


def run(command, *arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


def vehicles_file(folder, *versions):
    path = folder / "cars.csv"
    lines = [
        f"{vin_of(number)},car-{number},PSA_PEUGEOT_208,{version}"
        for number, version in enumerate(versions)
    ]
    path.write_text("\n".join(["vin,controller_id,type,ecu:fwdRadar", *lines]))
    return path


def test_types_are_imported_for_a_manufacturer():
    manufacturer()
    result = run(commands.types_, "import", "--manufacturer", "qingshan", "--brand", "tesla")
    assert result.exit_code == 0
    assert result.output.startswith("New: 3 types, 3 ECUs")
    assert VehicleType.objects.count() == 3


def test_an_unknown_manufacturer_is_an_error():
    with pytest.raises(errors.NoSuchManufacturer):
        run(commands.types_, "import", "--manufacturer", "nobody")


def test_a_file_is_imported_and_its_tokens_are_written_for_one_pair_of_eyes(tmp_path):
    with_types()
    path = vehicles_file(tmp_path, "212053276", "")
    result = run(commands.vehicles, "import", path, "--manufacturer", "qingshan")
    assert result.exit_code == 0, result.output
    assert "2 of 2 vehicles registered (utf-8)" in result.output
    tokens = tmp_path / "cars.tokens.csv"
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    assert len(tokens.read_text().splitlines()) == 3
    ids = GatewayAssignment.objects.order_by("controller_id").values_list(
        "controller_id", flat=True
    )
    assert list(ids) == ["car-0", "car-1"]  # the gateways know them at once


def test_refused_rows_are_listed_and_end_in_their_own_exit_code(tmp_path):
    with_types()
    path = vehicles_file(tmp_path, "212053276", "wrong")
    result = run(commands.vehicles, "import", path, "--manufacturer", "qingshan")
    assert result.exit_code == commands.REFUSED_ROWS
    assert 'row 3, ecu:fwdRadar: The version "wrong" is not known' in result.output
    assert Vehicle.objects.count() == 1


def test_a_dry_run_reports_as_json_and_writes_nothing(tmp_path):
    with_types()
    path = vehicles_file(tmp_path, "212053276", "wrong")
    result = run(
        commands.vehicles, "import", path, "--manufacturer", "qingshan", "--dry-run", "--json"
    )
    told = json.loads(result.stdout)
    assert (told["rows"], told["registered"], told["dry_run"]) == (2, 1, True)
    assert told["refused"][0]["code"] == "unknown-version"
    assert not Vehicle.objects.exists()
    assert [f.name for f in tmp_path.iterdir()] == ["cars.csv"]


def test_the_demonstration_file_can_be_imported(tmp_path):
    with_types(brand="mazda")
    path = tmp_path / "demo.csv"
    written = run(commands.vehicles, "demo-file", path, "--brand", "mazda", "--count", 12)
    assert "12 vehicles" in written.output
    result = run(commands.vehicles, "import", path, "--manufacturer", "qingshan")
    assert result.exit_code == 0, result.output
    assert Vehicle.objects.count() == 12
