"""Demonstration vehicles: a CSV file as a manufacturer's production system would write it.

* VINs have a right check digit; their WMI is one that no table gives to anybody.
* The same seed writes the same file. Tokens are not in it: the import makes them.
* A baseline takes any version that the inventory saw on the ECU; which is newer nobody knows.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from roadworthy.domains.vehicles import csv_import, inventory
from roadworthy.kernel import vin

WMI: Final = "L0Z"  # fictional: vininfo's table does not have it
_DESCRIPTOR: Final = "RW{:03d}"  # positions 4-8: the type, by its place in the brand
_PLANT: Final = "0"


@dataclass(frozen=True, slots=True)
class Fleet:
    """What to write. ``versions`` fixes the baseline of ECUs, by name, for every vehicle."""

    brand: str = "toyota"
    count: int = 1000
    seed: int = 1
    model_year: int = 2026
    first_serial: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()  # only these; all of the brand when empty


def write(path: Path, fleet: Fleet) -> int:
    """Write the file and return how many vehicles it has."""
    columns, rows = table(fleet)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        count = 0
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def table(fleet: Fleet) -> tuple[list[str], Iterator[dict[str, str]]]:
    """Return the columns and the rows of the file."""
    platforms = [
        (number, platform)
        for number, platform in enumerate(inventory.carried().of_brand(fleet.brand))
        if not fleet.platforms or platform.name in fleet.platforms
    ]
    labels = {label for _, platform in platforms for label, _ in _slots(platform)}
    columns = [*csv_import.REQUIRED, *(f"{csv_import.ECU_PREFIX}{x}" for x in sorted(labels))]
    return columns, _rows(fleet, platforms)


def _rows(
    fleet: Fleet, platforms: list[tuple[int, inventory.Platform]]
) -> Iterator[dict[str, str]]:
    chance = random.Random(fleet.seed)  # noqa: S311 - a repeatable demonstration, no secret
    for serial in range(fleet.first_serial, fleet.first_serial + fleet.count):
        number, platform = platforms[(serial - fleet.first_serial) % len(platforms)]
        made = vin.compose(
            wmi=WMI,
            descriptor=_DESCRIPTOR.format(number),
            year=fleet.model_year,
            plant=_PLANT,
            serial=serial,
        )
        yield {
            "vin": made.text,
            "controller_id": f"{fleet.brand}-{serial:06d}",
            "type": platform.name,
            **{
                f"{csv_import.ECU_PREFIX}{label}": fleet.versions.get(slot.ecu)
                or chance.choice(slot.firmware).version
                for label, slot in _slots(platform)
            },
        }


def _slots(platform: inventory.Platform) -> Iterator[tuple[str, inventory.Slot]]:
    names = [slot.ecu for slot in platform.slots]
    for slot in platform.slots:
        yield (slot.ecu if names.count(slot.ecu) == 1 else f"{slot.ecu}@{slot.place}"), slot
