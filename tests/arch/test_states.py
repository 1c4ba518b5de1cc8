"""A state changes where its table is asked, and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "roadworthy"
# One place for each machine: it locks the row, asks the table and writes what happened.
MOVERS = {
    "domains/access/approvals.py",
    "domains/aftersales/services.py",
    "domains/disclosure/services.py",
    "domains/software/services.py",
    "domains/standards/services.py",
    "domains/standards/keeping.py",  # what a file reports: states.reported names it
    "domains/software/reporting.py",
    "domains/filings/services.py",
    "domains/filings/drafting.py",
    "domains/filings/questions.py",
    "domains/campaigns/lifecycle.py",
    "domains/campaigns/moves.py",
    "domains/compliance/services.py",
    "domains/compliance/watching.py",
    "domains/conformity/services.py",
    "domains/recalls/moving.py",
    "domains/worklists/duties.py",
    "domains/incidents/services.py",
    "domains/incidents/acknowledging.py",
    "domains/incidents/asking.py",
    "domains/incidents/holding.py",
    "domains/processing/services.py",
    "domains/rights/services.py",
    "domains/exchange/peering.py",
    "domains/exchange/applying.py",
}


def _assignments(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "state":
                yield node


def _all():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in _assignments(path):
            yield path.relative_to(PACKAGE).as_posix(), node


def test_a_state_is_assigned_in_these_places_only():
    assert {name for name, _ in _all()} <= MOVERS


def test_what_is_assigned_is_the_tables_answer():
    other = [
        f"{name}:{node.lineno}"
        for name, node in _all()
        if not (isinstance(node.value, ast.Name) and node.value.id == "after")
    ]
    assert other == []


def test_no_query_sets_a_state():
    """``.update(state=...)`` would go around the table and the ledger."""
    around = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "update"
        and any(keyword.arg == "state" for keyword in node.keywords)
    ]
    assert around == []
