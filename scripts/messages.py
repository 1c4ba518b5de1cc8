"""Collect every text that people see and hold the Chinese catalogue complete.

    python scripts/messages.py           # fails on missing, fuzzy, unused or uncompiled entries
    python scripts/messages.py --write   # adds what is missing, drops what is unused, compiles

Needs no gettext programs: Python is read as a syntax tree, templates through Django's own
translator, catalogues with polib. Texts are what stands in a call of a gettext function, in the
``message`` of an error, and in ``Text(...)`` and ``_m(...)``, the markers of the layers that know
no framework. English has no catalogue: the msgids are English.
"""

from __future__ import annotations

import argparse
import ast
import re
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "roadworthy"
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
# How the arguments of each function are to be read: c(ontext), s(ingular), p(lural).
FUNCTIONS = {
    "gettext": "s", "gettext_lazy": "s", "gettext_noop": "s", "_": "s",
    "ngettext": "sp", "ngettext_lazy": "sp",
    "pgettext": "cs", "pgettext_lazy": "cs",
    "npgettext": "csp", "npgettext_lazy": "csp",
}  # fmt: skip
MARKERS = {"Text": "s", "_m": "s"}
LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(
    rf"(?<![A-Za-z])(_|gettext|ngettext|pgettext|npgettext)\(\s*{LITERAL}"
    rf"(?:\s*,\s*{LITERAL})?(?:\s*,\s*{LITERAL})?"
)
PERCENT_FIELD = re.compile(r"%\((\w+)\)[sd]")
HEADER = {
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


@dataclass(frozen=True)
class Message:
    singular: str
    plural: str = ""
    context: str | None = None


Found = dict[Message, set[str]]


def collect() -> Found:
    """Find every message and the files that have it."""
    found: Found = {}
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py":
            messages = _in_python(path)
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            messages = _in_template(path)
        else:
            continue
        for message in messages:
            found.setdefault(message, set()).add(path.relative_to(ROOT).as_posix())
    return found


def _in_python(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    known = FUNCTIONS | MARKERS | _aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):  # a Text of two arguments has both languages itself
            name = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
            if name in known and not (name == "Text" and len(node.args) > 1):
                texts = [_literal(argument) for argument in node.args[: len(known[name])]]
                yield from _message(known[name], texts)
        elif isinstance(node, ast.ClassDef):
            yield from _of_error(node)


def _aliases(tree: ast.Module) -> dict[str, str]:
    return {
        alias.asname: FUNCTIONS[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname and alias.name in FUNCTIONS
    }


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _message(form: str, texts: list[str | None]) -> Iterator[Message]:
    if len(texts) < len(form) or None in texts:
        return
    by_kind = dict(zip(form, texts, strict=True))
    yield Message(by_kind["s"] or "", by_kind.get("p") or "", by_kind.get("c"))


def _of_error(node: ast.ClassDef) -> Iterator[Message]:
    """An error is a class with a ``code`` and a ``message``."""
    values = {
        _name(target): _literal(statement.value)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
    }
    if values.get("code") and values.get("message"):
        yield Message(values["message"] or "")


def _in_template(path: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    for match in IN_TEMPLATE.finditer(templatize(path.read_text(encoding="utf-8"))):
        form = FUNCTIONS[match[1]]
        texts = [ast.literal_eval(text) if text else None for text in match.groups()[1:]]
        yield from _message(form, texts[: len(form)])


def load() -> polib.POFile:
    """Read the catalogue, or begin one."""
    if CATALOGUE.exists():
        return polib.pofile(str(CATALOGUE), wrapwidth=100)
    catalogue = polib.POFile(wrapwidth=100)
    catalogue.metadata = HEADER
    return catalogue


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt)


def problems(found: Found, catalogue: polib.POFile) -> list[str]:
    """List what is wrong, one line each."""
    entries = {_key(entry): entry for entry in catalogue if not entry.obsolete}
    wrong = [
        f"missing: {message.singular!r} ({', '.join(sorted(found[message]))})"
        for message in found.keys() - entries.keys()
    ]
    wrong += [f"unused: {message.singular!r}" for message in entries.keys() - found.keys()]
    for message in found.keys() & entries.keys():
        entry = entries[message]
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.fuzzy or not texts or not all(texts):
            wrong.append(f"not translated: {message.singular!r}")
        wrong += [
            f"other fields than in English: {text!r} for {message.singular!r}"
            for text in texts
            if text and _fields(text) != _fields(message.plural or message.singular)
        ]
    compiled = CATALOGUE.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        wrong.append("not compiled: run `make messages`")
    return sorted(wrong)


def _fields(text: str) -> set[str]:
    """Name the fields of a text, of either kind."""
    named = set(PERCENT_FIELD.findall(text))
    try:
        named |= {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return named  # a lone brace: not a text with fields
    return named


def write(found: Found, catalogue: polib.POFile) -> None:
    """Add what is missing, drop what is unused, keep every translation, compile."""
    kept = {_key(entry): entry for entry in catalogue if not entry.obsolete}
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = HEADER
    for message in sorted(found, key=lambda one: (min(found[one]), one.singular)):
        entry = kept.get(message) or polib.POEntry(
            msgid=message.singular,
            msgid_plural=message.plural,
            msgctxt=message.context,
            msgstr="",
            msgstr_plural={0: ""} if message.plural else {},
        )
        entry.occurrences = [(path, "") for path in sorted(found[message])]
        fresh.append(entry)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(CATALOGUE))
    CATALOGUE.with_suffix(".mo").write_bytes(load().to_binary())


def main() -> int:
    """Check, or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    found = collect()
    if parser.parse_args().write:
        write(found, load())
    wrong = problems(found, load())
    print("\n".join(wrong) or f"{len(found)} texts, all in Chinese and English")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
