"""Get the images of a deployment into a vehicle: vouched for, fitting, complete, unchanged.

* Nothing is downloaded before the repository vouches for it.
* The signed metadata says which ECU, hardware and version an image is for; a server that offers
  it for another one is not followed.
* A download goes on where it stopped, and stops when the server takes the offer back.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing

from roadworthy.kernel.errors import Conflict, Invalid
from roadworthy.vehicle.ddi import Artifact, Chunk, Ddi, NotOffered
from roadworthy.vehicle.flash import Flash, Software, Staging
from roadworthy.vehicle.trusted import NotTrusted, Trust, Verified

ASK_AGAIN_SECONDS = 5.0  # during a download: is it still offered?
SHA256 = re.compile(r"[0-9a-f]{64}")

StillOffered = Callable[[], Awaitable[bool]]


class Unfit(Invalid):
    code = "vehicle.unfit"
    message = "The update does not fit this vehicle: {reason}."


class TakenBack(Conflict):
    code = "vehicle.taken_back"
    message = "The update is no longer offered."


class Images:
    """Fetches for one vehicle; ``hardware`` gives its hardware by ECU label, where it is known."""

    def __init__(self, ddi: Ddi, trust: Trust, flash: Flash, hardware: Mapping[str, str]) -> None:
        self._ddi = ddi
        self._trust = trust
        self._flash = flash
        self._hardware = hardware

    async def fetch(
        self, chunks: tuple[Chunk, ...], still_offered: StillOffered
    ) -> dict[str, Software]:
        """Stage all images; return what will run, by ECU label.

        Raises:
            NotTrusted: an image must not be believed.
            Unfit: an image is not for this vehicle.
            TakenBack: the server no longer offers it.
            Unreachable: the server or the repository gives no usable answer now.
        """
        if not chunks:
            raise Unfit(reason="there is nothing to install")
        coming = {}
        for chunk in chunks:
            artifact = self._artifact_of(chunk)
            verified = await self._trust.verified(chunk, artifact)
            self._check_fit(chunk, verified)
            await self._stage(artifact, still_offered)
            coming[chunk.name] = Software(chunk.version, artifact.hashes.sha256)
        return coming

    def _artifact_of(self, chunk: Chunk) -> Artifact:
        if chunk.name not in self._hardware:
            raise Unfit(reason=f"there is no ECU {chunk.name}")
        if len(chunk.artifacts) != 1:
            raise Unfit(reason=f"{len(chunk.artifacts)} images for one ECU")
        artifact = chunk.artifacts[0]
        if not SHA256.fullmatch(artifact.hashes.sha256):  # it becomes the name of a file, too
            raise NotTrusted(filename=artifact.filename, reason="no usable SHA-256 is given")
        return artifact

    def _check_fit(self, chunk: Chunk, verified: Verified) -> None:
        """Hold what the server says against what the parties have signed."""
        is_so = {
            "ecu": chunk.name,
            "version": chunk.version,
            "hardware_id": self._hardware[chunk.name],
        }
        for name, value in is_so.items():
            signed = verified.custom.get(name, value)
            if value and signed != value:
                raise Unfit(reason=f"signed for {name} {signed}, offered for {value}")

    async def _stage(self, artifact: Artifact, still_offered: StillOffered) -> None:
        staging = self._flash.staging(artifact.hashes.sha256)
        # What is there may be damaged: the second time everything is fetched anew.
        for have in (min(staging.size, artifact.size), 0):
            if have < artifact.size or staging.size > artifact.size:
                await self._download(artifact, staging, have, still_offered)
            is_complete = staging.size == artifact.size
            if is_complete and await asyncio.to_thread(staging.sha256) == artifact.hashes.sha256:
                return
        raise NotTrusted(filename=artifact.filename, reason="its content has another SHA-256")

    async def _download(
        self, artifact: Artifact, staging: Staging, have: int, still_offered: StillOffered
    ) -> None:
        ask_at = time.monotonic() + ASK_AGAIN_SECONDS
        try:
            async with aclosing(self._ddi.download(artifact, have=have)) as pieces:
                async for place, piece in pieces:
                    if place + len(piece) > artifact.size:
                        raise NotTrusted(filename=artifact.filename, reason="it is too long")
                    staging.write(place, piece)
                    if time.monotonic() > ask_at:
                        if not await still_offered():
                            raise TakenBack
                        ask_at = time.monotonic() + ASK_AGAIN_SECONDS
        except NotOffered:
            raise TakenBack from None
