"""Open a matter of the other authority's, for one purpose; each attempt is kept before its answer.

The record is committed first, and the content read after that: what was shown was recorded, and a
refusal is recorded although the answer is that there is no such matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor, NotAMember, witnessed
from roadworthy.domains.organisations.roles import KIND_OF_ROLE
from roadworthy.domains.sharing import matters
from roadworthy.domains.sharing.errors import NoSuchMatter
from roadworthy.domains.sharing.matters import Head
from roadworthy.domains.sharing.models import Look
from roadworthy.domains.sharing.policy import OTHER, Grant, Matter, Purpose, policy
from roadworthy.kernel.calendar import legal_day


@dataclass(frozen=True, slots=True)
class Offered:
    """A matter that may be opened, the purposes for which, and what shares it."""

    head: Head
    purposes: Sequence[Purpose]
    grants: Sequence[Grant]


@dataclass(frozen=True, slots=True)
class Opened:
    """A matter as it was opened once, for one purpose."""

    head: Head
    look: Look
    purpose: Purpose
    grants: Sequence[Grant]
    content: Mapping[str, Any]

    @property
    def parts(self) -> frozenset[str]:
        """Return what of it is shared for this purpose."""
        return frozenset().union(*(one.parts for one in self.grants))


def offer(*, matter: Matter, matter_id: int, actor: Actor, at: datetime) -> Offered:
    """Return for what a matter may be opened. A refusal is kept, an offer is no look.

    Raises:
        NoSuchMatter: there is none, or it is not shared with the actor.
        NotAMember.
    """
    found, grants = _shared(matter, matter_id, "", actor, at)
    if found is None or not grants:
        _kept(matter, matter_id, "", found, (), actor, at)
        raise NoSuchMatter
    asked = policy().purposes_for(matter, grants[0].of, on=legal_day(at))
    return Offered(found, asked, grants)


def look(*, matter: Matter, matter_id: int, purpose: str, actor: Actor, at: datetime) -> Opened:
    """Open a matter of the other authority's for one purpose, and keep who looked at what and why.

    Raises:
        NoSuchMatter: there is none, or it is not shared with the actor for that.
        NotAMember.
    """
    found, grants = _shared(matter, matter_id, purpose, actor, at)
    row = _kept(matter, matter_id, purpose, found, grants, actor, at)
    if found is None or not row.granted:
        raise NoSuchMatter
    parts = frozenset().union(*(one.parts for one in grants))
    told = matters.content(found, parts)
    return Opened(found, row, policy().purposes[purpose], grants, told)


def _shared(
    matter: Matter, matter_id: int, purpose: str, actor: Actor, at: datetime
) -> tuple[Head | None, Sequence[Grant]]:
    """Return the matter, if there is one, and what shares it with the actor for the purpose."""
    kind = KIND_OF_ROLE.get(actor.role)
    found = matters.head(matter, matter_id)
    if found is None or kind not in OTHER:
        return found, ()
    # Two authorities share: those of this deployment. Whoever else is of their kind is neither.
    reader, owner = organisations.authority(kind), organisations.authority(OTHER[kind])
    ours = reader is not None and reader.pk == actor.organisation_id
    if not ours or owner is None or found.owner.pk != owner.pk:
        return found, ()
    return found, policy().found(matter, OTHER[kind], on=legal_day(at), purpose=purpose)


@transaction.atomic(durable=True)
def _kept(
    matter: Matter,
    matter_id: int,
    purpose: str,
    found: Head | None,
    grants: Sequence[Grant],
    actor: Actor,
    at: datetime,
) -> Look:
    by = witnessed(actor)
    if actor.organisation_id is None:
        raise NotAMember(role=actor.role)
    granted = bool(found and grants and purpose)
    # Somebody's own matter is refused here, too: it has a page of its own, and is no look.
    row = Look.objects.create(
        authority_id=actor.organisation_id,
        by_id=actor.person_id,
        at=at,
        matter=matter,
        matter_id=matter_id,
        purpose=purpose if purpose in policy().purposes else "",
        basis=" ".join(one.key for one in grants) if granted else "",
        granted=granted,
        owner=found.owner if found else None,
        number=found.number if found else "",
    )
    # The log is public: of a refusal it holds no more than was asked for.
    data = {"matter": f"{matter}/{matter_id}", "purpose": row.purpose}
    if granted and found:
        data |= {"basis": row.basis, "owner": found.owner.slug}
    ledger.record(
        event="matter:looked-at" if granted else "matter:look-refused",
        subject=f"look/{row.pk}",
        actor=by,
        at=at,
        data=data,
    )
    return row
