"""What the clock asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from roadworthy.domains.insight import exporting

FOLDER: Final = "insight"  # below the data folder of the deployment: the facts


def write_facts(home: Path) -> exporting.Run:
    """Add what is new to the facts below ``home``."""
    return exporting.export(home / FOLDER, at=datetime.now(UTC))
