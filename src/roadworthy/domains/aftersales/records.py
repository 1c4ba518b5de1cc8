"""Get hold of a complaint to change it, and write down that it was changed.

The ledger knows a complaint by its id, its kind and a salted commitment of its words: never the
vehicle, the owner, or what was said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from roadworthy.domains.aftersales import errors
from roadworthy.domains.aftersales.models import Complaint, Message
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role

LONGEST = 5_000  # characters of one text
TO_OWNER, BY_OWNER, INSIDE = "to-owner", "by-owner", "inside"
READERS = (Role.AFTER_SALES, Role.COMPLIANCE_OFFICER)


def locked(complaint_id: int, actor: Actor) -> tuple[Complaint, Witnessed]:
    """Return the actor's complaint with its row locked, and the actor as the ledger names them.

    Raises:
        NoSuchComplaint: nothing has that id, or it is another manufacturer's.
        NotAMember: the actor does not hold the membership they act under.
    """
    by = witnessed(actor)
    found = (
        Complaint.objects.select_for_update(no_key=True, of=("self",))
        .select_related("vehicle", "type")
        .filter(pk=complaint_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None or actor.role not in READERS:
        raise errors.NoSuchComplaint
    return found, by


def said(words: str) -> str:
    """Return words as they are kept.

    Raises:
        NothingSaid: there are none.
        TooManyWords: there are more than can be kept.
    """
    kept = words.replace("\0", "").strip()
    if not kept:
        raise errors.NothingSaid
    if len(kept) > LONGEST:
        raise errors.TooManyWords(length=len(kept), longest=LONGEST)
    return kept


def message(
    complaint: Complaint, direction: str, words: str, *, author_id: int | None, at: datetime
) -> Message:
    """Keep what was said."""
    return Message.objects.create(
        complaint=complaint, direction=direction, words=said(words), author_id=author_id, at=at
    )


def log(event: str, complaint: Complaint, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write one step of a complaint into the ledger, inside the caller's transaction."""
    ledger.record(
        event=event,
        subject=f"complaint/{complaint.pk}",
        actor=by,
        at=at,
        data={"number": complaint.number, **data},
    )


def save(complaint: Complaint, fields: Iterable[str]) -> None:
    """Write the named fields."""
    complaint.save(update_fields=list(fields))
