"""Which row here a matter is about: where the reader of a message goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roadworthy.domains.exchange import cargo_filings, cargo_incidents, cargo_recalls
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.incidents.models import Copy, Incident
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.recalls.models import RecallNotice

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Deployment, Peer

FILING, INCIDENT, NOTICE = "filing", "incident", "recall-notice"
# A recall that is supervised is named by the filing of its plan.
_FILED = (cargo_filings.MATTER, cargo_recalls.RECALL)


def of(matter: str, own: Deployment, peer: Peer) -> tuple[str, int] | None:
    """Return the page of the own portal, and its row; None: nothing here has one.

    Numbers are the manufacturer's: at an authority they are those of whose deployment the peer is.
    """
    kind, _slash, number = matter.partition("/")
    is_maker = own.organisation.kind == Kind.MANUFACTURER
    maker_id = own.organisation_id if is_maker else peer.organisation_id
    if kind == cargo_recalls.NOTICE:
        given = RecallNotice.objects.filter(manufacturer_id=maker_id, number=number)
        return _page(NOTICE, given.values_list("pk", flat=True).first())
    if kind in _FILED:
        filings = Filing.objects.filter(manufacturer_id=maker_id, number=number)
        return _page(FILING, filings.values_list("pk", flat=True).first())
    if kind != cargo_incidents.MATTER:
        return None
    if is_maker:
        incidents = Incident.objects.filter(manufacturer_id=maker_id, number=number)
        return _page(INCIDENT, incidents.values_list("pk", flat=True).first())
    copies = Copy.objects.filter(
        authority_id=own.organisation_id,
        report__incident__manufacturer_id=maker_id,
        report__incident__number=number,
    )
    return _page(INCIDENT, copies.order_by("-pk").values_list("pk", flat=True).first())


def _page(kind: str, found: int | None) -> tuple[str, int] | None:
    return (kind, found) if found is not None else None
