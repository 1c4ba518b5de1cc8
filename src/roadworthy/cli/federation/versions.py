"""The one ECU that the federation's releases change, and its versions in their order."""

from __future__ import annotations

ECU = "fwdCamera"
VERSIONS = ("0.2.4", "0.2.5", "0.2.6", "0.2.7", "0.2.8", "0.2.9")


def before(version: str) -> str:
    """Return the version that a version replaces."""
    return VERSIONS[VERSIONS.index(version) - 1]
