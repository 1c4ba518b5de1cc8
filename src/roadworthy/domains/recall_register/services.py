"""Enter a recall into the public register. SAMR's people and systems do; others are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.recall_register import entering, importing
from roadworthy.domains.recall_register.models import Recall
from roadworthy.domains.recall_register.records import Details
from roadworthy.domains.recall_register.states import Origin


class Done(NamedTuple):
    """The recall as it stands, and what the entry did to it."""

    recall: Recall
    is_new: bool
    is_changed: bool


@transaction.atomic(durable=True)
def enter_recall(
    *, details: Details, models: Sequence[str] = (), actor: Actor, at: datetime
) -> Done:
    """Enter a recall, or amend the one that is known under its number.

    Raises:
        NotTheRegister, NotAMember: the actor does not enter recalls.
    """
    by = importing.rights(actor)
    entered = entering.enter({details.key: details}, origin=Origin.API, at=at)
    recall = Recall.objects.get(pk=entered.ids[details.key])
    names = models or (details.products,)
    entering.add_products((recall.pk, details.maker[:200], n[:300], None) for n in names if n)
    if entered.new or entered.changed:
        event = "recall-register:entered" if entered.new else "recall-register:amended"
        ledger.record(
            event=event,
            subject=f"register/{recall.pk}",
            actor=by,
            at=at,
            data={
                "authority": recall.authority,
                "number": recall.number,
                "revision": recall.revision,
                "content": details.content,
            },
        )
    return Done(recall, bool(entered.new), bool(entered.changed))
