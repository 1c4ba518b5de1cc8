"""DVSA's list of recalls: one row for each model and range of VINs of a recall.

VINs are kept as written: cut, with wildcards, or prose ("Built out of sequence."). What of them
can be resolved to vehicles is asked elsewhere; no row is lost for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _m

from roadworthy.domains.recall_register import cells as cell
from roadworthy.domains.recall_register.cells import Fault
from roadworthy.domains.recall_register.formats.reading import Reader, Reading
from roadworthy.domains.recall_register.records import (
    Details,
    LineIn,
    digest_of,
    key_of,
    plain_number,
)
from roadworthy.domains.recall_register.states import Authority

LICENCE = "Open Government Licence v3.0"
SOURCE = "DVSA, https://www.check-vehicle-recalls.service.gov.uk"


class Dvsa(Reader):
    columns: ClassVar[Mapping[str, Sequence[str]]] = {
        "launched": ["Launch Date"],
        "number": ["Recalls Number", "Recall Number"],
        "make": ["Make"],
        "products": ["Recalls Model Information"],
        "concern": ["Concern"],
        "defect": ["Defect"],
        "remedy": ["Remedy"],
        "units": ["Vehicle Numbers"],
        "reference": ["Manufacturer Ref"],
        "model": ["Model"],
        "vin_from": ["VIN Start"],
        "vin_to": ["VIN End"],
        "built_from": ["Build Start"],
        "built_to": ["Build End"],
    }
    required = (
        *("launched", "number", "make", "products", "concern", "defect", "remedy", "units"),
        *("model", "vin_from", "vin_to", "built_from", "built_to"),
    )
    tells = ("launched", "number", "concern")

    def read(self, cells: Mapping[str, Any]) -> Reading:
        """Return the row as a line of its recall."""
        at = self.at
        number, make = cell.text(cells, at["number"], 64), cell.text(cells, at["make"], 200)
        for field, value in (("number", number), ("make", make)):
            if not value:
                raise Fault(at[field], "", _m("This is empty."))
        launched = cell.day(cells, at["launched"])
        built_from, built_to = cell.day(cells, at["built_from"]), cell.day(cells, at["built_to"])
        scope = [cells[at[field]] for field in ("vin_from", "vin_to", "built_from", "built_to")]
        model = cell.text(cells, at["model"], 300)
        plain = plain_number(Authority.DVSA, number)
        line = LineIn(
            key=digest_of(plain, make, model, *scope),
            content=digest_of(*map(str, cells.values())),
            make=make,
            model=model,
            words=cells[at["products"]],
            vin_from=scope[0],
            vin_to=scope[1],
            built_from=built_from,
            built_to=built_to,
            extra=self.rest(cells),
        )
        details = partial(self._details, cells, launched)
        # Whatever is wrong with the recall is this row's fault, and is found while it is read.
        cell.whole(cells, at["units"])
        return Reading(key_of(Authority.DVSA, plain), details, line)

    def _details(self, cells: Mapping[str, Any], launched: date | None) -> Details:
        at = self.at
        reference = cell.text(cells, at.get("reference"))
        return Details(
            authority=Authority.DVSA,
            number=cells[at["number"]],
            maker=cells[at["make"]],
            products=cells[at["products"]],
            announced=launched.isoformat() if launched else "",
            units=cell.whole(cells, at["units"]),
            concern=cells[at["concern"]][:500],
            defect=cells[at["defect"]],
            remedy_text=cells[at["remedy"]],
            sources=(SOURCE,),
            licence=LICENCE,
            extra={at["reference"]: reference} if reference else {},
        )
