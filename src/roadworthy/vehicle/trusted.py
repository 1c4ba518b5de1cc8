"""Which images a vehicle believes: those that a stock TUF client accepts, and no others.

* One verification by ``tuf.ngclient`` for each distinct image, shared by all vehicles of this
  process; each vehicle then compares its own bytes with what was verified.
* A verdict is used for a while only: what is withdrawn must not be believed for ever, and what is
  refused now may be signed in a minute.
* A repository that cannot be reached is no verdict.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from roadworthy.kernel.errors import DomainError, Forbidden
from roadworthy.trust import client
from roadworthy.vehicle.ddi import Artifact, Chunk, Unreachable

BELIEVED_SECONDS = 300.0
REFUSED_SECONDS = 2.0
# The client's names for "could not be fetched", as opposed to "must not be believed".
NOT_FETCHED = frozenset({"DownloadError", "DownloadHTTPError", "SlowRetrievalError"})


class NotTrusted(Forbidden):
    code = "vehicle.not_trusted"
    message = "The image {filename} is not to be believed: {reason}."


@dataclass(frozen=True, slots=True)
class Verified:
    """What the signed metadata says of an image."""

    sha256: str
    length: int
    custom: Mapping[str, Any] = field(default_factory=dict)


class Trust(Protocol):
    async def verified(self, chunk: Chunk, artifact: Artifact) -> Verified:
        """Return what may be believed of an artifact.

        Raises:
            NotTrusted: the repository does not vouch for it.
            Unreachable: that cannot be found out now.
        """


class TrustedImages:
    """Asks a TUF repository, once for each image."""

    def __init__(
        self,
        repository: str | Path,
        *,
        root: bytes,
        home: Path,
        targets: Mapping[str, str] | None = None,
        believed_seconds: float = BELIEVED_SECONDS,
    ) -> None:
        """``targets`` gives the path of an image by its sha256 where the server does not say it."""
        self._repository = repository
        self._root = root
        self._home = home
        self._targets = targets or {}
        self._believed_seconds = believed_seconds
        self._turn = threading.Lock()  # the client's files are for one at a time
        self._verdicts: dict[str, tuple[float, Verified | DomainError]] = {}
        self.verifications = 0

    async def verified(self, chunk: Chunk, artifact: Artifact) -> Verified:
        sha256 = artifact.hashes.sha256
        target = chunk.tuf_target or self._targets.get(sha256, "")
        if not target:
            raise NotTrusted(
                filename=artifact.filename, reason="nobody says where it is vouched for"
            )
        known = self._known(target)
        verdict = known if known is not None else await asyncio.to_thread(self._judged, target)
        if isinstance(verdict, DomainError):
            raise NotTrusted(
                filename=artifact.filename, reason=str(verdict).rstrip(".")
            ) from verdict
        if (verdict.sha256, verdict.length) != (sha256, artifact.size):
            reason = "the repository vouches for another content"
            raise NotTrusted(filename=artifact.filename, reason=reason)
        return verdict

    def _known(self, target: str) -> Verified | DomainError | None:
        until, verdict = self._verdicts.get(target, (0.0, None))
        return verdict if time.monotonic() < until else None

    def _judged(self, target: str) -> Verified | DomainError:
        with self._turn:
            known = self._known(target)
            if known is not None:
                return known
            verdict = self._ask(target)
            is_good = isinstance(verdict, Verified)
            lasting = self._believed_seconds if is_good else REFUSED_SECONDS
            self._verdicts[target] = (time.monotonic() + lasting, verdict)
            return verdict

    def _ask(self, target: str) -> Verified | DomainError:
        self.verifications += 1
        try:
            found = client.fetch_verified(
                self._repository, target, root=self._root, client_home=self._home
            )
        except client.TargetRefused as refused:
            if refused.data["exception"] in NOT_FETCHED:
                raise Unreachable(reason=refused.data["exception"]) from refused
            return refused
        except client.TargetUnknown as unknown:
            return unknown
        return Verified(found.hashes.get("sha256", ""), found.length, found.custom)
