"""``roadworthy standards``: the catalogue as files, as somebody on the host asks for it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from roadworthy.cli.standards import standards
from tests.domains.standards.conftest import catalogue  # noqa: F401 - fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


def run(*arguments, code=0):
    done = CliRunner().invoke(standards, [str(one) for one in arguments])
    assert done.exit_code == code, done.output or done.exception
    return done.output


def test_what_is_loaded_is_not_loaded_again():
    assert "already" in run("load")


@pytest.mark.parametrize(
    ("form", "name"), [("oscal", "a.json"), ("csv", "a.csv"), ("xlsx", "a.xlsx")]
)
def test_what_is_written_is_read_again_and_changes_nothing(tmp_path, form, name):
    run("export", tmp_path / name, "--format", form)
    told = json.loads(run("import", tmp_path / name, "--json"))
    assert (told["added"], told["changed"], told["refused"]) == (0, 0, [])
    assert told["same"] == told["rows"] > 80


def test_bad_rows_are_told_with_their_number(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("Nr,Name\nGB/T 96001-2026,good\n96002,bad\n", encoding="utf-8")
    more = ("--map", "number=Nr", "--map", "title_en=Name", "--place", "adjacent/1/1.1")
    output = run("import", path, *more)
    assert "2 rows: 1 new" in output
    assert "row 3:" in output
    assert "96002" in output
