"""Get hold of an incident to change it, say what is known, and write down that it was changed.

* A statement carries two moments: when the manufacturer learned it, and when it was written down.
* The ledger knows statements by their names and a salted commitment of their values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from roadworthy.domains.incidents import errors, fields, likeness
from roadworthy.domains.incidents.models import Account, Incident, Known
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.ledger.models import Entry as LedgerEntry
from roadworthy.domains.organisations.actors import Actor, Witnessed, commitment, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.canonical import canonical

LONGEST = fields.LONGEST
READERS = (Role.SAFETY, Role.COMPLIANCE_OFFICER)
_PLACES = 2  # of a degree: about a kilometre


def locked(incident_id: int, actor: Actor) -> tuple[Incident, Witnessed]:
    """Return the actor's incident with its row locked, and the actor as the ledger names them.

    Raises:
        NoSuchIncident: nothing has that id, it is another manufacturer's, or not for this role.
        NotAMember: the actor does not hold the membership they act under.
    """
    by = witnessed(actor)
    found = (
        Incident.objects.select_for_update(no_key=True, of=("self",))
        .select_related("manufacturer", "vehicle", "type", "function")
        .filter(pk=incident_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None or actor.role not in READERS:
        raise errors.NoSuchIncident
    return found, by


def said(words: str) -> str:
    """Return words as they are kept.

    Raises:
        WordsMissing, TooManyWords.
    """
    kept = words.replace("\0", "").strip()
    if not kept:
        raise errors.WordsMissing
    if len(kept) > LONGEST:
        raise errors.TooManyWords(length=len(kept), longest=LONGEST)
    return kept


def reason(words: str) -> str:
    """Return a reason as it is kept.

    Raises:
        ReasonMissing, TooManyWords.
    """
    if not words.strip():
        raise errors.ReasonMissing
    return said(words)


def state(
    incident: Incident,
    stated: Mapping[str, Any],
    *,
    learned_at: datetime,
    at: datetime,
    by_id: int | None,
    account: Account | None = None,
    reason: str = "",
) -> list[str]:
    """Write down what is new among statements; return the names of what is."""
    kept = fields.read(stated)
    gone = [name for name, value in stated.items() if name not in kept and name in incident.known]
    new = {name: value for name, value in kept.items() if incident.known.get(name) != value}
    new |= dict.fromkeys(gone)
    Known.objects.bulk_create(
        Known(
            incident=incident,
            name=name,
            value=value,
            learned_at=learned_at,
            at=at,
            by_id=by_id,
            account=account,
            reason=reason,
        )
        for name, value in new.items()
    )
    incident.known = {
        name: value for name, value in {**incident.known, **new}.items() if value is not None
    }
    incident.learned_at = min(incident.learned_at, learned_at) if account else incident.learned_at
    _repeat(incident)
    return sorted(new)


def _repeat(incident: Incident) -> None:
    """Repeat in the columns what the list of statements says last."""
    known = incident.known
    occurred = known.get("occurred_at")
    incident.occurred_at = datetime.fromisoformat(occurred) if occurred else None
    incident.kinds = known.get("incident_kinds")
    incident.cdas_state = known.get("cdas_state", "unknown")
    incident.casualties = casualties(known)
    incident.province = known.get("province", "")[:80]
    for name in ("latitude", "longitude"):
        value = known.get(name)
        setattr(incident, name, None if value is None else round(float(value), _PLACES))
    incident.save()
    likeness.keep(incident)


def casualties(known: Mapping[str, Any]) -> bool | None:
    """Say whether somebody was hurt or the impact is major; None: nobody knows."""
    if known.get("injured") or known.get("killed"):
        return True
    value: bool | None = known.get("casualties_or_major_impact")
    return value


def commitment_of(incident: Incident, names: Iterable[str]) -> str:
    """Return the salted digest by which the ledger knows the named statements."""
    told = {name: incident.known.get(name) for name in names}
    return commitment(incident.salt, canonical(told).decode())


def commitment_to(incident: Incident, words: str) -> str:
    """Return the salted digest by which the ledger knows words."""
    return commitment(incident.salt, words)


def log(event: str, incident: Incident, by: ledger.Named, at: datetime, **data: Any) -> LedgerEntry:
    """Write one step into the ledger, inside the caller's transaction."""
    return ledger.record(
        event=event,
        subject=f"incident/{incident.pk}",
        actor=by,
        at=at,
        data={"number": incident.number, **data},
    )
