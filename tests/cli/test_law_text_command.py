"""``law text`` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roadworthy.cli.law_text import MOST_BYTES
from roadworthy.cli.main import EXIT_CODES, main
from roadworthy.kernel import errors

INVALID = EXIT_CODES[errors.Invalid]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    def asked(words: bytes | str, *arguments: str) -> tuple[int, str, str]:
        path = tmp_path / "words.txt"
        path.write_bytes(words if isinstance(words, bytes) else words.encode())
        with pytest.raises(SystemExit) as over:
            main(["law", "text", str(path), "--level", "2", *arguments])
        out, err = capsys.readouterr()
        return over.value.code, out, err

    return asked


def test_a_claim_is_shown_with_its_place_ground_and_better_words(run):
    code, out, _ = run("全新自动驾驶系统", "--kind", "name", "--lang", "en")
    assert code == 1
    assert "3-6  自动驾驶  [to be corrected]" in out
    assert "instead: combined driver assistance" in out
    assert "N45 Annex 1 (evidence grade C, unverified)" in out
    assert "Broken:" in out


def test_it_answers_in_chinese(run):
    code, out, _ = run("高阶智驾", "--kind", "name", "--lang", "zh")
    assert code == 0
    assert "[提示]" in out
    assert "符合：" in out


def test_a_text_without_claims_ends_well(run):
    code, out, _ = run("Lane centring", "--kind", "interface", "--lang", "en")
    assert code == 0
    assert "No such claim was found." in out


def test_what_a_description_leaves_out_is_said(run):
    code, out, _ = run("Lane centring", "--lang", "en")
    assert code == 1
    assert "does not speak of: the driver's responsibility" in out


def test_json_is_the_whole_answer(run):
    code, out, _ = run("This is not self-driving", "--kind", "name", "--json")
    told = json.loads(out)
    assert code == 0
    assert [hit["denied"] for hit in told["hits"]] == [True]
    assert told["evaluation"]["findings"][0]["rule_id"] == "N45-13"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"\xff\xfe", "is not UTF-8 text (byte 0)"),
        (b"", "no text to check"),
        (b"a" * (MOST_BYTES + 1), "has more than"),
        ("字" * 20_001, "at most 20000 are checked"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(run, words, said):
    code, out, err = run(words)
    assert (code, out) == (INVALID, "")
    assert said in err
    assert "Traceback" not in err
