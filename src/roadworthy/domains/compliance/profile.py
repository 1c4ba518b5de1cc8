"""What is known of a vehicle type on a day, by the rulebook's names; what is not known is absent.

The approval comes first: the version in force on the day. What it does not say the manufacturer
may state, with where it was read. Nothing is guessed: a type that was entered with its number alone
has few facts, and its cells then say which one is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from roadworthy.domains.access import completeness
from roadworthy.domains.access import queries as access
from roadworthy.domains.access.models import Approval, ApprovalVersion
from roadworthy.domains.compliance.models import Requirement, Statement
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.vehicles.models import Ecu, VehicleType
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook

APPLIED: Final = "access_applied_on"
NEW: Final = "is_new_type"
RELEVANT, EVERY = "relevant", "every"


@dataclass(frozen=True, slots=True)
class Unit:
    name: str
    is_relevant: bool  # its software counts for the approval


@dataclass(frozen=True, slots=True)
class Feature:
    """A driving function as the approval has it."""

    name: Mapping[str, str]
    level: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One type on one day."""

    type: VehicleType
    as_of: date
    version: int | None  # of the approval; None: the type was entered with its number alone
    approval_number: str
    approved_on: date
    applied_on: date | None
    facts: Mapping[str, Any]
    stated: Mapping[str, Statement]
    units: Sequence[Unit]
    functions: Sequence[Feature]
    reports: Sequence[Mapping[str, Any]]  # of the approval: members as in access.content

    @property
    def exists(self) -> bool:
        """Say whether the type was approved by that day."""
        return self.approved_on <= self.as_of

    def units_of(self, requirement: Requirement) -> tuple[str, ...]:
        """Return the units of the type that a requirement speaks of."""
        wanted = set(requirement.ecus)
        found = [
            one.name
            for one in self.units
            if EVERY in wanted or one.name in wanted or (RELEVANT in wanted and one.is_relevant)
        ]
        return tuple(dict.fromkeys(found))

    def functions_of(self, requirement: Requirement) -> tuple[Feature, ...]:
        """Return the functions of the type that a requirement speaks of."""
        span = requirement.functions
        if not span:
            return ()
        return tuple(one for one in self.functions if span["from"] <= one.level <= span["to"])


def of(kind: VehicleType, as_of: date) -> Profile:
    """Return what is known of a type on a day, in a fixed number of queries."""
    approval = Approval.objects.filter(type=kind).first()
    version = _version(approval, as_of) if approval else None
    content = version.content if version else _entered(kind)
    stated = _stated(kind.pk)
    told = {name: one.value for name, one in stated.items()}
    facts = told | _facts(kind, content, is_checked=bool(version and version.version))
    applied = _applied(approval) or _as_day(told.get(APPLIED))
    return Profile(
        type=kind,
        as_of=as_of,
        version=version.version if version else None,
        approval_number=approval.number if approval else kind.approval_number,
        approved_on=approval.granted_on if approval else kind.approved_on,
        applied_on=applied,
        facts={name: value for name, value in facts.items() if name not in {APPLIED, NEW}},
        stated=stated,
        units=_units(kind, content),
        functions=tuple(Feature(one["name"], one["level"]) for one in content.get("functions", ())),
        reports=tuple(content.get("evidence", ())),
    )


def age(profile: Profile, first: date) -> dict[str, Any]:
    """Return whether the type is new to something that began on a day, as facts.

    Approved before that day it cannot have been applied for after it. Approved later, with no day
    of application on file, it cannot be told, and nothing is stated.
    """
    if profile.applied_on is not None:
        return {NEW: True, APPLIED: profile.applied_on}
    return {NEW: False} if profile.approved_on < first else {}


def is_new(profile: Profile, first: date) -> bool | None:
    """Say whether the type is new to something that began on a day; None: it cannot be told."""
    known = age(profile, first)
    if not known:
        return None
    return bool(known[NEW]) and known[APPLIED] >= first


def may_be_stated(profile: Profile, asked: Collection[str]) -> tuple[str, ...]:
    """Return the facts that are asked for and that only the manufacturer can state."""
    law = rulebook().facts
    given = profile.facts.keys() - profile.stated.keys()
    return tuple(name for name in asked if name in law and name not in given)


def _version(approval: Approval, as_of: date) -> ApprovalVersion | None:
    """Return what was in force on the day; before the first version, the first."""
    every = list(access.versions(approval.pk))
    found = [one for one in every if one.in_force_from <= as_of]
    return found[0] if found else every[-1] if every else None


def _entered(kind: VehicleType) -> dict[str, Any]:
    return {"type": {"category": "", "automation_level": kind.automation_level}}


def _facts(kind: VehicleType, content: Mapping[str, Any], *, is_checked: bool) -> dict[str, Any]:
    known = completeness.of_content(content)
    if is_checked:
        return known
    # Taken over or entered: an empty list of functions says nothing, the highest level does.
    known.pop("has_combined_assistance", None)
    known["automation_level"] = kind.automation_level
    if kind.automation_level <= completeness.ASSISTANCE:
        known["has_combined_assistance"] = kind.automation_level == completeness.ASSISTANCE
    return known


def _applied(approval: Approval | None) -> date | None:
    """Return when market access was applied for: the approval has that filing's number."""
    if approval is None:
        return None
    found = Filing.objects.filter(number=approval.number, manufacturer=approval.manufacturer_id)
    at = found.values_list("submitted_at", flat=True).first()
    return legal_day(at) if at else None


def _as_day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _stated(type_id: int) -> dict[str, Statement]:
    rows = Statement.objects.filter(type_id=type_id).order_by("fact", "-id").distinct("fact")
    return {one.fact: one for one in rows.select_related("stated_by")}


def _units(kind: VehicleType, content: Mapping[str, Any]) -> tuple[Unit, ...]:
    if content.get("ecus"):
        return tuple(Unit(one["name"], one["approval_relevant"]) for one in content["ecus"])
    rows = Ecu.objects.filter(type=kind).order_by("id")
    return tuple(Unit(*row) for row in rows.values_list("name", "approval_relevant"))
