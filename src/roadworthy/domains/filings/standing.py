"""How an approval stands decides about releases: a step of the one is looked at by the other.

Inside the transaction of ``campaigns.standing``, which answers for what is under way as well.
"""

from __future__ import annotations

from datetime import datetime

from roadworthy.domains.access.models import Approval
from roadworthy.domains.filings import assessment, gate
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State

_OPEN = (State.DRAFT, State.FROZEN, State.SIGNED)


def ask_again(approval: Approval, *, platform: Platform, by: ledger.Named, at: datetime) -> None:
    """Ask about the open releases of an approval's type again, after it was moved.

    A suspended or revoked approval keeps the gate of every release of its type shut; with the
    resumption a gate at which nothing else is missing opens.
    """
    concerned = Release.objects.select_for_update(no_key=True).filter(
        pk__in=Release.objects.filter(types=approval.type_id, state__in=_OPEN).values("pk")
    )
    for release in concerned.order_by("pk"):
        assessment.assess(release, by=by, at=at)
        gate.open_gate(release, platform=platform, at=at)
