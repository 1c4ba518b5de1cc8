"""That production and sale of a defective product have stopped, as its manufacturer states it.

An update that removes a defect does not pass the gate before that: N45 三（七）, REG626 第十二条.

* Orders to plants and dealers that are carried out state it by themselves, each with its document.
* The compliance officer states it by hand, with a document; what was stated last holds. Only an
  order that is still open does not take back what a person has stated.
* The log has the digests of what shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings import assessment, gate
from roadworthy.domains.filings.errors import NothingToStop
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.ledger import queries as log
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Evaluation, Release
from roadworthy.domains.software.states import State
from roadworthy.kernel.transitions import WrongRole
from roadworthy.law.labels import Label

PRODUCTION, SALE = "production_stopped", "sale_stopped"  # facts of the rulebook
_LATER = frozenset({State.FROZEN, State.SIGNED, State.RELEASED})


@dataclass(frozen=True, slots=True)
class Shown:
    """The document that shows it: an order to plants and dealers, or what they answered."""

    filename: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Orders:
    """What the orders to stop show of the defects that a release removes."""

    defects: Sequence[str]  # their numbers
    facts: Mapping[str, bool]  # PRODUCTION and SALE, as far as anybody was ordered to stop it
    documents: Sequence[str]  # SHA-256 of what shows it


@transaction.atomic(durable=True)
def state(
    *,
    release_id: int,
    production: bool,
    sale: bool,
    shown: Shown,
    store: DocumentStore,
    platform: Platform,
    actor: Actor,
    at: datetime,
) -> bool:
    """State what has stopped, or that it goes on again; return whether the gate opened with it.

    Raises:
        NoSuchRelease, NotAMember, WrongRole.
        NothingToStop: the release removes no defect, or its content is not fixed.
        What ``documents.keep`` raises: the file cannot be taken.
    """
    release, by = software.locked(release_id, actor)
    if actor.role != Role.COMPLIANCE_OFFICER:
        raise WrongRole(roles=(Role.COMPLIANCE_OFFICER,), action="state")
    if not concerns(release):
        raise NothingToStop(number=release.number)
    document = documents.kept(
        organisation_id=release.manufacturer_id,
        filename=shown.filename,
        content=shown.content,
        store=store,
        actor=actor,
        at=at,
    )
    ledger.record(
        event="release:stop-stated",
        subject=f"release/{release.pk}",
        actor=by,
        at=at,
        release_id=release.pk,
        data={PRODUCTION: production, SALE: sale, "document_sha256": document.sha256},
    )
    assessment.assess(release, by=by, at=at, stated={PRODUCTION: production, SALE: sale})
    return gate.open_gate(release, platform=platform, at=at)


def shown(release_id: int, *, orders: Orders, by: ledger.Named, at: datetime) -> bool:
    """State what orders show now and did not show before; inside the caller's transaction.

    Returns whether something was stated. The gate is asked by ``upkeep``.
    """
    release = Release.objects.select_for_update(no_key=True).get(pk=release_id)
    before = _newest(release, "release:stop-shown").get("shown", {})
    by_hand = _newest(release, "release:stop-stated")
    news = {
        name: is_so
        for name, is_so in orders.facts.items()
        if before.get(name) != is_so and (is_so or not by_hand.get(name))
    }
    if not news:
        return False
    ledger.record(
        event="release:stop-shown",
        subject=f"release/{release.pk}",
        actor=by,
        at=at,
        release_id=release.pk,
        data={
            "defects": list(orders.defects),
            "shown": dict(orders.facts),
            "documents_sha256": list(orders.documents),
        },
    )
    assessment.assess(release, by=by, at=at, stated=news)
    return True


def last_shown(release: Release) -> Orders | None:
    """Return what orders showed when they last stated something, if they ever did."""
    data = _newest(release, "release:stop-shown")
    return Orders(data["defects"], data["shown"], data["documents_sha256"]) if data else None


def concerns(release: Release) -> bool:
    """Say whether a release removes a defect, so that production and sale have to stop."""
    return Label.DEFECT_REMEDY in release.labels and State(release.state) in _LATER


def stated(release: Release) -> Mapping[str, bool]:
    """Return what was stated last; nothing while nobody has stated anything."""
    latest = Evaluation.objects.filter(release=release).order_by("-id").first()
    given = latest.stated if latest else {}
    return {name: given[name] for name in (PRODUCTION, SALE) if name in given}


def _newest(release: Release, event: str) -> Mapping[str, Any]:
    told = log.newest(f"release/{release.pk}", event)
    return told.data if told else {}
