"""What the vehicles of a type report, against what its approval, its filings and releases say.

* Counted in the database, by ECU and version: a type of a hundred thousand vehicles costs as many
  rows as it has versions.
* What a vehicle said counts as reported. A baseline that somebody entered is "on file"; of an ECU
  with neither nothing is known. Neither is taken for conforming.
* A version counts once, in this order: the release asked about, another release, the approved
  baseline, the type's inventory, nothing that covers it. Of a type whose approval names no versions
  the inventory is what was entered as its baseline.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from roadworthy.domains.access import queries as access
from roadworthy.domains.software.models import Change
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.domains.vehicles import inventory, labels
from roadworthy.domains.vehicles.models import (
    Ecu,
    InstalledSoftware,
    KnownFirmware,
    Vehicle,
    VehicleType,
)
from roadworthy.domains.vehicles.reporting import FROM_VEHICLE

_SHOWN = 50  # versions that nothing covers, by name; the others are counted
# A release that was never signed is no release yet: a vehicle that runs it runs what is not out.
_OUT = (ReleaseState.SIGNED, ReleaseState.RELEASED, ReleaseState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class EcuStanding:
    """How many vehicles of a type run what on one ECU."""

    ecu_id: int
    label: str
    approval_relevant: bool
    approved: int  # a version of the approved baseline
    release: int  # the version of the release asked about
    other_release: int  # the version of another release
    known: int  # in the inventory of the type, but not in its approval
    uncovered: int  # something else
    on_file: int  # only our own register says what runs there
    silent: int  # nothing is known
    uncovered_versions: Sequence[tuple[str, int]] = ()  # most first

    def as_json(self) -> dict[str, Any]:
        """Return it as a snapshot keeps it."""
        return {
            "ecu": self.label,
            "approval_relevant": self.approval_relevant,
            "approved": self.approved,
            "release": self.release,
            "other_release": self.other_release,
            "known": self.known,
            "uncovered": self.uncovered,
            "on_file": self.on_file,
            "silent": self.silent,
            "uncovered_versions": [
                {"version": version, "vehicles": count}
                for version, count in self.uncovered_versions
            ],
        }


@dataclass(frozen=True, slots=True)
class TypeStanding:
    """How the vehicles of one type stand to its approval."""

    type: VehicleType
    vehicles: int
    ecus: Sequence[EcuStanding]

    @property
    def uncovered(self) -> int:
        """Places where something runs that nothing covers."""
        return sum(ecu.uncovered for ecu in self.ecus)

    def as_json(self) -> dict[str, Any]:
        """Return it as a snapshot keeps it; no vehicle is named."""
        return {
            "type": self.type.code,
            "approval_number": self.type.approval_number,
            "vehicles": self.vehicles,
            "ecus": [ecu.as_json() for ecu in self.ecus],
        }


@dataclass(frozen=True)
class _Covered:
    """What covers versions, by ECU id."""

    known: Mapping[int, frozenset[str]]
    approved: Mapping[int, frozenset[str]]  # only where the approval names versions
    by_release: Mapping[int, Mapping[str, frozenset[int]]]

    def of(self, ecu_id: int, version: str, release_id: int | None) -> str:
        releases = self.by_release.get(ecu_id, {}).get(version, frozenset())
        if release_id in releases:
            return "release"
        if releases:
            return "other_release"
        named = self.approved.get(ecu_id)
        if named is not None and version in named:
            return "approved"
        if version not in self.known.get(ecu_id, frozenset()):
            return "uncovered"
        return "approved" if named is None else "known"


def standing(
    types: Iterable[VehicleType], *, release_id: int | None = None
) -> tuple[TypeStanding, ...]:
    """Return how the vehicles of each type stand, ECU by ECU.

    A dozen queries at most, however many vehicles. ``release_id`` names the release whose version
    is counted apart.
    """
    wanted = list(types)
    slots = labels.slots_by_type(Ecu.objects.filter(type__in=wanted))
    ecus = {ecu.pk: ecu for some in slots.values() for ecu in some.by_label.values()}
    covered = _covered(slots, ecus)
    rows = (
        InstalledSoftware.objects.filter(ecu_id__in=ecus)
        .values_list("ecu_id", "version", "source")
        .annotate(Count("pk"))
        .order_by()
    )
    running: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for ecu_id, version, source, count in rows:
        running[ecu_id].append((version, source, count))
    vehicles = dict(
        Vehicle.objects.filter(type__in=wanted).order_by().values_list("type").annotate(Count("pk"))
    )
    return tuple(
        TypeStanding(
            one,
            vehicles.get(one.pk, 0),
            tuple(
                _ecu(label, ecu, running[ecu.pk], vehicles.get(one.pk, 0), covered, release_id)
                for label, ecu in sorted(slots[one.pk].by_label.items())
            )
            if one.pk in slots
            else (),
        )
        for one in wanted
    )


def _ecu(
    label: str,
    ecu: Ecu,
    rows: Sequence[tuple[str, str, int]],
    vehicles: int,
    covered: _Covered,
    release_id: int | None,
) -> EcuStanding:
    counts: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for version, source, count in rows:
        kind = "on_file"
        if source == FROM_VEHICLE:
            kind = covered.of(ecu.pk, version, release_id)
        counts[kind] += count
        if kind == "uncovered":
            unknown[version] += count
    return EcuStanding(
        ecu_id=ecu.pk,
        label=label,
        approval_relevant=ecu.approval_relevant,
        approved=counts["approved"],
        release=counts["release"],
        other_release=counts["other_release"],
        known=counts["known"],
        uncovered=counts["uncovered"],
        on_file=counts["on_file"],
        silent=max(vehicles - counts.total(), 0),
        uncovered_versions=sorted(unknown.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN],
    )


def _covered(slots: Mapping[int, labels.Slots], ecus: Mapping[int, Ecu]) -> _Covered:
    known: dict[int, set[str]] = defaultdict(set)
    for ecu_id, version in KnownFirmware.objects.filter(ecu_id__in=ecus).values_list(
        "ecu_id", "version"
    ):
        known[ecu_id].add(version)
    by_release: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    changes = Change.objects.filter(release__types__in=slots, release__state__in=_OUT).values_list(
        "release__types", "ecu_name", "to_version", "release"
    )
    for type_id, name, version, release_id in changes:
        some = slots.get(type_id)
        ecu = some.get(name) if some else None
        if ecu is not None:
            by_release[ecu.pk][version].add(release_id)
    return _Covered(
        {ecu_id: frozenset(versions) for ecu_id, versions in known.items()},
        _approved(slots),
        {
            ecu_id: {version: frozenset(ids) for version, ids in versions.items()}
            for ecu_id, versions in by_release.items()
        },
    )


def _approved(slots: Mapping[int, labels.Slots]) -> dict[int, frozenset[str]]:
    """Return the versions that approvals name, by ECU id; an ECU without any is not there."""
    found = {}
    for type_id, current in access.currents(slots).items():
        for one in current.content.get("ecus", ()):
            ecu = slots[type_id].get(_named(one))
            if ecu is not None and one.get("versions"):
                found[ecu.pk] = frozenset(map(str, one["versions"]))
    return found


def _named(ecu: Mapping[str, Any]) -> str:
    return f"{ecu['name']}@{inventory.place(ecu['address'], ecu.get('sub_address'))}"
