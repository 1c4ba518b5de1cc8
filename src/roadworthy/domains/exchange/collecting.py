"""What peers must hear: read from our own log, in its order, each entry once.

* The steps themselves know nothing of the exchange. What they wrote into the log is looked at
  here, and what concerns somebody elsewhere becomes a message, in the transaction that moves the
  mark on: no step is told twice, none is left out.
* What somebody elsewhere did stands in our log too, in their name; it is never told back to them.
  Nor is what our organisation did before a restore and peers gave back: that names nobody here.
* Steps that a restored database does not hold any more are passed over: peers were told of them,
  and give our words back (``recovering``).
* A filing that was handed in before its authority's deployment was confirmed is told when it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.db import transaction

from roadworthy.domains.exchange import (
    identity,
    telling,
    telling_incidents,
    telling_recalls,
    telling_reports,
)
from roadworthy.domains.exchange.models import Collected
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger.models import Leaf
from roadworthy.domains.ledger.queries import Told
from roadworthy.domains.organisations.models import Organisation

BATCH: Final = 500
Teller = Callable[[Told], None]


def _confirmed(told: Told) -> None:
    """Tell a peer that was just confirmed what was meant for it before."""
    peer = telling.confirmed(told)
    if peer is not None:
        telling.earlier(peer, told)
        telling_reports.earlier(peer, told)
        telling_incidents.earlier(peer, told)
        telling_recalls.earlier(peer, told)


TELLERS: Final[Mapping[str, Teller]] = {
    "filing:state:changed": telling.filing_moved,
    "filing:candidate:signed": telling.candidate_signed,
    "release:candidate:renewed": telling.candidate_renewed,
    "filing:question:asked": telling.question_asked,
    "filing:question:answered": telling.question_answered,
    "filing:question:taken-back": telling.question_taken_back,
    "key:created": telling.keys_changed,
    "key:revoked": telling.keys_changed,
    "incident:reported": telling_incidents.reported,
    "incident:acknowledged": telling_incidents.acknowledged,
    "incident:asked": telling_incidents.asked,
    "incident:answered": telling_incidents.answered,
    "recall-notice:issued": telling_recalls.issued,
    "recall-notice:changed": telling_recalls.changed,
    "recall-notice:received": telling_recalls.arrived,
    "recall-notice:served": telling_recalls.served,
    "recall:supervised": telling_recalls.supervised,
    "test-report:state:changed": telling_reports.moved,
    "peer:state:changed": _confirmed,
}


def collect() -> int:
    """Tell peers what the log says since the last time; return how many entries were looked at."""
    if identity.find() is None:
        return 0
    looked = 0
    while count := _batch():
        looked += count
    return looked


@transaction.atomic(durable=True)
def _batch() -> int:
    Collected.objects.get_or_create(only=True)
    mark = Collected.objects.select_for_update().get(only=True)
    leaves = list(
        Leaf.objects.select_related("entry")
        .filter(index__gte=mark.next_leaf)
        .order_by("index")[:BATCH]
    )
    if not leaves:
        return 0
    gone = ledger.gone()
    concerned = [
        one.entry
        for one in leaves
        if one.entry.event in TELLERS and not any(one.index in part for part in gone)
    ]
    elsewhere = set(Organisation.objects.exclude(deployment="").values_list("slug", flat=True))
    for told in ledger.told(concerned):
        if told.actor.get("organisation") not in elsewhere and not _is_regained(told):
            TELLERS[told.event](told)
    mark.next_leaf = leaves[-1].index + 1
    mark.save(update_fields=["next_leaf"])
    return len(leaves)


def _is_regained(told: Told) -> bool:
    return told.actor.get("organisation") is not None and told.actor.get("commitment") is None
