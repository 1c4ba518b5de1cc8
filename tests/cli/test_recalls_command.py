"""``roadworthy recalls`` as somebody types it."""

import json

import pytest
from click.testing import CliRunner

from roadworthy.cli import recalls as commands
from roadworthy.domains.recall_register.models import Recall
from roadworthy.domains.recalls.errors import NoSuchPlan
from roadworthy.domains.remedies import queries
from tests import following
from tests.domains.campaigns.conftest import light  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
HEADER = "NHTSA ID,DOCUMENT NAME,MAKE,MODEL,MODEL YEAR,SUMMARY\n"


def run(*arguments):
    words = [str(one) for one in arguments]
    return CliRunner().invoke(commands.recalls, words, catch_exceptions=False)


def test_an_import_says_what_it_did_for_people_and_for_programs(tmp_path):
    file = tmp_path / "x.csv"
    file.write_text(
        HEADER + "20V001,A.pdf,FORD,F-150,2019,ok\nbad,A.pdf,FORD,F-150,2019,no\n,,,,,\n"
    )
    told = run("import", file, "--dry-run")
    assert told.exit_code == commands.REFUSED_ROWS
    assert "3 rows (nhtsa, utf-8): 1 imported" in told.output
    assert not Recall.objects.exists()
    summary = json.loads(run("import", file, "--json").stdout)
    counts = [summary[name] for name in ("rows", "imported", "amended", "duplicates", "blank")]
    assert counts == [3, 1, 0, 0, 1]
    assert summary["refused"] == [
        {
            "row": 3,
            "column": "NHTSA ID",
            "value": "bad",
            "reason": '"bad" is no campaign number.',
            "reason_zh": "“bad”不是召回编号。",
        }
    ]


def test_repairs_and_addresses_come_by_file(light, tmp_path):  # noqa: F811
    plan, cars = following.plan(light)
    file = tmp_path / "x.csv"
    file.write_text(f"vin,name,email\n{following.vin_of(cars[0])},A,a@example.org\n")
    told = run("contacts", file, "--manufacturer", plan.manufacturer.slug)
    assert (told.exit_code, told.output.startswith("1 rows (utf-8): 1 taken")) == (0, True)
    vin = following.vin_of(cars[1])
    file.write_text(f"vin,workshop,done_on,evidence\n{vin},W,2025-06-03,WO\nX,W,2025-06-03,WO\n")
    given = ("--manufacturer", plan.manufacturer.slug, "--recall", plan.number, "--json")
    summary = json.loads(run("completions", file, *given).stdout)
    assert (summary["taken"], summary["refused"][0]["row"]) == (1, 3)
    assert queries.progress(plan.pk).by_workshop == 1
    with pytest.raises(NoSuchPlan):
        run("completions", file, *given[:3], "RC-1")
