"""``law coverage`` and ``law new-rule`` as somebody at a terminal has them."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import roadworthy.law
from roadworthy.cli import law_register, scaffold
from roadworthy.law import PACKS
from roadworthy.law.coverage import coverage
from roadworthy.law.rulebook import rulebook
from roadworthy.rules import packs
from roadworthy.rules.schema import BadPack

LAW = Path(roadworthy.law.__file__).parent
PACKAGE = "scaffold_law"


def run(command, *arguments):
    return CliRunner().invoke(command, [str(each) for each in arguments])


@pytest.fixture
def law(tmp_path, monkeypatch):
    """A copy of the packs that can be imported and written to."""
    root = tmp_path / PACKAGE
    for pack in PACKS:
        shutil.copytree(LAW / pack, root / pack, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield root
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


def load():
    importlib.invalidate_caches()
    return packs.load(f"{PACKAGE}.{pack}" for pack in PACKS)


# coverage


def test_the_table_says_how_much_is_there():
    found = coverage(rulebook())
    for lang, words in (("zh", "登记册127条"), ("en", "has 127 rows")):
        done = run(law_register.coverage, "--lang", lang)
        assert done.exit_code == 0
        assert words in done.output
        assert str(found.complete) in done.output.partition("\n")[0]


def test_the_coverage_is_json_too():
    done = run(law_register.coverage, "--json")
    assert json.loads(done.output) == json.loads(json.dumps(coverage(rulebook()).to_json()))


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有规则"), ("en", "no rule")])
def test_a_check_names_each_row_without_a_rule_and_fails(monkeypatch, lang, words):
    whole = rulebook()
    rules = {name: some for name, some in whole.law.rules.items() if name != "RCL-06"}
    lacking = type(whole)(type(whole.law)(**{**vars(whole.law), "rules": rules}), whole.version)
    monkeypatch.setattr("roadworthy.law.rulebook.rulebook", lambda: lacking)
    done = run(law_register.coverage, "--check", "--lang", lang)
    assert done.exit_code == law_register.NOT_COVERED
    assert f"RCL-06: {words}" in done.output.splitlines()
    assert len(done.output.splitlines()) == len(coverage(lacking).faults)
    assert run(law_register.coverage, "--check", "--json").exit_code == law_register.NOT_COVERED


def test_a_check_of_what_is_whole_says_so():
    done = run(law_register.coverage, "--check", "--lang", "en")
    assert (done.exit_code, len(done.output.splitlines())) == (0, 1)


# new-rule


def take_away(law, stem):
    for file in [*law.glob(f"*/rules/{stem}.*"), *law.glob(f"*/cases/{stem}.*")]:
        file.unlink()


def begin(law, *arguments, rule="RCL-99", pack="cn_recall"):
    return run(law_register.new_rule, rule, "--pack", pack, "--law", law, *arguments)


def test_a_new_rule_gets_its_three_files_and_is_told_what_to_do_next(law):
    done = begin(law, "--lang", "en")
    assert done.exit_code == 0, done.output
    for name in ("rules/rcl_99.yaml", "rules/rcl_99.py", "cases/rcl_99.yaml"):
        assert str(law / "cn_recall" / name) in done.output
        assert "TODO" in (law / "cn_recall" / name).read_text(encoding="utf-8")
    assert "past_answers.py --write" in done.output
    assert "does not know this id" in done.output
    assert "登记册没有此编号" in begin(law, "--lang", "zh", rule="RCL-98").output


def test_the_register_fills_in_what_it_knows(law):
    take_away(law, "rcl_04")
    done = begin(law, "--lang", "en", rule="RCL-04")
    assert "does not know this id" not in done.output
    card = (law / "cn_recall" / "rules" / "rcl_04.yaml").read_text(encoding="utf-8")
    assert 'citation: {instrument: IMP176, provision: "第二十四条"}' in card
    assert "applies: {from: 2016-01-01}" in card
    assert "grade: A" in card
    assert "ctx.after(" in (law / "cn_recall" / "rules" / "rcl_04.py").read_text(encoding="utf-8")
    cases = (law / "cn_recall" / "cases" / "rcl_04.yaml").read_text(encoding="utf-8")
    assert "as_of: 2015-12-31" in cases


def test_a_draft_does_not_bind(law):
    take_away(law, "drf_01")
    begin(law, rule="DRF-01")
    card = (law / "cn_recall" / "rules" / "drf_01.yaml").read_text(encoding="utf-8")
    assert "binding: false" in card


def test_an_unfinished_rule_stops_the_loader_with_the_line(law):
    begin(law)
    with pytest.raises(BadPack, match=r"cn_recall/rules/rcl_99\.py .* line 1 still says TODO"):
        load()


def test_a_scaffold_loads_once_its_marks_are_answered(law):
    begin(law, "--instrument", "IMP176", "--provision", "第三十条", "--from", "2016-01-01",
          "--grade", "A")  # fmt: skip
    folder = law / "cn_recall" / "rules"
    card, check = folder / "rcl_99.yaml", folder / "rcl_99.py"
    words = card.read_text(encoding="utf-8").replace("gate: TODO", "gate: none")
    words = words.replace("[TODO]", "[recall]").replace("TODO", "x")
    card.write_text(words, encoding="utf-8")
    words = check.read_text(encoding="utf-8").replace("TODO_what_was_done", "recall_by_ota")
    words = words.replace("TODO_what_makes_it_apply", "removes_defect").replace("TODO", "Done")
    check.write_text(words, encoding="utf-8")
    (rule,) = load().rules["RCL-99"]
    assert (rule.grade, rule.binding, rule.applies.since.isoformat()) == ("A", True, "2016-01-01")


def test_nothing_is_written_over(law):
    before = (law / "cn_recall" / "rules" / "rcl_06.yaml").read_bytes()
    for pack in ("cn_recall", "cn_base"):
        done = begin(law, rule="RCL-06", pack=pack)
        assert isinstance(done.exception, scaffold.RuleExists)
        assert "cn_recall/rules/rcl_06.yaml" in str(done.exception)
    assert (law / "cn_recall" / "rules" / "rcl_06.yaml").read_bytes() == before
    assert not (law / "cn_base" / "rules").exists()


def test_a_pack_that_is_not_there_is_answered_with_those_that_are(law):
    done = begin(law, pack="cn_recal")
    assert isinstance(done.exception, scaffold.NoSuchPack)
    assert ", ".join(sorted(PACKS)) in str(done.exception)


@pytest.mark.parametrize("rule", ["rcl-04", "RCL", "RCL_04", "../RCL-04", "RCL-04/x"])
def test_an_id_of_another_form_is_refused(law, rule):
    assert isinstance(begin(law, rule=rule).exception, scaffold.BadRuleId)
