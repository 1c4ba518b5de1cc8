"""The language of the command line: the terminal's, or what ``--lang`` says. No Django needed."""

from __future__ import annotations

import gettext
import locale
from collections.abc import Callable
from importlib import resources
from typing import Any

import click

LANGUAGES = {"zh": "zh_Hans", "en": "en"}

option: Callable[[Any], Any] = click.option(
    "--lang",
    type=click.Choice(list(LANGUAGES)),
    help="Language of the answer; the terminal's when left out.",
)


def chosen(lang: str | None) -> str:
    """Return "zh" or "en"."""
    if lang:
        return lang
    terminal = locale.getlocale()[0] or ""
    return "zh" if terminal.lower().startswith(("zh", "chinese")) else "en"


def words(lang: str | None) -> gettext.NullTranslations:
    """Return the catalogue that the portals use too."""
    folder = resources.files("roadworthy") / "locale"
    return gettext.translation(
        "django", localedir=str(folder), languages=[LANGUAGES[chosen(lang)]], fallback=True
    )
