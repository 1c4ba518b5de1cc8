"""Counts kept beside the rows, in the same transaction: nobody counts millions for a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from django.db import connection

from roadworthy.domains.remedies.states import Figure
from roadworthy.kernel.calendar import legal_day

_ADD: Final = """
INSERT INTO remedies_count (recall_id, figure, "on", n) VALUES (%s, %s, %s, %s)
ON CONFLICT (recall_id, figure, "on") DO UPDATE SET n = remedies_count.n + EXCLUDED.n
"""


def add(recall_id: int, figures: Mapping[Figure, int], at: datetime | date) -> None:
    """Add to the counts of a legal day; always in the order of the names, so that nobody waits
    for somebody who waits for him.
    """
    on = legal_day(at) if isinstance(at, datetime) else at
    rows = [(recall_id, str(one), on, n) for one, n in sorted(figures.items()) if n]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)
