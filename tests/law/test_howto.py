"""Whoever follows docs/howto/add-a-rule.md to the letter gets a rule that answers its cases."""

import importlib
import re
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import roadworthy.law
from roadworthy.cli.law_register import new_rule
from roadworthy.law import PACKS, VERSION
from roadworthy.law.rulebook import Rulebook, rulebook
from roadworthy.rules import packs, strict_yaml
from roadworthy.rules.schema import BadPack

LAW = Path(roadworthy.law.__file__).parent
PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "add-a-rule.md"
BLOCKS = re.findall(r"```(markdown|yaml|python)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
BEGIN = re.search(r"roadworthy law new-rule (.+)", PAGE.read_text("utf-8")).group(1)
PACKAGE = "howto_law"


@pytest.fixture
def pack(tmp_path, monkeypatch):
    for name in PACKS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(LAW / name, tmp_path / PACKAGE / name, ignore=ignored)
    (tmp_path / PACKAGE / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / PACKAGE / "cn_data"
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


def load():
    importlib.invalidate_caches()
    return packs.load(f"{PACKAGE}.{name}" for name in PACKS)


@pytest.mark.skipif("NDR790" not in rulebook().law.register, reason="its pack is still to come")
def test_the_page_can_be_followed(pack):
    done = CliRunner().invoke(new_rule, [*BEGIN.split(), "--law", str(pack.parent)])
    assert done.exit_code == 0, done.output
    with pytest.raises(BadPack, match=re.escape("cn_data/rules/ndr_12.py is not usable: line 1")):
        load()
    words, parameter, facts, card, check, cases = (body for _, body in BLOCKS[:6])
    for name, added in (("texts/ndr790.md", words), ("facts.yaml", facts)):
        with (pack / name).open("a", encoding="utf-8") as file:
            file.write("\n" + added)
    (pack / "parameters" / "provision_records_years.yaml").write_text(parameter, "utf-8")
    (pack / "rules" / "ndr_12.yaml").write_text(card, "utf-8")
    (pack / "rules" / "ndr_12.py").write_text(check, "utf-8")
    book = Rulebook(load(), VERSION)
    for case in strict_yaml.load(cases):
        day = date.fromisoformat(case["as_of"])
        answer = book.evaluate(case["facts"], as_of=day, rules=["NDR-12"])
        outcomes = [finding.outcome for finding in answer.findings] or ["not-in-force"]
        assert outcomes == [case["outcome"]], case["name"]


def test_the_page_has_a_block_for_each_file():
    assert [kind for kind, _ in BLOCKS[:6]] == [
        "markdown", "yaml", "yaml", "yaml", "python", "yaml",
    ]  # fmt: skip
