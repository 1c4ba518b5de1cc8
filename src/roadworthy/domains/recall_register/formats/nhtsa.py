"""NHTSA's index of recall documents: campaign x document x make x model x year; no remedy text.

A campaign appears with its number only. A model year of 9999 means that it has none. A document
may be there twice under one name with other words: both are kept.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
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

LICENCE = "Public domain (17 U.S.C. 105)"
SOURCE = "NHTSA recall documents, https://www.nhtsa.gov/nhtsa-datasets-and-apis"
_NUMBER = re.compile(r"(\d{2})[A-Z][0-9A-Z]{3}")
_NO_YEAR = "9999"
_YEAR = re.compile(r"(?:19|20)\d{2}")


class Nhtsa(Reader):
    columns: ClassVar[Mapping[str, Sequence[str]]] = {
        "number": ["NHTSA ID", "CAMPAIGN NUMBER", "NHTSA CAMPAIGN NUMBER"],
        "document": ["DOCUMENT NAME"],
        "make": ["MAKE"],
        "model": ["MODEL"],
        "year": ["MODEL YEAR", "YEAR"],
        "summary": ["SUMMARY"],
    }
    required = ("number", "document", "make", "model", "year", "summary")
    tells = ("number", "document")

    def read(self, cells: Mapping[str, Any]) -> Reading:
        """Return the row as a line of its campaign."""
        at = self.at
        written = cells[at["number"]]
        number = plain_number(Authority.NHTSA, written)
        found = _NUMBER.fullmatch(number)
        if not found:
            raise Fault(at["number"], written, _m('"{value}" is no campaign number.'))
        make = self._needed(cells, "make", 200)
        document = self._needed(cells, "document", 200)
        model, words = cell.text(cells, at["model"], 300), cells[at["summary"]]
        recall = _recall(number)
        extra = self.rest(cells)
        line = LineIn(
            key=digest_of(number, document, make, model, cells[at["year"]]),
            content=digest_of(words, repr(extra) if extra else ""),
            make=make,
            model=model,
            model_year=self._year(cells),
            document=document,
            words=words,
            extra=extra,
        )
        return Reading(recall, partial(_details, number, make, found[1]), line)

    def _needed(self, cells: Mapping[str, Any], field: str, longest: int) -> str:
        found = cell.text(cells, self.at[field], longest)
        if not found:
            raise Fault(self.at[field], "", _m("This is empty."))
        return found

    def _year(self, cells: Mapping[str, Any]) -> int | None:
        written = cells[self.at["year"]]
        if written in ("", _NO_YEAR):
            return None
        if not _YEAR.fullmatch(written):
            raise Fault(self.at["year"], written, cell.NOT_A_YEAR)
        return int(written)


@lru_cache(maxsize=4096)
def _recall(number: str) -> uuid.UUID:
    return key_of(Authority.NHTSA, number)


def _details(number: str, make: str, year: str) -> Details:
    century = "19" if year >= "66" else "20"  # the first American recalls are of 1966
    return Details(
        authority=Authority.NHTSA,
        number=number,
        maker=make,
        announced=century + year,
        sources=(SOURCE,),
        licence=LICENCE,
    )
