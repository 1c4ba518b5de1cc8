"""Go on with a line that was halted, when people on both sides have found out why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.exchange import identity, outbox
from roadworthy.domains.exchange.errors import DecideFirst, NoSuchLine
from roadworthy.domains.exchange.models import Line
from roadworthy.domains.exchange.states import ANSWERABLE, Halt
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, NotAMember, witnessed


@transaction.atomic(durable=True)
def go_on(*, line_id: int, actor: Actor, at: datetime) -> Line:
    """Let a halted line go on with what was first kept; a contradiction halts it again.

    Raises:
        NotAMember, NoSuchLine.
        DecideFirst: a message on it cannot take effect; somebody decides about that.
    """
    by = witnessed(actor)
    if actor.role not in ANSWERABLE:
        raise NotAMember(role=actor.role)
    line = (
        Line.objects.select_for_update(no_key=True, of=("self",))
        .select_related("peer")
        .filter(pk=line_id)
        .exclude(halted="")
        .first()
    )
    if line is None or actor.organisation_id != identity.own().organisation_id:
        raise NoSuchLine
    if line.halted == Halt.DEAD_LETTER:
        raise DecideFirst
    before, line.halted, line.halted_at = line.halted, "", None
    if line.direction == Line.IN and line.applied < line.last:
        line.next_at = at
    line.save(update_fields=["halted", "halted_at", "next_at"])
    ledger.record(
        event="exchange:line:resumed",
        subject=f"peer/{line.peer.name}",
        actor=by,
        at=at,
        data={"matter": line.matter, "direction": line.direction, "reason": before},
    )
    outbox.ring()
    return line
