"""What no template may hold, and what every page has to: the shell's promises."""

from __future__ import annotations

import re
from pathlib import Path

from django.template import TemplateSyntaxError
from django.template.loader import get_template

from roadworthy import portals

TEMPLATES = sorted(Path(portals.__file__).parent.rglob("templates/**/*.html"))
STYLES = Path(portals.__file__).parent / "shared" / "static" / "roadworthy"
TEXTS = {
    str(path).partition("templates/")[2]: path.read_text(encoding="utf-8") for path in TEMPLATES
}


# What a page may not hold under our content security policy, and why nobody needs it.
FORBIDDEN = {
    "a style attribute": r" style=|<style",
    "a script that is no file": r"<script(?![^>]*\bsrc=)|javascript:",
    "a handler (handlers are in roadworthy.js)": r"\son\w+=|hx-on",
}


def test_a_template_keeps_the_content_security_policy() -> None:
    found = [
        f"{name}: {what}"
        for name, text in TEXTS.items()
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, text)
    ]
    assert found == []


def test_every_template_compiles() -> None:
    wrong = {}
    for name in TEXTS:
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            wrong[name] = str(error)
    assert wrong == {}


def test_every_cell_of_a_stacking_table_names_its_column() -> None:
    stacking = {name: text for name, text in TEXTS.items() if "table--stack" in text}
    assert stacking
    cells = {name: re.findall(r'<td role="cell"[^>]*>', text) for name, text in stacking.items()}
    assert [name for name, found in cells.items() if not found] == []
    unnamed = [
        f"{name}: {cell}"
        for name, found in cells.items()
        for cell in found
        if "data-label" not in cell and cell != '<td role="cell">'
    ]
    assert unnamed == []


def test_the_two_dark_blocks_of_the_tokens_agree() -> None:
    tokens = (STYLES / "tokens.css").read_text(encoding="utf-8")
    dark = tokens.partition("dark: begin")[2].partition("dark: end")[0]
    lines = [line.strip() for line in dark.splitlines() if line.strip().startswith("--")]
    assert [line for line in lines if lines.count(line) != 2] == []


def test_the_products_own_sheet_uses_tokens_for_every_colour() -> None:
    sheet = (STYLES / "portal.css").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(", sheet)
