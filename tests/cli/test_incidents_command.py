"""``roadworthy incidents import`` as somebody types it, and when it is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from roadworthy.cli import incidents as commands
from roadworthy.cli.main import _exit_code
from roadworthy.domains.surveillance import errors
from roadworthy.domains.surveillance.models import BulkReport, Cell, ImportRun
from roadworthy.domains.surveillance.queries import at_work
from roadworthy.domains.vehicles.errors import NoSuchManufacturer
from tests.domains.surveillance.files import OWN, SGO, as_csv, rows_of
from tests.domains.vehicles.making import manufacturer

ROWS, BATCH = 6000, 500


def run(*arguments, **more):
    words = ["import", *map(str, arguments)]
    return CliRunner().invoke(commands.incidents, words, catch_exceptions=False, **more)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(as_csv(rows_of(OWN, {}, {"report_id": ""}, {"report_id": "R-2", "vin": "x"})))
    return path


@pytest.mark.django_db
def test_a_file_is_told_in_sentences(file):
    result = run(file)
    assert result.exit_code == 0
    assert "3 rows: 2 new reports, 0 amendments, 0 known already, 0 blank, 1 refused." in (
        result.output
    )
    assert "row 3, report_id: This must be filled in." in result.output
    assert 'row 4, vin ("x"): This is no VIN' in result.output


@pytest.mark.django_db
def test_a_file_is_told_as_json(file):
    told = json.loads(run(file, "--json").output)
    assert (told["format"], told["container"], told["encoding"]) == ("generic", "csv", "utf-8")
    names = ("rows", "imported", "amended", "duplicates", "blank")
    assert [told[name] for name in names] == [3, 2, 0, 0, 0]
    [refused] = told["refused"]
    assert (refused["row"], refused["column"], refused["value"]) == (3, "report_id", "")
    assert refused["reason"] == "This must be filled in."


@pytest.mark.django_db
def test_standard_input_is_a_file_too():
    result = run("-", "--json", input=as_csv(rows_of(SGO, {})))
    assert json.loads(result.output)["format"] == "sgo"


@pytest.mark.django_db
def test_reports_of_a_manufacturer_are_its_own(file):
    maker = manufacturer()
    run(file, "--manufacturer", maker.slug)
    assert BulkReport.objects.filter(register__manufacturer=maker).count() == 2
    with pytest.raises(NoSuchManufacturer):
        run(file, "--manufacturer", "nobody")


@pytest.mark.django_db
def test_a_file_of_no_known_form_ends_in_one_sentence(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("name,price\nbread,2\n")
    with pytest.raises(errors.UnknownForm, match=r"prices\.csv has none of the forms sgo, ca-dmv"):
        run(path)
    assert _exit_code(errors.UnknownForm(file="", forms="", columns="")) == 10


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_loses_nothing_and_is_started_again(tmp_path, database_url):
    path = tmp_path / "own.csv"
    path.write_text(as_csv(rows_of(OWN, *({"report_id": f"R-{n}"} for n in range(ROWS)))))
    words = ["incidents", "import", str(path), "--batch-rows", str(BATCH), "--json"]
    environment = {
        **os.environ,
        "ROADWORTHY_DATABASE_URL": database_url,
        "ROADWORTHY_HOME": str(tmp_path / "home"),
    }
    command = [sys.executable, "-m", "roadworthy.cli", *words]
    first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    while first.poll() is None:
        run = ImportRun.objects.first()
        if run is not None and run.rows:
            os.kill(first.pid, signal.SIGKILL)
            break
    first.communicate()
    killed = ImportRun.objects.get()
    assert killed.finished_at is None, "it was killed before its end"
    assert 0 < killed.rows < ROWS
    assert killed.rows % BATCH == 0, "a batch is in, or it is not"
    kept = BulkReport.objects.count()
    assert killed.imported == kept == sum(cell.reports for cell in Cell.objects.all())

    second = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    told = json.loads(second.stdout)
    assert (told["rows"], told["duplicates"], told["imported"]) == (ROWS, kept, ROWS - kept)
    assert BulkReport.objects.count() == ROWS
    assert sum(cell.reports for cell in Cell.objects.all()) == ROWS
    assert not at_work([killed.pk]), "the lock went with the process"
