"""After a database was put back: it says so, and so does its log, whose key is known from files."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from roadworthy.domains.ledger import sequencing
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.ledger.models import Restoration
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.trust import keys, notes
from roadworthy.trust.checkpoints import Checkpoint
from roadworthy.trust.keys import Keystore

_ROOM = 1000  # rows that one step makes at the most, imports of whole fleets aside


def log_key(home: Path) -> notes.Verifier | None:
    """Return the key of a home's log; None where the platform has no keys yet."""
    index = home / "keys" / "platform.json"
    if not index.exists():
        return None
    told = json.loads(index.read_text())
    public = Keystore(home / "keys").public(told["log"])
    return notes.Verifier(told["origin"], notes.Kind.ED25519, keys.ed25519_public_bytes(public))


@transaction.atomic(durable=True)
def record(
    *,
    restored_to: datetime | None,
    found_size: int,
    brought_back: int,
    known: Checkpoint | None,
    at: datetime,
) -> Restoration:
    """Keep that the database was restored; the sequencer is held until the log is whole again.

    ``found_size`` are the log's entries as the database had them, ``brought_back`` those that came
    from the archive behind it, ``known`` the newest checkpoint that anybody has.
    """
    size = sequencing.log().size
    if known is not None and known.size > size:
        _leave_room(known.size - size)
    row = Restoration.objects.create(
        at=at,
        restored_to=restored_to,
        found_size=found_size,
        brought_back=brought_back,
        known_size=known.size if known else size,
        known_root=known.root.hex() if known else sequencing.log().root().hex(),
    )
    ledger.record(
        event="deployment:restored",
        subject="deployment",
        actor=witnessed(PLATFORM),
        at=at,
        data={
            "to": ledger.instant(restored_to) if restored_to else "",
            "found": found_size,
            "brought_back": brought_back,
            "known": row.known_size,
            "epoch": Restoration.objects.count(),
        },
    )
    return row


def _leave_room(missing: int) -> None:
    """Do not give again the numbers that missing entries may speak of: "filing/7" is one filing.

    What came back from the archive told its numbers; of what is missing nobody knows them. Where
    none was given before the moment, some may have been after it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, "
            "last + least(%s, (max_value - last) / 2)) "  # room for the numbers to come as well
            "FROM pg_sequences, LATERAL (SELECT coalesce(last_value, start_value) AS last) AS _ "
            "WHERE schemaname = 'public'",
            [missing * _ROOM],
        )
