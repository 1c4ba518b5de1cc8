"""Numbers that no law gives: dated settings of the platform, an authority or a manufacturer.

* What the package carries is in ``limits.yaml``, dated, and marked as the platform's own.
* An authority's number counts for every manufacturer, a manufacturer's for itself; of those in
  force on a day the strictest counts. Nobody can give themselves more time than the others allow.
* A setting is never changed: the next one applies from its day on.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q

from roadworthy.domains.conformity import errors
from roadworthy.domains.conformity.models import Limit
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.transitions import WrongRole
from roadworthy.rules import strict_yaml

SETTERS = frozenset({Role.COMPLIANCE_OFFICER, Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})


class Key(StrEnum):
    EXPLAIN_WORKING_DAYS = "explain_working_days"
    FREQUENT_UPDATES = "frequent_updates"
    FREQUENT_PERIOD_DAYS = "frequent_period_days"


@dataclass(frozen=True, slots=True)
class InForce:
    """A number with whose it is. ``organisation`` is None for the platform's own."""

    key: Key
    label: Mapping[str, str]
    value: int | None
    since: date | None
    organisation: Mapping[str, str] | None
    source: Mapping[str, str]


@functools.cache
def carried() -> Mapping[str, Any]:
    """Return the settings that came with the package."""
    path = importlib.resources.files("roadworthy.domains.conformity") / "limits.yaml"
    parsed: Mapping[str, Any] = strict_yaml.load(path.read_text(encoding="utf-8"))
    return parsed


def in_force(manufacturer_id: int, *, on: date) -> dict[Key, InForce]:
    """Return the limits that count for a manufacturer on a day."""
    candidates = _candidates(manufacturer_id, on)
    return {key: _strictest(key, candidates[key], on) for key in Key}


def value(manufacturer_id: int, key: Key, *, on: date) -> int | None:
    """Return one limit; None where nobody has set one."""
    return in_force(manufacturer_id, on=on)[key].value


@transaction.atomic(durable=True)
def set_limit(
    *, key: Key, value: int, applies_from: date, reason: str, actor: Actor, at: datetime
) -> Limit:
    """Set one's own limit from a day on.

    Raises:
        NotAMember, WrongRole, LimitInThePast, LimitOutOfRange, ReasonMissing.
    """
    by = witnessed(actor)
    if actor.role not in SETTERS or actor.organisation_id is None:
        raise WrongRole(roles=", ".join(sorted(SETTERS)), action="set")
    low, high = carried()[key]["lowest"], carried()[key]["highest"]
    if not low <= value <= high:
        raise errors.LimitOutOfRange(low=low, high=high)
    if applies_from < legal_day(at):
        raise errors.LimitInThePast
    if not reason.strip():
        raise errors.ReasonMissing
    made = Limit.objects.create(
        organisation_id=actor.organisation_id,
        key=key,
        value=value,
        applies_from=applies_from,
        reason=reason.strip(),
        set_at=at,
        set_by_id=actor.person_id,
    )
    ledger.record(
        event="conformity:limit:set",
        subject=f"limit/{made.pk}",
        actor=by,
        at=at,
        data={"key": key, "value": value, "applies_from": applies_from.isoformat()},
    )
    return made


def _candidates(manufacturer_id: int, on: date) -> dict[str, list[Limit]]:
    """Return the newest setting of each organisation that counts here, by key: one query."""
    authorities = [Kind.MIIT, Kind.SAMR]
    rows = (
        Limit.objects.select_related("organisation")
        .filter(applies_from__lte=on)
        .filter(Q(organisation=manufacturer_id) | Q(organisation__kind__in=authorities))
        .order_by("key", "organisation", "-applies_from", "-id")
        .distinct("key", "organisation")
    )
    found: dict[str, list[Limit]] = {key: [] for key in Key}
    for row in rows:
        found[row.key].append(row)
    return found


def _strictest(key: Key, rows: list[Limit], on: date) -> InForce:
    about = carried()[key]
    all_: list[tuple[int, date, Mapping[str, str] | None, Mapping[str, str]]] = [
        (row.value, row.applies_from, row.organisation.name, {"zh-hans": row.reason})
        for row in rows
    ]
    dated = {date.fromisoformat(day): one for day, one in about["values"].items()}
    past = [day for day in dated if day <= on]
    if past:
        newest = dated[max(past)]
        all_.append((newest["value"], max(past), None, newest["source"]))
    if not all_:
        return InForce(key, about["label"], None, None, None, {})
    pick = min if about["strict"] == "lowest" else max
    number, since, whose, source = pick(all_, key=lambda one: one[0])
    return InForce(key, about["label"], number, since, whose, source)
