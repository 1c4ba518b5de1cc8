"""The policies by which this host judges what vehicles send: those that it has delivered itself.

A policy is an image like any other, kept under its digest. Only what was classified, filed and
signed becomes a deployment, so a policy that some deployment delivers has gone that way. One whose
deployments were all stopped counts no more.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path

from roadworthy.egress import policy
from roadworthy.egress.filtering import Filter
from roadworthy.gateway.model import Model
from roadworthy.gateway.settings import Settings
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import DomainError

MOST_KEPT = 64


class Policies:
    def __init__(self, settings: Settings, model: Model) -> None:
        self._images = settings.images
        self._model = model
        self._kept: OrderedDict[str, Filter] = OrderedDict()

    async def filter_of(self, tenant: str, digest: str) -> Filter | None:
        """Return the filter of a manufacturer's policy, or nothing if it does not count here."""
        if not self._model.is_delivered(digest):
            return None
        found = self._kept.get(digest)
        if found is None:
            found = await asyncio.to_thread(_read, self._images / digest[:2] / digest, digest)
            if found is None:
                return None
            self._kept[digest] = found
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(digest)
        is_theirs = found.policy is not None and found.policy.manufacturer == tenant
        return found if is_theirs else None


def _read(path: Path, digest: str) -> Filter | None:
    try:
        content = path.read_bytes() if path.stat().st_size <= policy.LARGEST_BYTES else b""
    except OSError:
        return None
    if sha256_hex(content) != digest:
        return None
    try:
        return Filter(policy.parse(content))
    except DomainError:  # an image of something else
        return None
