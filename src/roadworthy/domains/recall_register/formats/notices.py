"""Notices transcribed from public pages: secondary sources, each with its address.

A JSON file with a list ``records``; what the page said about its own date stays with the recall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _m

from roadworthy.domains.recall_register import cells as cell
from roadworthy.domains.recall_register.cells import Fault
from roadworthy.domains.recall_register.formats.reading import Reader, Reading
from roadworthy.domains.recall_register.records import Details, LineIn, digest_of
from roadworthy.domains.recall_register.states import Authority

LICENCE = "Facts from a public notice, read in a secondary source"


class Notices(Reader):
    columns: ClassVar[Mapping[str, Sequence[str]]] = {
        name: [name]
        for name in (
            *("authority", "date", "number", "maker", "products", "built", "units", "defect"),
            *("remedy", "remedy_text", "target_software", "start", "source"),
            "influenced_by_investigation",
        )
    }
    required = ("authority", "date", "maker", "defect", "remedy", "source")
    tells = ("authority", "date", "maker", "source")

    def read(self, cells: Mapping[str, Any]) -> Reading:
        """Return the notice as one line of its recall."""
        details = self._details(cells)
        line = LineIn(
            key=digest_of(str(details.key), "notice"),
            content=details.content,
            make=details.maker[:200],
            model=details.products[:300],
            words=details.defect,
            built_from=details.built_from,
            built_to=details.built_to,
        )
        return Reading(details.key, lambda: details, line)

    def _details(self, cells: Mapping[str, Any]) -> Details:
        built = cells.get("built") or (None, None)
        if not isinstance(built, Sequence) or isinstance(built, str) or len(built) != 2:
            raise Fault("built", built, _m("This must be two days: the first and the last."))
        first, last = (cell.day({"built": one}, "built") for one in built)
        source = cells.get("source") or ()
        words = cell.text(cells, "remedy")
        more = cell.text(cells, "remedy_text")
        return Details(
            authority=authority(cells, "authority"),
            number=cell.text(cells, "number", 64),
            maker=cell.text(cells, "maker", 300),
            products=cell.text(cells, "products"),
            announced=cell.text(cells, "date"),
            built_from=first,
            built_to=last,
            units=cell.whole(cells, "units"),
            defect=cell.text(cells, "defect"),
            remedy_text="\n".join(filter(None, (words, more))),
            target_software=cell.text(cells, "target_software", 200),
            started_on=cell.day(cells, "start"),
            investigated=cell.yes_or_no(cells, "influenced_by_investigation"),
            sources=(source,) if isinstance(source, str) else tuple(map(str, source)),
            licence=LICENCE,
            extra=self.rest(cells),
        )


def authority(cells: Mapping[str, Any], column: str) -> Authority:
    """Return whose recall it is.

    Raises:
        Fault: nobody whom the register knows.
    """
    written = cell.text(cells, column)
    try:
        return Authority(" ".join(written.split()))
    except ValueError:
        known = ", ".join(Authority)
        raise Fault(column, written, _m("The register knows: {known}."), known=known) from None
