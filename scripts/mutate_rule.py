"""Change a rule's check, one thing at a time, and name the changes that none of its cases notices.

python scripts/mutate_rule.py RCL-06 N45-04   # these rules
python scripts/mutate_rule.py                 # all rules and labels; fails above 5 % unnoticed
"""

from __future__ import annotations

import argparse
import ast
import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from types import ModuleType
from typing import Any

from roadworthy.law import cases
from roadworthy.law.rulebook import Rulebook, rulebook
from roadworthy.rules.cards import Rule

MOST_UNNOTICED = 5  # percent
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Sub: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_NAMES = {
    "met": "broken", "broken": "met", "not_applicable": "broken", "any_of": "all_are",
    "any_label": "all_labels", "all_labels": "any_label", "after": "before", "before": "window",
    "at_once": "promptly", "promptly": "at_once", "any": "all", "all": "any",
}  # fmt: skip

Change = tuple[int, str, Callable[[ast.AST], None]]  # line, what, how


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if nearly every change is noticed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rules", nargs="*", help="ids of rules or labels; all when left out")
    asked = parser.parse_args(arguments).rules
    book = rulebook()
    versions = {**book.law.labels, **book.law.rules}
    made = unnoticed = 0
    for rule in chain.from_iterable(versions[name] for name in asked or versions):
        for line, what, noticed in trials(book, rule):
            made += 1
            unnoticed += not noticed
            if not noticed:
                print(f"{rule.check.__module__}:{line}: {what}: no case notices")
    print(f"{made} changes, {unnoticed} of them unnoticed")
    return unnoticed * 100 > made * MOST_UNNOTICED


def trials(book: Rulebook, rule: Rule) -> Iterator[tuple[int, str, bool]]:
    """Yield each change of a rule's check, and whether one of its cases comes out otherwise."""
    module = sys.modules[rule.check.__module__]
    tree = _Bare().visit(ast.parse(inspect.getsource(module)))
    relevant = [case for case in cases.cases() if case.rule_id == rule.id]
    for number, node in enumerate(ast.walk(tree)):
        for line, what, change in changes(node):
            other = copy.deepcopy(tree)
            change(list(ast.walk(other))[number])
            check = _check(ast.fix_missing_locations(other), module)
            yield line, what, noticed(_with(book, rule, check), relevant)


class _Bare(ast.NodeTransformer):
    """Take away the annotations: they are never asked, so changing one changes nothing."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def changes(node: ast.AST) -> Iterator[Change]:
    """Yield what can be changed about one node of a check."""
    line = getattr(node, "lineno", 0)
    match node:
        case ast.Compare() | ast.BoolOp() | ast.BinOp():
            yield from _operators(node, line)
        case ast.If() | ast.IfExp():
            yield line, "the condition is turned round", _turn
        case ast.Constant(value=bool()):
            yield line, f"{node.value} is {not node.value}", _flip
        case ast.Attribute() | ast.Name() if _name(node) in _NAMES:
            name = _name(node)
            yield line, f"{name} is {_NAMES[name]}", _rename
        case ast.Expr(value=ast.Call()):
            yield line, "the statement is left out", _omit
        case ast.Call(keywords=[*_, ast.keyword(arg="fulfilled")]):
            yield line, "nobody says whether it is fulfilled", lambda call: call.keywords.pop()


def noticed(book: Rulebook, relevant: list[cases.Case]) -> bool:
    """Say whether a case comes out otherwise than it says."""
    return any(not _holds(book, case) for case in relevant)


def _holds(book: Rulebook, case: cases.Case) -> bool:
    try:
        return _as_wanted(book, case)
    except Exception:  # noqa: BLE001 - a change that breaks the check, or its words, is noticed
        return False


def _as_wanted(book: Rulebook, case: cases.Case) -> bool:
    wanted = case.wanted
    asked = [] if case.is_label else [case.rule_id]
    answer = book.evaluate(case.facts, as_of=case.as_of, rules=asked)
    labels = [c.finding for c in answer.classification if c.label == case.rule_id]
    found = [one for one in (labels if case.is_label else answer.findings) if one]
    if not found:
        return bool(wanted["outcome"] == "not-in-force")
    told = found[0].to_json()
    owed = {o.key: o.to_json() | o.due.to_json() for o in answer.obligations}
    return (
        told["outcome"] == wanted["outcome"]
        and told["reason"] == wanted.get("reason", told["reason"])
        and [fact["name"] for fact in told["missing"]] == wanted.get("missing", [])
        and all(
            key in owed and {name: owed[key].get(name) for name in due} == due
            for key, due in wanted.get("owes", {}).items()
        )
    )


def _with(book: Rulebook, rule: Rule, check: Any) -> Rulebook:
    kind = "labels" if rule.id in book.law.labels else "rules"
    known = getattr(book.law, kind)
    versions = tuple(replace(v, check=check) if v == rule else v for v in known[rule.id])
    return replace(book, law=replace(book.law, **{kind: {**known, rule.id: versions}}))


def _check(tree: ast.AST, module: ModuleType) -> Any:
    space: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__}
    exec(compile(tree, module.__file__ or "", "exec"), space)
    return space["check"]


def _operators(node: Any, line: int) -> Iterator[Change]:
    operator = node.ops[0] if isinstance(node, ast.Compare) else node.op
    other = _SWAPS.get(type(operator))
    if other is None:
        return

    def swap(node: Any) -> None:
        if isinstance(node, ast.Compare):
            node.ops[0] = other()
        else:
            node.op = other()

    yield line, f"{type(operator).__name__} is {other.__name__}", swap


def _turn(node: Any) -> None:
    node.test = ast.UnaryOp(ast.Not(), node.test)


def _flip(node: Any) -> None:
    node.value = not node.value


def _name(node: Any) -> str:
    name: str = node.attr if isinstance(node, ast.Attribute) else node.id
    return name


def _rename(node: Any) -> None:
    setattr(node, "attr" if isinstance(node, ast.Attribute) else "id", _NAMES[_name(node)])


def _omit(node: Any) -> None:
    node.value = ast.Constant(None)


if __name__ == "__main__":
    sys.exit(main())
