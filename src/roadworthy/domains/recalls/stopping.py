"""Orders to stop: one for every plant, dealer and importer, at once, with what shows the rest.

* Who is registered as a site when a defect is confirmed has an order in the same transaction.
* A site that is registered later gets the orders of every defect that is still confirmed.
* What the orders show is stated for the releases that remove the defect, with its documents.
* An order is lifted by a compliance officer with a document; vehicles stay locked all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.filings import stopping as statements
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import duties, errors, records
from roadworthy.domains.recalls.models import Defect, PlanRelease, RecallPlan, Site, StopOrder
from roadworthy.domains.recalls.moving import move
from roadworthy.domains.recalls.states import STOP_ORDER, PlanState, State, StopAct, StopState
from roadworthy.domains.software.states import State as Life
from roadworthy.kernel.transitions import WrongRole

PARTS: Mapping[str, str] = {"plant": "production", "dealer": "sale", "importer": "import"}
STOPPED = frozenset({State.CONFIRMED, State.RECALL_PLANNED})
_REGISTRARS = frozenset({Role.RECALL, Role.COMPLIANCE_OFFICER})


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site to register. ``kind``: plant, dealer or importer."""

    kind: str
    code: str
    name: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows that an order came or was carried out."""

    words: str
    document_sha256: str = ""  # of the documents domain


@transaction.atomic(durable=True)
def register_sites(*, rows: Iterable[SiteRow], actor: Actor, at: datetime) -> int:
    """Register plants, dealers and importers, or correct them; return how many there are new.

    Raises:
        NotAMember, WrongRole.
        WrongSite: a row has no code or name, or its kind is none.
    """
    by = witnessed(actor)
    if actor.role not in _REGISTRARS or actor.organisation_id is None:
        raise WrongRole(roles=", ".join(sorted(_REGISTRARS)), action="register")
    made = []
    for row in rows:
        if row.kind not in PARTS or not row.code.strip() or not row.name.strip():
            raise errors.WrongSite(code=row.code or "–", kind=row.kind or "–")
        site, is_new = Site.objects.update_or_create(
            manufacturer_id=actor.organisation_id,
            code=row.code.strip(),
            defaults={
                "kind": row.kind,
                "name": row.name.strip(),
                "contact": row.contact.strip(),
                "closed_at": None,
            },
        )
        if is_new:
            made.append(site)
    for defect in Defect.objects.filter(
        manufacturer_id=actor.organisation_id, state__in=STOPPED
    ).order_by("pk"):
        if _issue(defect, made, by, at):
            tell(defect, by, at)
    ledger.record(
        event="recall-sites:registered",
        subject=f"organisation/{actor.organisation_id}",
        actor=by,
        at=at,
        data={"new": len(made)},
    )
    return len(made)


def issue(defect: Defect, by: ledger.Named, at: datetime) -> int:
    """Order every site to stop, inside the transaction that confirms; return how many orders."""
    sites = Site.objects.filter(manufacturer_id=defect.manufacturer_id, closed_at__isnull=True)
    return _issue(defect, list(sites.order_by("pk")), by, at)


@transaction.atomic(durable=True)
def take(act: StopAct, *, order_id: int, shown: Shown, actor: Actor, at: datetime) -> StopOrder:
    """Note that an order was received or carried out, or lift it; with what shows it.

    Raises:
        NoSuchOrder, NotAMember, WrongState, WrongRole.
        EvidenceMissing: nothing shows it.
        NoSuchDocument: the manufacturer has handed in no such document.
    """
    by = witnessed(actor)
    order = (
        StopOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("defect", "site")
        .filter(pk=order_id, defect__manufacturer_id=actor.organisation_id)
        .first()
    )
    if order is None:
        raise errors.NoSuchOrder
    proof = _proof(order, act, shown, at)
    field = {
        StopAct.RECEIVE: "received_at",
        StopAct.EXECUTE: "executed_at",
        StopAct.LIFT: "lifted_at",
    }[act]
    setattr(order, field, at)
    order.evidence = [*order.evidence, proof]
    step = move(order, act, actor.role, field, "evidence")
    records.log(
        "stop-order:changed",
        order.defect,
        by,
        at,
        site=order.site.code,
        part=order.part,
        document_sha256=proof["sha256"],
        **step,
    )
    duties.settle(order.defect, at)
    tell(order.defect, by, at)
    return order


def tell(defect: Defect, by: ledger.Named, at: datetime) -> None:
    """State what orders show for the releases that remove a defect, inside the transaction."""
    linked = PlanRelease.objects.filter(plan__defect=defect).exclude(
        plan__state=PlanState.WITHDRAWN
    )
    going = linked.exclude(release__state=Life.WITHDRAWN).values_list("release_id", flat=True)
    for release_id in sorted(set(going)):
        statements.shown(release_id, orders=_shown(release_id), by=by, at=at)


def _issue(defect: Defect, sites: Iterable[Site], by: ledger.Named, at: datetime) -> int:
    orders = [
        StopOrder(
            defect=defect,
            site=site,
            part=PARTS[site.kind],
            state=STOP_ORDER.initial,
            issued_at=at,
        )
        for site in sites
    ]
    StopOrder.objects.bulk_create(orders, ignore_conflicts=True, batch_size=1000)
    if orders:
        records.log(
            "stop-order:issued",
            defect,
            by,
            at,
            sites=sorted(order.site.code for order in orders),
        )
    return len(orders)


def _shown(release_id: int) -> statements.Orders:
    """Return what the orders show of every defect that a release removes, taken together."""
    plans = RecallPlan.objects.filter(releases__release=release_id)
    plans = plans.exclude(state=PlanState.WITHDRAWN)
    defects = Defect.objects.filter(pk__in=plans.values("defect")).order_by("number")
    known = [duties.stops(one) for one in defects]
    facts = {
        name: all(one[name] for one in known if name in one)
        for name in (statements.PRODUCTION, statements.SALE)
        if any(name in one for one in known)
    }
    carried_out = StopOrder.objects.filter(defect__in=defects, state=StopState.EXECUTED)
    proofs = [proof for one in carried_out.order_by("pk") for proof in one.evidence]
    documents = sorted({proof["sha256"] for proof in proofs if proof["sha256"]})
    return statements.Orders([one.number for one in defects], facts, documents)


def _proof(order: StopOrder, act: StopAct, shown: Shown, at: datetime) -> dict[str, str]:
    words = shown.words.strip()
    if not shown.document_sha256 and (act != StopAct.RECEIVE or not words):
        raise errors.EvidenceMissing
    filename = ""
    if shown.document_sha256:
        found = documents.document(order.defect.manufacturer_id, shown.document_sha256)
        filename = found.filename
    return {
        "act": act,
        "at": ledger.instant(at),
        "words": words,
        "sha256": shown.document_sha256,
        "filename": filename,
    }
