"""Functions fit on a screen, files too; what needs more says why."""

from __future__ import annotations

import ast
from pathlib import Path

from scripts import lengths

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "roadworthy"
LONGEST_FUNCTION = 40


def test_no_file_is_too_long(capsys):
    assert lengths.main() == 0, capsys.readouterr().out


def test_no_function_is_too_long():
    """Counted without its docstring: what a function promises may take its space."""
    long = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[min(ast.get_docstring(node) is not None, len(node.body) - 1)]
                lines = (node.end_lineno or node.lineno) - first.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name} {lines}")
    assert long == []
