"""Stage and final reports on a recall as both sides read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from roadworthy.domains.filings.states import State
from roadworthy.portals.shared import recall_words, words
from roadworthy.portals.shared.shapes import Chip, Text

NAMES: Mapping[str, Text] = {"stage": _("Stage report"), "final": _("Final report")}
Row = tuple[Any, Text, list[tuple[Text, str]], Chip | None]


def rows(reports: Iterable[Any]) -> list[Row]:
    """Return each report with its name, its figures by their names, and how its filing stands."""
    return [
        (
            one,
            NAMES[one.kind],
            recall_words.report_figures(one.figures),
            words.FILING[State(one.filing.state)] if one.filing else None,
        )
        for one in reports
    ]
