"""Write docs/reference out of the code, so that it cannot say anything else.

python scripts/reference.py           # writes
python scripts/reference.py --check   # fails if something is out of date
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import click

from roadworthy.cli import main as command_line
from roadworthy.config import env
from roadworthy.kernel.transitions import Machine

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "reference"
DOMAINS = ROOT / "src" / "roadworthy" / "domains"
NOTE = "<!-- Written by `make docs`. Change the code, not this file. -->\n\n"


def settings() -> str:
    """List every variable: what it is for and what it is when nobody sets it."""
    lines = [
        "# Settings\n",
        (
            "Everything is set by environment variables. All mistakes are reported together at "
            "the start; an unknown `ROADWORTHY_*` variable is a mistake too. Secrets print as "
            "`***`.\n"
        ),
        "| variable | meaning | otherwise |",
        "| --- | --- | --- |",
    ]
    for one in fields(env.Environment):
        default = one.metadata["otherwise"] or _shown(one.default)
        lines.append(f"| `{env.variable(one)}` | {one.metadata['text']} | {default} |")
    return NOTE + "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if default is MISSING or default is None or default in ((), ""):
        return "none"
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    return f"`{default}`"


def machines() -> Iterator[tuple[str, str, Machine[Any, Any, Any]]]:
    """Yield each state machine with its domain and its name."""
    for path in sorted(DOMAINS.glob("*/states.py")):
        module = importlib.import_module(f"roadworthy.domains.{path.parent.name}.states")
        for name, value in vars(module).items():
            if isinstance(value, Machine):
                yield path.parent.name, name, value


def states() -> str:
    """Draw each state machine and list who may take which step on what basis."""
    lines = [
        "# State machines\n",
        "Each is a table in the code: `domains/<domain>/states.py`. Nothing else moves a state.\n",
    ]
    for domain, name, machine in machines():
        lines += [f"## {domain}: {name.lower()}\n", "```mermaid", "stateDiagram-v2"]
        lines.append(f"    [*] --> {_node(machine.initial)}")
        for step in machine.transitions:
            for source in sorted(step.sources):
                lines.append(f"    {_node(source)} --> {_node(step.target)}: {step.action}")
        lines += [f"    {_node(state)} --> [*]" for state in sorted(machine.final)]
        lines += ["```\n", "| step | from | to | who | basis |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {step.action} | {', '.join(sorted(step.sources))} | {step.target} "
            f"| {', '.join(sorted(step.roles))} | {step.basis} |"
            for step in machine.transitions
        ]
        lines.append("")
    return NOTE + "\n".join(lines)


def _node(state: str) -> str:
    return str(state).replace("-", "_")


def commands() -> str:
    """Show the help of every command."""
    lines = ["# Commands\n", "Exit codes: 0 done; 1 not done; 2 wrong settings or arguments; "]
    lines[-1] += "3 no database; 4 port taken; 10-14 refused by a rule of the platform.\n"
    context = click.Context(command_line.roadworthy, info_name="roadworthy")
    for name, entry in command_line.COMMANDS.items():
        if not entry.is_hidden:
            command = command_line.loaded(entry)
            lines += list(_command(command, name, context))
    return NOTE + "\n".join(lines)


def _command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=100, max_content_width=100
    )
    yield f"## {context.command_path}\n"
    yield f"```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for inner_name in command.list_commands(context):
            inner = command.get_command(context, inner_name)
            if inner is not None and not inner.hidden:
                yield from _command(inner, inner_name, context)


PAGES = {"settings.md": settings, "states.md": states, "commands.md": commands}


def main() -> int:
    """Write, or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        path, content = TARGET / name, page()
        if check and (not path.exists() or path.read_text(encoding="utf-8") != content):
            stale.append(f"docs/reference/{name} is out of date: run `make docs`")
        elif not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    print("\n".join(stale) or "the reference says what the code says")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
