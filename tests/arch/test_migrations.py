"""Migrations: named, in one line, and free of code that will change."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

OURS = {
    config.label: Path(config.path)
    for config in apps.get_app_configs()
    if config.name.startswith("roadworthy.")
}
FILES = [
    path for folder in OURS.values() for path in sorted((folder / "migrations").glob("[0-9]*.py"))
]
GENERATED = re.compile(r"_auto_|_alter_|_add_.*_and_more|_remove_|_rename_|_initial$|_and_more$")


def test_there_are_migrations_to_look_at():
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_migration_says_what_it_does(path):
    assert not GENERATED.search(path.stem), "give it a name: make migrations NAME=what_changes"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_migration_does_not_depend_on_code_that_changes(path):
    imported = {
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not {name for name in imported if name.startswith("roadworthy")}


def test_every_domain_has_one_line_of_migrations():
    graph = MigrationLoader(None).graph
    for label in OURS:
        if any(app == label for app, _ in graph.nodes):
            assert len(graph.leaf_nodes(label)) == 1, f"{label} has two newest migrations"
