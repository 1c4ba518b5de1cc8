"""The yearly report as PDF, readable everywhere in Chinese without a font file.

The font is one of those that every PDF reader brings along, as on the letters of recalls.
"""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT: Final = "STSong-Light"


Section = tuple[str, Sequence[Sequence[str]]]


def document(title: str, lines: Sequence[str], sections: Sequence[Section], foot: str) -> bytes:
    """Return the report: a title, what it is about, and a table under each heading."""
    _fonts()
    out = io.BytesIO()
    made = SimpleDocTemplate(
        out, pagesize=A4, topMargin=22 * mm, bottomMargin=20 * mm, leftMargin=20 * mm,
        rightMargin=20 * mm, title=title, invariant=1,
    )  # fmt: skip
    plain, big, heading = _style(10, 15), _style(17, 25), _style(12.5, 20)
    parts: list[Any] = [Paragraph(_safe(title), big), Spacer(1, 3 * mm)]
    parts += [Paragraph(_safe(line), plain) for line in lines]
    for number, (name, rows) in enumerate(sections, start=1):
        parts += [Spacer(1, 4 * mm), Paragraph(_safe(f"{number}. {name}"), heading)]
        parts.append(_table(rows, _style(9, 13)))
    parts += [Spacer(1, 6 * mm), Paragraph(_safe(foot), _style(8, 12))]
    made.build(parts)
    return out.getvalue()


def _table(rows: Sequence[Sequence[str]], style: ParagraphStyle) -> Any:
    cells = [[Paragraph(_safe(cell), style) for cell in row] for row in rows]
    width = 170 * mm / max(len(row) for row in rows)
    table = Table(cells, colWidths=[width] * len(rows[0]), repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _style(size: float, leading: float) -> ParagraphStyle:
    return ParagraphStyle(
        f"y{size}", fontName=FONT, fontSize=size, leading=leading, alignment=TA_LEFT, wordWrap="CJK"
    )


def _safe(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br/>")


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
