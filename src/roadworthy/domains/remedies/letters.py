"""The letter to an owner as PDF: readable everywhere in Chinese, without a font file.

The Chinese font is one of those that every PDF reader brings along (Adobe's Asian font pack); the
letter names it and does not carry it. What is printed is what the mailing froze.
"""

from __future__ import annotations

import html
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

FONT: Final = "STSong-Light"
_PARTS: Final = ("defect", "consequence", "emergency_advice", "remedy")


@dataclass(frozen=True, slots=True)
class To:
    """Whom the letter goes to."""

    name: str
    address: str
    vin: str
    language: str
    link: str = ""


def letter(content: Mapping[str, Mapping[str, Any]], to: To) -> bytes:
    """Return the letter to one owner as PDF. ``content`` is that of the mailing."""
    _fonts()
    out = io.BytesIO()
    words, told = _words()[to.language], content[to.language]
    document = SimpleDocTemplate(
        out, pagesize=A4, topMargin=25 * mm, bottomMargin=20 * mm, leftMargin=25 * mm,
        rightMargin=25 * mm, title=words["title"], author=told["manufacturer"],
    )  # fmt: skip
    document.build([*_head(words, to), *_body(words, told, to)])
    return out.getvalue()


def lines(content: Mapping[str, Mapping[str, Any]], to: To) -> list[tuple[str, str]]:
    """Return the same words for a mail or a page: heading (or nothing) and text."""
    words, told = _words()[to.language], content[to.language]
    fields = {**told, "vin": to.vin, "link": to.link, "day": _day(told["starts_on"], to.language)}
    parts = [("", words["intro"].format(**fields))]
    parts += [(words[name], told[name]) for name in _PARTS if told[name]]
    parts += [("", words["free"]), ("", words["starts"].format(**fields))]
    if to.link:
        parts.append(("", words["answer"].format(**fields)))
    return [*parts, ("", words["rights"])]


def title(language: str) -> str:
    """Return the heading of a notice."""
    return _words()[language]["title"]


def _head(words: Mapping[str, str], to: To) -> list[Any]:
    plain, big = _style(10, 15), _style(16, 24)
    name = to.name or words["owner"]
    return [
        Paragraph(_safe(f"{to.name}\n{to.address}"), plain),
        Spacer(1, 14 * mm),
        Paragraph(_safe(words["title"]), big),
        Spacer(1, 5 * mm),
        Paragraph(_safe(words["dear"].format(name=name)), plain),
        Spacer(1, 3 * mm),
    ]


def _body(words: Mapping[str, str], told: Mapping[str, Any], to: To) -> list[Any]:
    plain, heading = _style(10.5, 17), _style(12, 20)
    parts: list[Any] = []
    for name, text in lines({to.language: told}, to):
        if name:
            parts.append(Paragraph(_safe(name), heading))
        parts += [Paragraph(_safe(text), plain), Spacer(1, 2.5 * mm)]
    return [*parts, Spacer(1, 6 * mm), Paragraph(_safe(words["sign"].format(**told)), plain)]


def _style(size: float, leading: float) -> ParagraphStyle:
    return ParagraphStyle(
        f"s{size}", fontName=FONT, fontSize=size, leading=leading, alignment=TA_LEFT, wordWrap="CJK"
    )


def _safe(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br/>")


def _day(iso: str, language: str) -> str:
    day = date.fromisoformat(iso)
    if language == "zh-hans":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B} {day.year}"


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    file = resources.files(__package__) / "data" / "letter.yaml"
    words: Mapping[str, Mapping[str, str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return words


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
