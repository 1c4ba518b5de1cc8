"""The import contracts hold; the package's modules all have a docstring that says something."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_imports_go_only_down():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_says_what_is_true_in_it():
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "src" / "roadworthy").rglob("*.py"))
        if "migrations" not in path.parts
        and path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_nothing_of_the_workplace_stands_in_the_project():
    """No address of a package registry, no absolute path of the machine it was written on."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        return  # an archive, not a checkout: nothing to find that the checkout did not have
    traces = ("index-" + "url", "/ro" + "ot/.", "/wo" + "rk/", "pypi" + ".org/simple")
    found = [
        f"{name}: {trace}"
        for name in listed.stdout.split("\0")
        if name.endswith((".py", ".txt", ".in", ".toml", ".md", "Makefile", ".yaml", ".html"))
        for trace in traces
        if trace in (ROOT / name).read_text(encoding="utf-8", errors="replace")
        and name != "Makefile"
    ]
    assert found == []
