"""Derive the firmware inventory that Roadworthy carries from the PyPI package ``opendbc``.

    python scripts/derive_inventory.py [OUTPUT]

``opendbc`` installs on Python 3.11 and 3.12 only; the inventory serves every version. The output
is the same byte for byte on every run: the order is the package's own, the gzip header has no date.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.metadata
import importlib.util
import io
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = "opendbc"
TARGET = Path(__file__).parents[1] / "src/roadworthy/domains/vehicles/data/opendbc-0.3.1.jsonl.gz"


def brands() -> Iterator[str]:
    """Yield the brands that have firmware, in the order of their names."""
    import opendbc.car

    for module in sorted(pkgutil.iter_modules(opendbc.car.__path__), key=lambda m: m.name):
        if module.ispkg and importlib.util.find_spec(f"opendbc.car.{module.name}.fingerprints"):
            yield module.name


def platforms(brand: str) -> Iterator[dict[str, Any]]:
    """Yield every platform of a brand with its ECUs and, as hex, every byte that they answered."""
    from opendbc.car.structs import CarParams

    names = {number: name for name, number in CarParams.Ecu.schema.enumerants.items()}
    fingerprints = importlib.import_module(f"opendbc.car.{brand}.fingerprints")
    for platform, slots in getattr(fingerprints, "FW_VERSIONS", {}).items():
        specs = platform.config.specs
        yield {
            "brand": brand,
            "platform": str(platform),
            "models": [docs.name for docs in platform.config.car_docs],
            "mass_kg": specs.mass,
            "wheelbase_m": specs.wheelbase,
            "steering_ratio": specs.steerRatio,
            "ecus": [
                {
                    "ecu": names[int(ecu)],
                    "address": address,
                    "sub_address": sub_address,
                    "firmware": [raw.hex() for raw in versions],
                }
                for (ecu, address, sub_address), versions in slots.items()
            ],
        }


def inventory() -> bytes:
    """Return the inventory: one JSON line that says what it is, then one line a platform."""
    head = {
        "source": PACKAGE,
        "version": importlib.metadata.version(PACKAGE),
        "licence": "MIT",
        "copyright": "Copyright (c) 2020, Comma.ai, Inc.",
    }
    rows = [head, *(row for brand in brands() for row in platforms(brand))]
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as file:
        file.write(text.encode("ascii"))
    return out.getvalue()


def main() -> None:
    """Write the inventory where the package keeps it, or where the caller says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path, nargs="?", default=TARGET)
    output: Path = parser.parse_args().output
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(inventory())


if __name__ == "__main__":
    main()
