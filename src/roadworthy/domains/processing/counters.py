"""How many persons' information is exported since 1 January: what is planned, what was done.

* Counted is over all exports of a company, or of its group: to split them helps nobody.
* Flows that name the same persons count them once; flows that do not are added.
* What was really exported is counted person by person (``counting``); the larger of both holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.domains.processing import exports, implied
from roadworthy.domains.processing.models import ExportYear, Flow, Profile
from roadworthy.domains.processing.states import State
from roadworthy.kernel.calendar import legal_day


@dataclass(frozen=True, slots=True)
class Totals:
    """Persons since 1 January, planned or done; None: some flow does not say how many."""

    ordinary: int | None
    sensitive: int | None
    flows: tuple[str, ...] = ()  # with which a flow is counted together
    recipients: tuple[str, ...] = ()
    companies: int = 1

    def to_json(self) -> dict[str, Any]:
        return {
            "ordinary": self.ordinary,
            "sensitive": self.sensitive,
            "flows": list(self.flows),
            "recipients": list(self.recipients),
            "companies": self.companies,
        }


def party_of(manufacturer_id: int) -> str:
    """Return by what name a company's exports are counted: its group's, or its own."""
    profile = Profile.objects.filter(manufacturer_id=manufacturer_id).first()
    if profile and profile.group_id:
        return f"group/{profile.group_id}"
    return f"maker/{manufacturer_id}"


def members(manufacturer_id: int) -> tuple[int, ...]:
    """Return the companies that are counted together, the asking one first."""
    profile = Profile.objects.filter(manufacturer_id=manufacturer_id).first()
    others: Iterable[int] = ()
    if profile and profile.group_id:
        found = Profile.objects.filter(group_id=profile.group_id)
        others = found.exclude(pk=profile.pk).order_by("pk").values_list("manufacturer", flat=True)
    return (manufacturer_id, *others)


def planned(flow: Flow, *, at: datetime) -> Totals:
    """Return what the export would add up to with every other export that stands."""
    together = members(flow.manufacturer_id)
    others = (
        Flow.objects.filter(
            manufacturer_id__in=together, state__in=[State.DECLARED, State.APPROVED]
        )
        .exclude(manufacturer_id=flow.manufacturer_id, number=flow.number)
        .select_related("item", "recipient")
        .order_by("pk")
    )
    standing = [one for one in others if exports.is_export(one)]
    with_it = [*standing, flow] if exports.is_export(flow) else standing
    year = ExportYear.objects.filter(
        party=party_of(flow.manufacturer_id), year=legal_day(at).year
    ).first()
    return Totals(
        _larger(_sum(with_it, sensitive=False), year.ordinary if year else 0),
        _larger(_sum(with_it, sensitive=True), year.sensitive if year else 0),
        tuple(sorted({o.number for o in standing if o.manufacturer_id == flow.manufacturer_id})),
        tuple(sorted({o.recipient.code for o in with_it if o.recipient})),
        len(together),
    )


def alone(flow: Flow) -> Totals:
    """Return what the export adds up to by itself."""
    return Totals(_sum([flow], sensitive=False), _sum([flow], sensitive=True))


def _sum(flows: Iterable[Flow], *, sensitive: bool) -> int | None:
    """Add persons up: of flows with the same persons the largest counts, the others are added."""
    most: dict[tuple[int, str], int] = {}
    for flow in flows:
        if not implied.counts_persons(flow) or bool(implied.sensitive_in(flow)) != sensitive:
            continue
        if flow.persons is None:
            return None
        key = (flow.manufacturer_id, flow.population or flow.number)
        most[key] = max(most.get(key, 0), flow.persons)
    return sum(most.values())


def _larger(planned_persons: int | None, done: int) -> int | None:
    return None if planned_persons is None else max(planned_persons, done)
