"""Looks at pictures for this host: one at a time, beside the loop that answers vehicles.

The networks are read when the first picture comes. A host that has none refuses pictures of
persons; it does not take the vehicle's word for them.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from datetime import datetime
from pathlib import Path

from roadworthy.egress import imaging
from roadworthy.egress.detecting import Detector, Networks
from roadworthy.egress.drive import Said
from roadworthy.egress.errors import NoDetector
from roadworthy.egress.filtering import Filter
from roadworthy.egress.imaging import Shown
from roadworthy.egress.records import Measured
from roadworthy.gateway import refusals
from roadworthy.gateway.settings import Settings

THREADS = 1  # of a network: the other cores answer polls


class Sight:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._detector: Detector | None = None
        self._is_read = False

    async def shown(
        self, filter_: Filter, measured: Measured, content: bytes, *, said: Said, at: datetime
    ) -> Shown:
        """Return what may be kept of a picture, after it lies on the disk.

        Raises:
            ComeBackLater: too many are waiting.
            Withheld, NotAPicture, Blocked, NoDetector: as ``egress.imaging.picture``.
        """
        if self._waiting >= self._settings.max_waiting_pictures:
            raise refusals.ComeBackLater
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(self._look, filter_, measured, content, said, at)
        finally:
            self._waiting -= 1

    def _look(
        self, filter_: Filter, measured: Measured, content: bytes, said: Said, at: datetime
    ) -> Shown:
        if not self._is_read:
            self._detector, self._is_read = _networks(), True
        shown = imaging.picture(
            filter_, measured, content, said=said, at=at, detector=self._detector
        )
        _keep(self._settings.pictures, shown)
        return shown


def _networks() -> Detector | None:
    try:
        return Networks(threads=THREADS)
    except NoDetector:
        return None


def _keep(folder: Path, shown: Shown) -> None:
    """Put a picture on the disk, whole or not at all, before anybody is told that it is kept."""
    path = folder / shown.sha256[:2] / shown.sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(shown.content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
