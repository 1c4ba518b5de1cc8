"""Write the ledger. Called inside the caller's transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import transaction

from roadworthy.domains.ledger.models import Entry, Pending
from roadworthy.kernel.canonical import canonical

FORMAT = 1


class Named(Protocol):
    """Who acted, in the form that may stand in a public log."""

    def as_json(self) -> Mapping[str, str | None]:
        """Return role, organisation and commitment."""


@dataclass(frozen=True)
class Step:
    """One step to write down. ``data`` is public for ever: no personal data."""

    event: str  # "filing:state:changed"
    subject: str  # "filing/7"
    actor: Named
    at: datetime
    release_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return the canonical bytes that the log commits to."""
        return canonical(
            {
                "v": FORMAT,
                "event": self.event,
                "subject": self.subject,
                "actor": dict(self.actor.as_json()),
                "at": instant(self.at),
                "data": dict(self.data),
            }
        )


def record(
    *,
    event: str,
    subject: str,
    actor: Named,
    at: datetime,
    release_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one entry; refuse to do so outside a transaction."""
    return record_many([Step(event, subject, actor, at, release_id, data or {})])[0]


def record_many(steps: Iterable[Step]) -> list[Entry]:
    """Append entries in the order given; refuse to do so outside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a ledger entry belongs inside the transaction it describes")
    entries = Entry.objects.bulk_create(
        [
            Entry(
                at=step.at,
                event=step.event,
                subject=step.subject,
                release_id=step.release_id,
                body=step.body(),
            )
            for step in steps
        ],
        batch_size=1000,
    )
    Pending.objects.bulk_create([Pending(entry=entry) for entry in entries], batch_size=1000)
    return entries


def instant(at: datetime) -> str:
    """Return ``at`` as RFC 3339 in UTC with microseconds, the one form used in the log."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
