"""docs/howto/ask-the-rulebook.md shows what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from roadworthy.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "ask-the-rulebook.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
SHOWN = [
    (command.split()[1:], lines)
    for kind, block in BLOCKS
    if kind == "text" and "law evidence" not in block
    for command, *lines in [block.removeprefix("$ ").splitlines()]
]
BAD = """\
removes_defekt: true
function_level: 4
function_kind: combined_assistance
removes_defect: yes
"""


@pytest.mark.parametrize(("command", "lines"), SHOWN, ids=lambda part: part[1])
def test_the_page_shows_what_is_printed(command, lines, tmp_path, monkeypatch, capsys):
    (facts,) = [block for kind, block in BLOCKS if kind == "yaml"]
    (tmp_path / "facts.yaml").write_text(facts, "utf-8")
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "name.txt").write_text("全新自动驾驶系统", "utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(command)
    printed = "".join(capsys.readouterr()).splitlines()
    assert [line for line in lines if line != "…" and line not in printed] == []


def test_every_kind_of_question_is_shown():
    assert {command[1] for command, _ in SHOWN} == {"evaluate", "explain", "diff", "text"}
