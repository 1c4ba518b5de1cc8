"""Entries that come back into a log whose database was put back behind it.

All of them or none: together with what is here they have to lead to exactly the root that is known
to be signed. So it does not matter who hands them in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from roadworthy.domains.ledger import holding
from roadworthy.domains.ledger.models import Entry, Leaf, Pending
from roadworthy.domains.ledger.sequencing import LOCK, log
from roadworthy.kernel.errors import Conflict, Invalid
from roadworthy.trust.checkpoints import Checkpoint


class NothingMissing(Conflict):
    code = "nothing-missing"
    message = "This log lacks no entry that is known to be signed."


class NotTheseEntries(Invalid):
    code = "not-these-entries"
    message = "Wanted are the entries {first} to {last} of the log; the file holds others. {why}"


@transaction.atomic(durable=True)
def take_in(rows: Iterable[tuple[int, bytes]], *, head: Checkpoint | None) -> int:
    """Give entries the places that they had; return how many came back.

    ``rows`` are places and canonical bodies; those that are here already are passed over.

    Raises:
        NothingMissing: the log is whole.
        NotTheseEntries: they do not lead to the root that is known.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    tree = log()
    size, root = holding.known(head)
    if size <= tree.size:
        raise NothingMissing
    first = tree.size
    wanted = {index: body for index, body in rows if first <= index < size}
    if sorted(wanted) != list(range(first, size)):
        raise NotTheseEntries(first=first, last=size - 1, why="Some are missing.")
    bodies = [wanted[index] for index in range(first, size)]
    grown = tree.append(bodies)
    if grown.root().hex() != root:
        raise NotTheseEntries(first=first, last=size - 1, why="They lead to another root.")
    entries = [_kept(body) for body in bodies]
    Leaf.objects.bulk_create(
        [Leaf(index=first + place, entry=entry) for place, entry in enumerate(entries)],
        batch_size=1000,
    )
    Pending.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return len(bodies)


def _kept(body: bytes) -> Entry:
    """Return the entry of that body: one that waited here for its place, or a new one."""
    told: dict[str, Any] = json.loads(body)
    waiting = Entry.objects.filter(
        pk__in=Pending.objects.values("pk"), subject=told["subject"], event=told["event"], body=body
    )
    return waiting.first() or Entry.objects.create(
        at=datetime.fromisoformat(told["at"]),
        event=told["event"],
        subject=told["subject"],
        body=body,
    )
