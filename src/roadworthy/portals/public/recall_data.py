"""The register as open data: CSV, JSON lines and a feed. Each row names its source and licence.

Streamed: the whole register is never in memory.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from roadworthy.domains.recall_register import queries
from roadworthy.portals.public import recall_words
from roadworthy.portals.shared.access import for_everybody

FIELDS: Final = (
    *("id", "authority", "number", "maker", "products", "announced", "built_from", "built_to"),
    *("units", "concern", "defect", "remedy", "remedy_stated", "remedy_text", "target_software"),
    *("plan_filed_on", "started_on", "investigated", "sources", "licence", "revision"),
    "changed_at",
)
_NEWEST = 50
_TITLE = 80
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, value: str) -> str:
        return value


@for_everybody
@require_safe
def as_csv(_request: HttpRequest) -> HttpResponseBase:
    """Give the register as CSV in UTF-8 with a mark, as spreadsheets expect it."""
    return _file(_csv_rows(), "text/csv; charset=utf-8", "recalls.csv")


@for_everybody
@require_safe
def as_json(_request: HttpRequest) -> HttpResponseBase:
    """Give the register as one JSON list."""
    return _file(_json_rows(), "application/json", "recalls.json")


class Newest(Feed[Any, Any]):
    """What was last entered or amended, as Atom."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("Vehicle recalls")

    def subtitle(self) -> str:
        return _("What was last entered into the register of recalls, or amended")

    def link(self) -> str:
        return reverse("p:recalls")

    def items(self) -> list[Any]:
        return queries.newest(_NEWEST)

    def item_title(self, item: Any) -> str:
        return " ".join(filter(None, (item.number, item.maker, item.products[:_TITLE])))

    def item_description(self, item: Any) -> str:
        told = recall_words.REMEDIES[item.remedy]
        return "\n".join(filter(None, (item.defect or item.concern, str(told))))

    def item_link(self, item: Any) -> str:
        return reverse("p:recall", args=[item.pk])

    def item_guid(self, item: Any) -> str:
        return f"{self.item_link(item)}#{item.revision}"

    def item_updateddate(self, item: Any) -> datetime:
        changed: datetime = item.changed_at
        return changed

    def item_pubdate(self, item: Any) -> datetime:
        entered: datetime = item.entered_at
        return entered


newest = for_everybody(require_safe(Newest()))


def _file(rows: Iterator[str], kind: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(rows, content_type=kind, headers=headers)


def _csv_rows() -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow(FIELDS))
    for one in queries.open_data():
        yield str(writer.writerow([_cell(_plain(one, name)) for name in FIELDS]))


def _json_rows() -> Iterator[str]:
    before = "["
    for one in queries.open_data():
        told = {name: _plain(one, name) for name in FIELDS}
        yield before + json.dumps(told, ensure_ascii=False, default=str)
        before = ",\n"
    yield "]\n" if before != "[" else "[]\n"


def _plain(one: Any, name: str) -> Any:
    value = getattr(one, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _cell(value: Any) -> Any:
    """Return a value as a spreadsheet may hold it: a text that begins like a formula is quoted."""
    if isinstance(value, list):
        return " | ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return f"'{value}"
    return "" if value is None else value
