"""The one ECU that the federation's releases change, and its versions in their order."""

from __future__ import annotations

ECU = "fwdCamera"
VERSIONS = tuple(f"0.2.{number}" for number in range(4, 24))


def before(version: str) -> str:
    """Return the version that a version replaces."""
    return VERSIONS[VERSIONS.index(version) - 1]
