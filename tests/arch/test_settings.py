"""Settings are documented, and only one module reads the environment."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

from roadworthy.config import env

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "roadworthy"


def test_every_setting_is_in_the_reference():
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    missing = [
        env.variable(one)
        for one in fields(env.Environment)
        if f"`{env.variable(one)}`" not in reference
    ]
    assert missing == []


def test_every_setting_says_what_it_is_for():
    for one in fields(env.Environment):
        assert one.metadata["text"].strip().endswith((".", "ERROR")), one.name


def test_domains_law_and_kernel_never_read_settings():
    readers = [
        path.relative_to(PACKAGE).as_posix()
        for folder in ("domains", "law", "rules", "trust", "kernel", "gateway", "vehicle")
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "django.conf"
        and any(alias.name == "settings" for alias in node.names)
    ]
    assert readers == []
