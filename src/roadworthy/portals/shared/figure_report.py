"""The annual report: every indicator of a year as PDF, in the language of who asks.

The Chinese font is one that every PDF reader brings along (as in the letters to owners). What is
counted here and what was published stand in two columns; none is a sum of both.
"""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import (
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from roadworthy.domains.insight.answers import Answer
from roadworthy.domains.insight.register import Official
from roadworthy.portals.shared import figure_words, formats

FONT: Final = "STSong-Light"
_WIDTHS: Final = (52 * mm, 36 * mm, 36 * mm, 46 * mm)


def annual(year: int, found: Sequence[Answer], published: Sequence[Official]) -> bytes:
    """Return the report of ``year`` as PDF."""
    _fonts()
    out = io.BytesIO()
    title = _("Figures of {year}").format(year=year)
    document = SimpleDocTemplate(
        out, pagesize=A4, topMargin=22 * mm, bottomMargin=18 * mm, leftMargin=20 * mm,
        rightMargin=20 * mm, title=title, author="Roadworthy",
    )  # fmt: skip
    parts: list[Any] = [_text(title, 18), Spacer(1, 3 * mm), _text(_about(found), 9)]
    for key, name in figure_words.GROUPS.items():
        group = [one for one in found if one.indicator.group == key]
        if group:
            parts += [Spacer(1, 6 * mm), _heading(str(name))]
            parts.append(_table(year, group, published))
    parts += [Spacer(1, 8 * mm), _heading(_("Definitions"))]
    parts += [_definition(one) for one in found]
    document.build(parts, onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _foot(canvas: Any, document: Any) -> None:
    """Number the page."""
    canvas.setFont(FONT, 7.5)
    canvas.drawString(document.leftMargin, 10 * mm, document.title)
    canvas.drawRightString(A4[0] - document.rightMargin, 10 * mm, str(document.page))


def _about(found: Sequence[Answer]) -> str:
    until = next((one.until for one in found if one.until), None)
    said = _(
        "Counted here: on this platform, from the entries of its transparency log. As published: "
        "by the authority named, with its source. The two are never added."
    )
    if until is None:
        return formats.sentences(said, _("Nothing is counted here yet."))
    reach = _("The facts reach to {day}.").format(day=formats.long_day(until))
    return formats.sentences(said, reach)


def _table(year: int, group: Sequence[Answer], published: Sequence[Official]) -> Table:
    head = [_("Indicator"), _("Counted here"), _("As published"), _("Source")]
    rows = [[_text(one, 9) for one in head]]
    rows += [_row(year, one, published) for one in group]
    table = Table(rows, colWidths=_WIDTHS, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _row(year: int, answer: Answer, published: Sequence[Official]) -> list[Paragraph]:
    one = answer.indicator
    told = [row for row in published if row.indicator == one.key and row.until.year == year]
    official = "\n".join(
        _with(
            figure_words.published(row, one),
            figure_words.period(row),
            figure_words.change(row.change),
        )
        for row in told
    )
    sources = "\n".join(dict.fromkeys(formats.localised(row.source) for row in told))
    title = _with(formats.localised(one.title), formats.localised(one.unit))
    return [
        _text(title, 9),
        _text(_counted(year, answer), 9),
        _text(official or formats.NONE, 9),
        _text(sources or formats.NONE, 7.5),
    ]


def _counted(year: int, answer: Answer) -> str:
    one = answer.indicator
    if not one.measure:
        return formats.localised(one.missing)
    cell = next((c for c in answer.cells if c.year == year and c.of is None), None)
    if cell is None:
        return formats.NONE
    if cell.hidden:
        return _("not shown: too few")
    return _with(figure_words.value(one, cell.value), figure_words.change(answer.change(year)))


def _with(text: str, *more: str) -> str:
    said = " · ".join(filter(None, more))
    return _("{text} ({more})").format(text=text, more=said) if said else text


def _definition(answer: Answer) -> KeepTogether:
    one = answer.indicator
    last = one.revisions[-1]
    version = _("Definition {version} of {day}").format(
        version=last.version, day=formats.day(last.day)
    )
    who = _("Responsible: {body}").format(body=formats.localised(one.body))
    return KeepTogether(
        [
            Spacer(1, 3 * mm),
            _text(formats.localised(one.title), 10),
            _text(formats.localised(one.definition), 9),
            _text(f"{version} · {who}", 7.5),
        ]
    )


def _heading(text: str) -> Paragraph:
    return _text(text, 13, keepWithNext=True, spaceAfter=2 * mm)


def _text(text: str, size: float, **more: Any) -> Paragraph:
    style = ParagraphStyle(
        f"s{size}", fontName=FONT, fontSize=size, leading=size * 1.5, wordWrap="CJK", **more
    )
    return Paragraph(html.escape(text, quote=False).replace("\n", "<br/>"), style)


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
