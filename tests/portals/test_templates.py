"""What no template may hold, and what every page has to: the shell's promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from roadworthy import portals

TEMPLATES = sorted(Path(portals.__file__).parent.rglob("templates/**/*.html"))
STYLES = Path(portals.__file__).parent / "shared" / "static" / "roadworthy"
IDS = [str(path).partition("templates/")[2] for path in TEMPLATES]


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_a_template_keeps_the_content_security_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son\w+=", text), "handlers are in roadworthy.js"
    assert "hx-on" not in text
    assert "javascript:" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_a_template_compiles(path: Path) -> None:
    get_template(str(path).partition("templates/")[2])


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_every_cell_of_a_stacking_table_names_its_column(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "table--stack" in text:
        cells = re.findall(r'<td role="cell"[^>]*>', text)
        assert cells
        unnamed = [
            cell for cell in cells if "data-label" not in cell and cell != '<td role="cell">'
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
