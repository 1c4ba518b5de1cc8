"""What the other authority has decided about the same content, told by its own deployment.

It is told so that both know; it decides nothing here. An acceptance is believed by the other
authority's signature over the digest, which is verified when it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from roadworthy.domains.filings import signing
from roadworthy.domains.filings.errors import NotAddressed, ReceiptRefused
from roadworthy.domains.filings.models import Filing, OtherDecision
from roadworthy.domains.filings.states import Action, Kind
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.trust import dsse

_REVIEWER = {Party.MIIT: Role.MIIT_REVIEWER, Party.SAMR: Role.SAMR_REVIEWER}


@dataclass(frozen=True, slots=True)
class Decided:
    """What the other authority's deployment says."""

    manufacturer: str  # short name
    number: str
    kind: Kind
    dossier_sha256: str
    action: Action
    decided_at: datetime
    receipt: str


def noted(told: Decided, *, authority: Organisation, at: datetime) -> OtherDecision:
    """Keep what the other authority has decided; inside the caller's transaction.

    Raises:
        NotAddressed: its sender is no authority elsewhere.
        ReceiptRefused: it says that it accepted, and has not signed that.
    """
    role = _REVIEWER.get(Party(authority.kind))
    if role is None or not authority.is_remote:
        raise NotAddressed
    if told.action == Action.ACCEPT:
        _check(told, authority)
    kept = OtherDecision.objects.create(
        authority=authority,
        manufacturer=told.manufacturer,
        number=told.number,
        kind=told.kind,
        dossier_sha256=told.dossier_sha256,
        decision=told.action,
        decided_at=told.decided_at,
        receipt=told.receipt,
        received_at=at,
    )
    ledger.record(
        event="filing:other-decision:noted",
        subject=f"other-decision/{kept.pk}",
        actor=remote.named(authority, role),
        at=at,
        data={
            "number": told.number,
            "kind": told.kind,
            "authority": authority.slug,
            "manufacturer": told.manufacturer,
            "dossier_sha256": told.dossier_sha256,
            "decision": told.action,
        },
    )
    return kept


def about(filing: Filing) -> Sequence[OtherDecision]:
    """Return what others elsewhere decided about the very content of a filing, newest first."""
    found = OtherDecision.objects.select_related("authority").filter(
        manufacturer=filing.manufacturer.slug,
        kind=filing.dossier.kind,
        dossier_sha256=filing.dossier.sha256,
    )
    return tuple(found.order_by("-decided_at", "-pk"))


def _check(told: Decided, authority: Organisation) -> None:
    purpose = signing.PURPOSE_OF_FILING[told.kind]
    key = organisations.live_key(authority.pk, purpose)
    keys = [signing.public(key)] if key else []
    try:
        said = dsse.open_envelope(told.receipt.encode(), keys)
    except (dsse.NotAttested, dsse.EnvelopeMalformed) as error:
        raise ReceiptRefused(number=told.number, reason=str(error)) from None
    holds = (
        {one.sha256 for one in said.subjects} == {told.dossier_sha256}
        and said.predicate_type == signing.PREDICATE_OF_PURPOSE[purpose]
        and said.predicate.get("number") == told.number
        and said.predicate.get("manufacturer") == told.manufacturer
        and said.predicate.get("accepted_at") == ledger.instant(told.decided_at)
    )
    if not holds:
        raise ReceiptRefused(number=told.number, reason="it says something else")
