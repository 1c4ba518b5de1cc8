"""A number that the law sets lives in dated YAML with its source, never in Python."""

import ast
from pathlib import Path

import roadworthy

SOURCE = Path(roadworthy.__file__).parent
HARMLESS = {0, 1}
COUNTING = {"after", "before", "window", "months_after"}
RULES = sorted(
    path
    for pack in (SOURCE / "law").iterdir()
    if (pack / "pack.yaml").is_file()
    for path in pack.rglob("*.py")
)
CALLERS = sorted(
    path
    for layer in ("domains", "portals", "api", "cli")
    for path in (SOURCE / layer).rglob("*.py")
    if "migrations" not in path.parts
)


def numbers(node):
    return [
        part
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
        and isinstance(part.value, int | float | complex)
        and not isinstance(part.value, bool)
        and part.value not in HARMLESS
    ]


def test_a_pack_contains_no_number_in_python():
    found = [
        f"{path.relative_to(SOURCE)}:{number.lineno}: {number.value}"
        for path in RULES
        for number in numbers(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [], "put it into parameters/"


def test_nobody_counts_out_a_legal_period_by_a_number_of_his_own():
    found = [f"{path.relative_to(SOURCE)}:{line}" for path in CALLERS for line in counted(path)]
    assert found == [], "ask the rulebook for the day"


def counted(path):
    """Return the lines that ask the legal calendar for so many days."""
    text = path.read_text(encoding="utf-8")
    if "PRC" not in text:
        return []
    calls = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in COUNTING
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "PRC"
    ]
    return [call.lineno for call in calls if numbers(call)]


def test_there_are_rules_to_look_at():
    assert len(RULES) > 20
    assert len(CALLERS) > 200
