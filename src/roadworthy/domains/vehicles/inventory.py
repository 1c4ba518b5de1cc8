"""The firmware inventory of real cars that Roadworthy carries (PyPI ``opendbc``, MIT).

* Every byte that an ECU answered is kept: padding, count bytes, what is not ASCII.
* The inventory has no dates: that several versions were seen on an ECU says nothing about which
  one is newer, so nothing here orders them.
* A version's text is for people and for ``InstalledSoftware``; it is unique within its ECU slot.
"""

from __future__ import annotations

import functools
import gzip
import importlib.resources
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

FILE: Final = "opendbc-0.3.1.jsonl.gz"
_PADDING: Final = b"\0 "
_RECORD: Final = 16  # bytes of one id in a counted answer
# UDS data identifiers of the F1 range, as they precede their values in a joined answer.
_IDENTIFIER: Final = re.compile(rb"\xf1([\x00\x80-\x9f])")


@dataclass(frozen=True, slots=True)
class Firmware:
    """One answer of an ECU that was seen on the road."""

    raw: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for an ECU in a platform, by diagnostic address."""

    ecu: str
    address: int
    sub_address: int | None
    firmware: tuple[Firmware, ...]

    @property
    def place(self) -> str:
        """Return the address in hexadecimal: "7e0", "750.6d"."""
        return place(self.address, self.sub_address)


@dataclass(frozen=True, slots=True)
class Platform:
    """A vehicle platform with what the inventory knows of it."""

    brand: str
    name: str
    models: tuple[str, ...]
    mass_kg: float
    wheelbase_m: float
    steering_ratio: float
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a reader counts to see that nothing was lost."""

    platforms: int
    slots: int
    rows: int
    distinct_versions: int
    slots_with_several_versions: int
    versions_on_several_platforms: int
    counted_answers: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """All platforms, in the order of the source."""

    source: str
    version: str
    platforms: tuple[Platform, ...]

    @property
    def brands(self) -> tuple[str, ...]:
        """Return the brands, each once."""
        return tuple(dict.fromkeys(platform.brand for platform in self.platforms))

    def of_brand(self, brand: str | None) -> tuple[Platform, ...]:
        """Return the platforms of one brand; of all brands when none is named."""
        return tuple(p for p in self.platforms if brand in (None, p.brand))

    def figures(self) -> Figures:
        """Count platforms, slots, rows and what is particular about them."""
        slots = [(platform, slot) for platform in self.platforms for slot in platform.slots]
        seen_on: dict[bytes, set[str]] = {}
        for platform, slot in slots:
            for firmware in slot.firmware:
                seen_on.setdefault(firmware.raw, set()).add(platform.name)
        return Figures(
            platforms=len(self.platforms),
            slots=len(slots),
            rows=sum(len(slot.firmware) for _, slot in slots),
            distinct_versions=len(seen_on),
            slots_with_several_versions=sum(len(slot.firmware) > 1 for _, slot in slots),
            versions_on_several_platforms=sum(len(on) > 1 for on in seen_on.values()),
            counted_answers=sum(
                counted_ids(firmware.raw) is not None
                for _, slot in slots
                for firmware in slot.firmware
            ),
        )


@functools.cache
def carried() -> Inventory:
    """Return the inventory that came with the package."""
    folder = importlib.resources.files("roadworthy.domains.vehicles") / "data"
    return read(gzip.decompress((folder / FILE).read_bytes()).decode("ascii").splitlines())


def read(lines: Iterable[str]) -> Inventory:
    """Read what ``scripts/derive_inventory.py`` writes."""
    head, *rows = map(json.loads, lines)
    return Inventory(head["source"], head["version"], tuple(map(_platform, rows)))


def place(address: int, sub_address: int | None) -> str:
    """Return a diagnostic address in hexadecimal, the sub-address after a dot."""
    return f"{address:x}" if sub_address is None else f"{address:x}.{sub_address:x}"


def readable(raw: bytes) -> str:
    """Return an answer as people read it: without padding and count byte, identifiers named."""
    ids = counted_ids(raw)
    if ids is not None:
        return " + ".join(exact(text) for one in ids if (text := one.strip(_PADDING)))
    if not _IDENTIFIER.match(raw):
        return exact(raw.strip(_PADDING))
    _, *pairs = _IDENTIFIER.split(raw)
    named = zip(pairs[::2], pairs[1::2], strict=True)
    return " ".join(f"F1{number.hex().upper()}:{exact(v.strip(_PADDING))}" for number, v in named)


def exact(raw: bytes) -> str:
    r"""Return every byte: printable ASCII as itself, the rest as ``\x00``; no two are alike.

    Spaces at either end are written out too: forms and spreadsheets would lose them.
    """
    text = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}" for byte in raw
    )
    inner = text.strip(" ")
    before, _, after = text.partition(inner) if inner else (text, "", "")
    return before.replace(" ", r"\x20") + inner + after.replace(" ", r"\x20")


def counted_ids(raw: bytes) -> tuple[bytes, ...] | None:
    """Return the ids of an answer that begins with their number, as Toyota's do; else None."""
    count = raw[0] if raw else 0
    if not count or len(raw) != 1 + count * _RECORD:
        return None
    return tuple(raw[i : i + _RECORD] for i in range(1, len(raw), _RECORD))


def versions(answers: Iterable[bytes]) -> Mapping[bytes, str]:
    """Name the answers of one slot; those that would read alike are written out exactly."""
    texts = {raw: readable(raw) for raw in answers}
    alike = Counter(texts.values())
    return {raw: text if text and alike[text] == 1 else exact(raw) for raw, text in texts.items()}


def _platform(row: Mapping[str, Any]) -> Platform:
    return Platform(
        brand=row["brand"],
        name=row["platform"],
        models=tuple(row["models"]),
        mass_kg=row["mass_kg"],
        wheelbase_m=row["wheelbase_m"],
        steering_ratio=row["steering_ratio"],
        slots=tuple(map(_slot, row["ecus"])),
    )


def _slot(row: Mapping[str, Any]) -> Slot:
    answers = [bytes.fromhex(answer) for answer in row["firmware"]]
    names = versions(answers)
    return Slot(
        ecu=row["ecu"],
        address=row["address"],
        sub_address=row["sub_address"],
        firmware=tuple(Firmware(raw, names[raw]) for raw in answers),
    )
