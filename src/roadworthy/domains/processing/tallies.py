"""What the counters of a year say: how many persons, up to which number, after which requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet

from roadworthy.domains.processing import counters, queries
from roadworthy.domains.processing import exports as ways
from roadworthy.domains.processing.models import ExportRequest, ExportYear, Flow
from roadworthy.law.rulebook import rulebook

ORDERS: Final = {"at": "pk", "asked": "asked", "new": "new", "flow": "flow__number"}
# The thresholds of the law pack, lowest first: what a count reaches asks for more.
_LIMITS: Final = {
    False: ("export_contract_persons", "export_assessment_persons"),
    True: ("export_assessment_sensitive_persons",),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A number from which more is asked, with its source."""

    persons: int
    label: dict[str, str]
    source: dict[str, Any]
    grade: str


@dataclass(frozen=True, slots=True)
class Meter:
    """One counter of a year beside the numbers of the law."""

    sensitive: bool
    done: int
    limits: Sequence[Limit]

    @property
    def limit(self) -> int:
        """The next number that the count has not reached; the last if it has reached all."""
        ahead = [one.persons for one in self.limits if one.persons > self.done]
        return ahead[0] if ahead else (self.limits[-1].persons if self.limits else 0)


def meters(manufacturer_id: int, *, on: date) -> tuple[Meter, ...]:
    """Return the counters of the year of the company, or of its group."""
    year = ExportYear.objects.filter(party=counters.party_of(manufacturer_id), year=on.year).first()
    done = {False: year.ordinary if year else 0, True: year.sensitive if year else 0}
    return tuple(Meter(kind, done[kind], _limits(kind, on)) for kind in (True, False))


def requests(manufacturer_id: int, *, sort: str = "-at") -> QuerySet[ExportRequest]:
    """Return the company's own requests; those of others in its group are theirs."""
    key = ORDERS.get(sort.removeprefix("-"), "pk")
    found = ExportRequest.objects.filter(manufacturer_id=manufacturer_id)
    order = f"-{key}" if sort.startswith("-") else key
    return found.select_related("flow__item__item").order_by(order, "-pk")


def exports(manufacturer_id: int) -> list[Flow]:
    """Return the approved flows that leave the country."""
    return [
        one for one in queries.approved(manufacturer_id).order_by("number") if ways.is_export(one)
    ]


def _limits(sensitive: bool, on: date) -> tuple[Limit, ...]:  # noqa: FBT001 - the key of a table
    found = []
    for name in _LIMITS[sensitive]:
        parameter = rulebook().law.parameters[name]
        if on < parameter.values[0].applies_from:
            continue
        value = parameter.on(on)
        found.append(
            Limit(int(value.value), value.label.to_json(), value.source.named(), str(value.grade))
        )
    return tuple(found)


def of_year(manufacturer_id: int, year: int) -> tuple[int, int]:
    """Return the persons counted in a year: non-sensitive, sensitive."""
    row = ExportYear.objects.filter(party=counters.party_of(manufacturer_id), year=year).first()
    return (row.ordinary, row.sensitive) if row else (0, 0)
