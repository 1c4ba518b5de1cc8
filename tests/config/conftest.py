"""A folder that the database's user can reach, as root too."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from roadworthy.config import postgres


@pytest.fixture
def home() -> Iterator[Path]:
    """pytest's tmp_path is closed to others, which as root includes the database's user."""
    folder = Path(tempfile.mkdtemp(prefix="rw-"))
    folder.chmod(0o711)
    yield folder
    postgres.stop_abandoned(folder / "postgres")
    shutil.rmtree(folder)
