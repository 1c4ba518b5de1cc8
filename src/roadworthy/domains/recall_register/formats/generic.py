"""Our own format, CSV or JSON: one row a recall, or several where it names several models.

Described in docs/howto/import-recalls.md. Rows of one recall must agree about the recall.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _m

from roadworthy.domains.recall_register import cells as cell
from roadworthy.domains.recall_register.cells import Fault
from roadworthy.domains.recall_register.formats.notices import authority
from roadworthy.domains.recall_register.formats.reading import Reader, Reading
from roadworthy.domains.recall_register.records import Details, LineIn, digest_of
from roadworthy.domains.recall_register.states import Remedy
from roadworthy.kernel.tabular import Table

_OF_LINE = ("make", "model", "model_year", "vin_from", "vin_to")


class Generic(Reader):
    columns: ClassVar[Mapping[str, Sequence[str]]] = {
        name: [name]
        for name in (
            *("authority", "number", "announced", "maker", "products", "built_from", "built_to"),
            *("units", "concern", "defect", "remedy", "remedy_text", "target_software"),
            *("plan_filed_on", "started_on", "investigated", "source", "licence"),
            *_OF_LINE,
        )
    }
    required = ("authority", "announced", "maker", "defect", "remedy", "source")
    tells = ("authority", "announced", "maker", "remedy")

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._said: dict[uuid.UUID, str] = {}

    def read(self, cells: Mapping[str, Any]) -> Reading:
        """Return the row as a line of its recall."""
        details = self._details(cells)
        said = self._said.setdefault(details.key, details.content)
        if said != details.content:
            reason = _m("Another row of this file says something else about the same recall.")
            raise Fault(self.at.get("number", "number"), details.number, reason)
        year = cell.whole(cells, self.at.get("model_year"))
        of_line = {name: cell.text(cells, self.at.get(name)) for name in _OF_LINE}
        line = LineIn(
            key=digest_of(str(details.key), "generic", *of_line.values()),
            content=digest_of(details.content, *of_line.values()),
            make=cell.text(cells, self.at.get("make"), 200) or details.maker[:200],
            model=cell.text(cells, self.at.get("model"), 300) or details.products[:300],
            model_year=year,
            words=details.defect,
            vin_from=of_line["vin_from"],
            vin_to=of_line["vin_to"],
            built_from=details.built_from,
            built_to=details.built_to,
        )
        return Reading(details.key, lambda: details, line)

    def _details(self, cells: Mapping[str, Any]) -> Details:
        at = self.at.get

        def words(name: str, longest: int | None = None) -> str:
            return cell.text(cells, at(name), longest)

        return Details(
            authority=authority(cells, self.at["authority"]),
            number=words("number", 64),
            maker=words("maker", 300),
            products=words("products"),
            announced=words("announced"),
            built_from=cell.day(cells, at("built_from")),
            built_to=cell.day(cells, at("built_to")),
            units=cell.whole(cells, at("units")),
            concern=words("concern", 500),
            defect=words("defect"),
            remedy=self._remedy(cells),
            remedy_text=words("remedy_text"),
            target_software=words("target_software", 200),
            plan_filed_on=cell.day(cells, at("plan_filed_on")),
            started_on=cell.day(cells, at("started_on")),
            investigated=cell.yes_or_no(cells, at("investigated")),
            sources=tuple(words("source").split()),
            licence=words("licence", 200),
            extra=self.rest(cells),
        )

    def _remedy(self, cells: Mapping[str, Any]) -> Remedy | None:
        written = cell.text(cells, self.at["remedy"]).casefold()
        if not written:
            return None
        try:
            return Remedy(written)
        except ValueError:
            known = ", ".join(Remedy)
            raise Fault(
                self.at["remedy"], written, _m("A remedy is one of: {known}."), known=known
            ) from None
