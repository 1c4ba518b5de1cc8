"""``law`` as somebody types it: files, words, JSON and exit codes; no database, no Django."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roadworthy.cli import law_evidence
from roadworthy.cli.law import ENTRIES, MOST_BYTES
from roadworthy.cli.main import EXIT_CODES, main
from roadworthy.kernel import errors
from roadworthy.kernel.calendar import legal_day
from roadworthy.trust.keys import Keystore

FACTS = """\
as_of: 2025-06-09
about: [update]
facts:
  changes_main_parameters: false
  changes_primary_version: true
  changes_automation_function: false
  affects_regulated_performance: true
  removes_defect: false
  known_defect_for_same_fault: false
  miit_filing: submitted
  samr_filing: none
  planned_release_on: 2025-06-16
"""
INVALID = EXIT_CODES[errors.Invalid]


@pytest.fixture
def facts(tmp_path: Path) -> str:
    path = tmp_path / "facts.yaml"
    path.write_text(FACTS)
    return str(path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def asked(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as over:
            main(["law", *map(str, arguments)])
        out, err = capsys.readouterr()
        return over.value.code, out, err

    return asked


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_has_help(run, name):
    code, out, _ = run(name, "--help")
    assert code == 0
    assert "Usage: roadworthy law" in out


def test_nothing_of_it_loads_django(facts):
    script = (
        "import sys; from roadworthy.cli.main import main\n"
        f"try: main(['law', 'evaluate', {facts!r}, '--lang', 'en'])\n"
        "finally: print('django' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ},
    )  # fmt: skip
    assert done.stderr.strip() == "False"


def test_evaluate_tells_labels_decision_attention_obligations_and_marks(run, facts):
    code, out, _ = run("evaluate", facts, "--lang", "en")
    assert code == 0
    for wanted in (
        "China, as of 9 Jun 2025, about: Software update",
        "Main parameter change: The primary version",
        "It may not be released:",
        "✗ N45-04 The activity must be filed with both authorities: MIIT: submitted. SAMR: none.",
        "? RCL-17 ",
        "9 Jun 2025: Send assessment form and package to SAMR (RCL-17), at least 5 working days ",
        "Before release: File the activity with MIIT (N45-04.miit) [unverified]",
        "Published, not yet in force",
        "What would change the answer",
        "1 broken, ",
    ):
        assert wanted in out


def test_evaluate_speaks_chinese(run, facts):
    _, out, _ = run("evaluate", facts, "--lang", "zh")
    assert "中国，截至2025年6月9日，主题：软件升级" in out
    assert "不得发布：" in out
    assert "（未经人工核对）" in out


def test_several_jurisdictions_stand_side_by_side(run, facts):
    _, out, _ = run(
        "evaluate", facts, "--jurisdiction", "CN", "--jurisdiction", "US", "--lang", "en"
    )
    (head,) = [line for line in out.splitlines() if "China" in line]
    assert "United States" in head
    assert "This jurisdiction has no labels." in out


def test_silence_about_releases_is_no_permission(run, facts):
    _, out, _ = run("evaluate", facts, "--about", "marketing", "--lang", "en")
    assert "may be released" not in out.partition("What would change")[0]
    assert "None of the rules that were asked decides about a release." in out


def test_evaluate_as_json_is_the_evaluation_by_jurisdiction(run, facts):
    _, out, _ = run("evaluate", facts, "--json", "--jurisdiction", "CN", "--jurisdiction", "UN")
    told = json.loads(out)
    assert list(told["evaluations"]) == ["CN", "UN"]
    assert told["evaluations"]["CN"]["decision"] == "may-not-release"
    assert told["changes"]["CN"]


def test_the_day_of_the_command_line_goes_before_that_of_the_file(run, facts):
    _, out, _ = run("evaluate", facts, "--json", "--as-of", "2024-01-01", "--about", "recall")
    told = json.loads(out)["evaluations"]["CN"]
    assert (told["as_of"], told["about"]) == ("2024-01-01", ["recall"])


def test_without_any_day_it_is_today(run, tmp_path):
    path = tmp_path / "facts.json"
    path.write_text('{"removes_defect": true}')
    before = legal_day(datetime.now(UTC))
    _, out, _ = run("evaluate", path, "--json")
    assert json.loads(out)["evaluations"]["CN"]["as_of"] in {
        before.isoformat(), legal_day(datetime.now(UTC)).isoformat(),
    }  # fmt: skip


def test_every_fault_of_the_file_is_a_line(run, tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text("removes_defekt: true\nfunction_level: seven\n")
    code, _, err = run("evaluate", path)
    assert code == INVALID
    first, second = err.strip().splitlines()
    assert first.startswith(f"{path}:1: ")
    assert "removes_defect?" in first
    assert second.startswith(f"{path}:2: ")
    assert "from 0 to 5" in second


def test_a_file_that_nobody_wrote_by_hand_is_not_read(run, tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text("#" * (MOST_BYTES + 1))
    code, _, err = run("evaluate", path)
    assert code == INVALID
    assert "1,000,000" in err


@pytest.mark.parametrize("day", ["2025-02-30", "yesterday", "2525-01-01"])
def test_a_day_that_is_none_is_a_wrong_argument(run, facts, day):
    code, _, err = run("evaluate", facts, "--as-of", day)
    assert code == 2
    assert "from 1990-01-01 to 2100-12-31" in err


def test_explain_tells_at_length_as_a_tree_and_what_would_change_it(run, facts):
    code, out, _ = run("explain", facts, "RCL-17", "--lang", "en")
    assert code == 0
    assert "Official terms: " in out
    assert "└─ Outcome: Undetermined." in out
    assert "What would change the outcome:" in out
    assert "If “Removes a defect” were “yes”: RCL-17 Not applicable." in out


def test_explain_says_when_a_rule_is_not_in_force(run, facts):
    code, out, _ = run("explain", facts, "N45-04", "--as-of", "2024-01-01", "--lang", "en")
    assert code == 0
    assert "is not in force on 1 Jan 2024; it applies from 28 Feb 2025." in out


def test_explain_as_json(run, facts):
    _, out, _ = run("explain", facts, "N45-04", "--json")
    (told,) = json.loads(out)["explanations"]
    assert told["tree"]["id"] == "N45-04"
    assert set(told) == {"rule_id", "short", "long", "tree", "changes"}
    _, out, _ = run("explain", facts, "N45-04", "--json", "--as-of", "2024-01-01")
    assert json.loads(out) == {"explanations": [], "not_in_force": ["N45-04"]}


def test_a_rule_that_does_not_exist_is_not_found(run, facts):
    code, _, err = run("explain", facts, "N45-99")
    assert code == EXIT_CODES[errors.NotFound]
    assert "N45-99" in err


def test_diff_tells_what_came_into_force(run, facts):
    code, out, _ = run("diff", facts, "2025-02-01", "2025-03-01", "--lang", "en")
    assert code == 0
    assert "From 1 Feb 2025 to 1 Mar 2025:" in out
    assert "In force from 28 Feb 2025: " in out
    _, out, _ = run("diff", facts, "2025-03-01", "2025-03-01", "--lang", "zh")
    assert out.strip() == "两日之间没有变化。"
    _, out, _ = run("diff", facts, "2025-02-01", "2025-03-01", "--json")
    assert json.loads(out)["schema"] == "roadworthy/difference/1"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    store = Keystore(tmp_path / "keys")
    return tmp_path / "keys" / f"{store.create('open sesame').keyid}.pem"


def test_evidence_is_asked_again_byte_for_byte(run, facts, tmp_path):
    kept = tmp_path / "evidence.json"
    code, out, _ = run("evidence", facts, "--output", kept)
    assert code == 0
    assert "sha256" in out
    code, out, _ = run("check", kept, "--lang", "en")
    assert code == 0
    assert out.splitlines() == ["Asked again: the same bytes.", "Signature: none."]


def test_evidence_that_was_changed_is_found(run, facts, tmp_path):
    kept = tmp_path / "evidence.json"
    run("evidence", facts, "--output", kept)
    kept.write_bytes(kept.read_bytes().replace(b'"outcome":"broken"', b'"outcome":"met"'))
    code, out, _ = run("check", kept, "--lang", "en")
    assert code == law_evidence.NOT_REPRODUCED
    assert "NOT the same bytes" in out
    assert "rules that answered otherwise: N45-04" in out


@pytest.mark.parametrize("name", ["pack_digest", "engine_version", "calendar_version"])
def test_another_version_is_named(run, facts, tmp_path, name):
    kept = tmp_path / "evidence.json"
    run("evidence", facts, "--output", kept)
    stored = json.loads(kept.read_bytes())
    other = "0" * 64 if name == "pack_digest" else "another"
    was, now = (f'"{name}":"{value}"'.encode() for value in (stored[name], other))
    kept.write_bytes(kept.read_bytes().replace(was, now))
    code, out, _ = run("check", kept, "--json")
    assert code == law_evidence.NOT_REPRODUCED
    told = json.loads(out)
    assert told["differing_versions"] == [name]
    assert told["differing_fields"] == []
    _, out, _ = run("check", kept, "--lang", "en")
    assert f"differs: {other} then" in out


def test_signed_evidence_names_its_key_and_is_checked_with_it(run, facts, tmp_path, key):
    kept, public = tmp_path / "evidence.json", key.with_suffix(".json")
    signing = ("--key", key, "--passphrase", "open sesame")
    assert run("evidence", facts, "--output", kept, *signing)[0] == 0
    code, out, _ = run("check", kept, "--key", public, "--lang", "en")
    assert code == 0
    assert f"Signature: valid, by key {key.stem}." in out
    code, out, _ = run("check", kept, "--lang", "en")
    assert code == 0
    assert "Signature: NOT checked" in out


def test_a_changed_or_foreign_signature_is_refused(run, facts, tmp_path, key):
    kept = tmp_path / "evidence.json"
    run("evidence", facts, "--output", kept, "--key", key, "--passphrase", "open sesame")
    other = Keystore(tmp_path / "others")
    foreign = tmp_path / "others" / f"{other.create('x').keyid}.json"
    code, _, _ = run("check", kept, "--key", foreign)
    assert code == EXIT_CODES[errors.Forbidden]
    whole = json.loads(kept.read_bytes())
    whole["payload"] = whole["payload"][:-8] + "AAAAAAA="
    kept.write_text(json.dumps(whole))
    code, _, _ = run("check", kept, "--key", key.with_suffix(".json"))
    assert code in {EXIT_CODES[errors.Forbidden], INVALID}


def test_a_wrong_passphrase_signs_nothing(run, facts, tmp_path, key):
    kept = tmp_path / "evidence.json"
    code, _, err = run("evidence", facts, "--output", kept, "--key", key, "--passphrase", "no")
    assert code == EXIT_CODES[errors.Forbidden]
    assert "passphrase" in err
    assert not kept.exists()


def test_what_is_no_evidence_or_no_key_is_refused(run, facts, tmp_path, key):
    kept, other = tmp_path / "evidence.json", tmp_path / "other"
    other.write_text("nothing")
    assert run("check", other)[0] == INVALID
    run("evidence", facts, "--output", kept)
    assert run("check", kept, "--key", key.with_suffix(".json"))[0] == INVALID
    run("evidence", facts, "--output", kept, "--key", key, "--passphrase", "open sesame")
    assert run("check", kept, "--key", other)[0] == INVALID


def test_an_attestation_of_something_else_is_no_evidence(run, tmp_path, key):
    from roadworthy.trust import dsse

    signer = Keystore(key.parent).signer(key.stem, "open sesame")
    kept = tmp_path / "evidence.json"
    for kind, predicate in (
        (dsse.PredicateType.TEST_REPORT, {}),
        (dsse.PredicateType.EVALUATION, {"schema": "roadworthy/evaluation/2"}),
    ):
        statement = dsse.Statement((dsse.Subject("evaluation", "0" * 64),), kind, predicate)
        kept.write_bytes(dsse.attest(statement, signer))
        assert run("check", kept)[0] == INVALID


def test_a_signed_digest_of_another_evaluation_is_refused(run, facts, tmp_path, key):
    from roadworthy.trust import dsse

    signer = Keystore(key.parent).signer(key.stem, "open sesame")
    kept = tmp_path / "evidence.json"
    run("evidence", facts, "--output", kept)
    stored = json.loads(kept.read_bytes())
    subject = dsse.Subject("evaluation", "0" * 64)
    statement = dsse.Statement((subject,), dsse.PredicateType.EVALUATION, stored)
    kept.write_bytes(dsse.attest(statement, signer))
    code, _, err = run("check", kept)
    assert code == INVALID
    assert "digest" in err


def test_facts_that_are_not_accepted_here_are_said_to_be(run, facts, tmp_path):
    kept = tmp_path / "evidence.json"
    run("evidence", facts, "--output", kept)
    content = kept.read_bytes().replace(b'"facts":{"affects', b'"facts":{"aaa":true,"affects')
    kept.write_bytes(content)
    code, out, _ = run("check", kept, "--lang", "en")
    assert code == law_evidence.NOT_REPRODUCED
    assert "the facts are not accepted here" in out
