"""What a kind of message is: its versions, the shape of each, and what it does when it comes.

A version, once sent, stays readable: a field is added with a default or not at all; what does not
fit that is the next version, with a ``read`` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from roadworthy.domains.exchange.errors import BodyUnreadable, UnknownKind
from roadworthy.domains.exchange.identity import Identity
from roadworthy.domains.filings.platform import Platform

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Peer

B = TypeVar("B", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Received(Generic[B]):
    """A message whose signature, place and shape are right, as its kind's ``apply`` gets it."""

    peer: Peer
    matter: str
    sequence: int
    kind: str
    version: int
    at: datetime  # when the peer wrote it
    received_at: datetime
    body: B
    blobs: tuple[str, ...]  # SHA-256 of the files that it names
    sha256: str  # of its payload
    incoming_id: int
    platform: Platform
    files: Callable[[str], Path]  # of a named file; raises NotYet while it is not here
    identity: Identity | None = None  # the keys by which this deployment speaks


@dataclass(frozen=True, slots=True)
class Said(Generic[B]):
    """A message of our own that a peer gave back, because our database has forgotten it."""

    peer: Peer
    matter: str
    kind: str
    body: B
    at: datetime  # when we wrote it


@dataclass(frozen=True, slots=True)
class Kind(Generic[B]):
    """One version of one kind of message."""

    name: str  # "filing.submitted"
    version: int
    schema: type[B]  # msgspec Struct: of what type each field of the body is
    apply: Callable[[Received[B], datetime], None]
    # Let what we had said ourselves hold again after a restore; None: there is nothing to do.
    regain: Callable[[Said[B], datetime], None] | None = None

    def read(self, body: Mapping[str, Any]) -> B:
        """Return the body in the kind's shape.

        Raises:
            BodyUnreadable: a field is missing or of another type.
        """
        try:
            return msgspec.convert(body, self.schema)
        except msgspec.ValidationError as wrong:
            raise BodyUnreadable(kind=self.name, reason=str(wrong)) from None


class Registry:
    """The kinds that this deployment knows."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self._kinds = {(kind.name, kind.version): kind for kind in kinds}

    def __iter__(self) -> Iterator[Kind[Any]]:
        return iter(self._kinds.values())

    def get(self, name: str, version: int) -> Kind[Any]:
        """Return a kind.

        Raises:
            UnknownKind: the peer's deployment is newer than this one.
        """
        found = self._kinds.get((name, version))
        if found is None:
            raise UnknownKind(kind=name, version=version)
        return found

    def versions(self, name: str) -> list[int]:
        """Return the versions of a kind that are written and read here, in order.

        Raises:
            UnknownKind: there is none.
        """
        found = sorted(version for kind, version in self._kinds if kind == name)
        if not found:
            raise UnknownKind(kind=name, version=0)
        return found

    def told(self) -> dict[str, list[int]]:
        """Return all kinds with their versions, as a peer is told."""
        names = sorted({name for name, _ in self._kinds})
        return {name: self.versions(name) for name in names}
