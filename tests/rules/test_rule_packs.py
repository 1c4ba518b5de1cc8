"""A pack that is wrong does not load, and says which file and why."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

import roadworthy.law
from roadworthy.law import PACKS
from roadworthy.rules import packs
from roadworthy.rules.schema import BadPack

LAW = Path(roadworthy.law.__file__).parent


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the packs under another package name, free to be damaged."""
    name = "law_copy"
    shutil.copytree(LAW, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path / name
    for module in [m for m in sys.modules if m.split(".")[0] == name]:
        del sys.modules[module]


def load():
    return packs.load(f"law_copy.{pack}" for pack in PACKS)


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


DAMAGES = {
    "a key is unknown": (
        "cn_n45/rules/n45_04.yaml", "binding: true", "bindng: true", "cn_n45/rules/n45_04.yaml",
    ),
    "a language is missing": (
        "cn_n45/rules/n45_04.yaml",
        "miit: {zh-hans: 向工信部备案升级活动, en: File the activity with MIIT}",
        "miit: {zh-hans: 向工信部备案升级活动}",
        "'en' is a required property",
    ),
    "the languages tell different facts": (
        "cn_n45/rules/n45_04.yaml", "MIIT: {miit_filing}. SAMR: {samr_filing}. Both filings carry",
        "MIIT: {miit_filing}. Both filings carry", "do not tell the same facts",
    ),
    "a provision nobody put into words": (
        "cn_n45/rules/n45_04.yaml", "provision: 三（六）", "provision: 九（九）",
        "no words for 九（九）",
    ),
    "an instrument that is not registered": (
        "cn_ota/rules/ota22_01.yaml", "instrument: OTA22", "instrument: OTA23",
        "no instrument OTA23",
    ),
    "a rule older than its instrument": (
        "cn_ota/rules/ota22_01.yaml", "from: 2022-04-15", "from: 2022-04-14",
        "OTA22 is in force from 2022-04-15",
    ),
    "better evidence than the instrument's": (
        "cn_n45/rules/n45_04.yaml", "grade: C", "grade: A", "claims evidence of grade A",
    ),
    "a day that is none": (
        "cn_ota/parameters/implementation_report_period.yaml", "2022-04-15", "2022-04-31",
        "'2022-04-31'",
    ),
    "values out of order": (
        "cn_ota/parameters/implementation_report_period.yaml", "values:",
        "values:\n  2024-01-01: {value: 4, source: {instrument: OTA22, provision: 适用范围}}",
        "ascending order",
    ),
    "a repeated day": (
        "cn_ota/parameters/implementation_report_period.yaml", "values:",
        "values:\n  2022-04-15: {value: 4, source: {instrument: OTA22, provision: 适用范围}}",
        "repeated key '2022-04-15'",
    ),
    "a label nobody tests": (
        "cn_n45/signatures.yaml", "labels: [ads_function]", "labels: [ads_functions]",
        "there is no label ads_functions",
    ),
    "a consequence that does not exist": (
        "cn_base/labels/ads_function.yaml", "basis_rule: N45-07", "basis_rule: N45-70",
        "there is no rule N45-70",
    ),
    "a setting's default is none of its choices": (
        "cn_base/facts.yaml", "default: lead_time", "default: lead", "must be one of",
    ),
    "what is missing in words that need another fact": (
        "cn_recall/rules/rcl_24.yaml",
        "zh-hans: 缺少事实：{missing}。如确认",
        "zh-hans: 缺少事实：{missing}{declared_kind}。如确认",
        "cannot be put into other words",
    ),
    "a text without its English": (
        "cn_n45/texts/n45.md", "\nen: The two authorities", "\nThe two authorities", "needs",
    ),
    "checked by somebody, nobody says when": (
        "cn_n45/pack.yaml", "verified_by: null", "verified_by: Wang Fang", "verified_on",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "says"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_pack_is_refused(copied, file, old, new, says):
    change(copied / file, old, new)
    with pytest.raises(BadPack) as refused:
        load()
    assert says in str(refused.value)


def test_a_file_that_is_gone_is_named(copied):
    (copied / "cn_recall/texts/imp176.md").unlink()
    with pytest.raises(BadPack, match=r"cn_recall/texts/imp176\.md .* not there"):
        load()


def test_a_check_without_a_card_is_named(copied):
    (copied / "cn_ota/rules/ota22_10.yaml").unlink()
    with pytest.raises(BadPack, match=r"ota22_10\.py .* no card"):
        load()


def test_a_rule_that_stands_twice_is_refused(copied):
    change(copied / "cn_ota/rules/ota22_10.yaml", "id: OTA22-10", "id: OTA22-09")
    with pytest.raises(BadPack, match=r"OTA22-09 .* two cards of it apply on the same day"):
        load()


def test_an_amended_rule_has_one_card_for_each_interval(copied):
    rules = copied / "cn_ota/rules"
    for suffix in (".py", ".yaml"):
        shutil.copy(rules / f"ota22_10{suffix}", rules / f"ota22_10_amended{suffix}")
    change(rules / "ota22_10.yaml", "{from: 2022-04-15}", "{from: 2022-04-15, until: 2027-01-01}")
    change(rules / "ota22_10_amended.yaml", "{from: 2022-04-15}", "{from: 2027-01-01}")
    change(rules / "ota22_10_amended.yaml", "filed in time", "filed sooner")
    first, second = load().rules["OTA22-10"]
    assert "filed in time" in first.title.en
    assert "filed sooner" in second.title.en


def test_a_fact_that_two_packs_declare_is_refused(copied):
    words = "today: {type: date, label: {zh-hans: 今天, en: today}}\n"
    (copied / "cn_ota/facts.yaml").write_text(words, encoding="utf-8")
    with pytest.raises(BadPack, match="two packs declare this fact"):
        load()


def test_a_copy_has_the_same_digest_and_a_changed_word_another(copied):
    before = load().digest
    change(copied / "cn_n45/cases/n45_04.yaml", "Submitted is not accepted", "Not accepted")
    (copied / "cn_n45/README.md").write_text("words", encoding="utf-8")
    change(copied / "cn_n45/signatures.yaml", "# Who has to sign", "# Who signs")
    assert load().digest == before
    change(copied / "cn_n45/rules/n45_04.yaml", "Both filings carry", "The filings carry")
    assert load().digest != before


def test_a_changed_check_or_number_changes_the_digest(copied):
    before = load().digest
    change(copied / "cn_ota/parameters/implementation_report_period.yaml", "value: 5", "value: 6")
    other = load().digest
    assert other != before
    change(copied / "cn_recall/samr_package.py", "alike", "Alike")
    assert load().digest != other


def test_line_ends_do_not_matter(copied):
    before = load().digest
    for path in copied.rglob("*.md"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load().digest == before


def test_a_pack_that_somebody_checked_says_so(copied):
    change(copied / "cn_ota/pack.yaml", "verified_by: null", "verified_by: Wang Fang")
    change(copied / "cn_ota/pack.yaml", "verified_on: null", "verified_on: 2026-11-02")
    law = load()
    assert {pack.id: pack.verified for pack in law.packs}["cn_ota"]
    assert law.rules["OTA22-10"][0].verified_by == "Wang Fang"
    assert law.rules["N45-04"][0].verified_by is None
