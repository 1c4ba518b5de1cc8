"""That production and sale of a defective product have stopped, as its manufacturer states it.

An update that removes a defect does not pass the gate before that: N45 三（七）, REG626 第十二条.
The statement is the compliance officer's, with a document that shows it; the log has its digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings import assessment, gate
from roadworthy.domains.filings.errors import NothingToStop
from roadworthy.domains.filings.platform import Platform
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


def concerns(release: Release) -> bool:
    """Say whether a release removes a defect, so that production and sale have to stop."""
    return Label.DEFECT_REMEDY in release.labels and State(release.state) in _LATER


def stated(release: Release) -> Mapping[str, bool]:
    """Return what was stated last; nothing while nobody has stated anything."""
    latest = Evaluation.objects.filter(release=release).order_by("-id").first()
    given = latest.stated if latest else {}
    return {name: given[name] for name in (PRODUCTION, SALE) if name in given}
