"""Vulnerabilities and leaks of data, against the clocks of the law (DAT-19, DAT-20).

* The hours are the rulebook's, from the moment of discovery. "At once" stays without a number.
* What nobody has judged yet is undetermined: the page names it, and no clock is left out for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import errors, records
from roadworthy.domains.processing.duty_models import Breach
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import rulebook

VULNERABILITY, LEAK = "vulnerability", "leak"
KINDS: Final = (VULNERABILITY, LEAK)
RULES: Final = ("DAT-19", "DAT-20")
WRITERS: Final = (Role.DATA, Role.SAFETY)
DONE: Final = ("reported_at", "remedied_at", "persons_told_at")


@dataclass(frozen=True, slots=True)
class Told:
    """What is known when it is entered."""

    kind: str
    title: str
    words: str
    found_at: datetime
    endangers_public: bool | None = None
    leaked: bool | None = None
    persons: int | None = None


@transaction.atomic(durable=True)
def enter(*, told: Told, actor: Actor, at: datetime) -> Breach:
    """Enter a vulnerability or a leak; its clocks run from when it was found.

    Raises:
        NotAMember, WrongRole.
        WrongTime: it was found in the future.
    """
    by = records.writer(actor, action="enter", roles=WRITERS)
    if told.found_at > at:
        raise errors.WrongTime
    made = Breach.objects.create(
        manufacturer_id=records.mine(actor),
        number=f"new-{secrets.token_hex(8)}",
        kind=told.kind if told.kind in KINDS else LEAK,
        title=told.title.strip(),
        words=told.words.strip(),
        found_at=told.found_at,
        endangers_public=told.endangers_public,
        leaked=told.leaked,
        persons=told.persons,
        entered_by_id=actor.person_id,
        entered_at=at,
    )
    made.number = f"DB-{legal_day(at).year}-{made.pk:04d}"
    made.save(update_fields=["number"])
    data = {"number": made.number, "kind": made.kind}
    records.log("data-breach:entered", f"data-breach/{made.pk}", by, at, data)
    return made


@transaction.atomic(durable=True)
def note(*, breach_id: int, changes: Mapping[str, Any], actor: Actor, at: datetime) -> Breach:
    """Note what is known or done now: judged, reported, remedied, told.

    Raises:
        NotAMember, WrongRole, NoSuchBreach.
        WrongTime: something was done in the future, or before it was found.
    """
    by = records.writer(actor, action="note", roles=WRITERS)
    found = (
        Breach.objects.select_for_update(no_key=True)
        .filter(pk=breach_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchBreach
    known = {"endangers_public", "leaked", "persons", "harm_prevented", "reported_to", *DONE}
    kept = {name: value for name, value in changes.items() if name in known}
    for name in DONE:
        when = kept.get(name)
        if when is not None and not found.found_at <= when <= at:
            raise errors.WrongTime
    for name, value in kept.items():
        setattr(found, name, value)
    if not owed(found, at=at):
        found.closed_at = found.closed_at or at
    else:
        found.closed_at = None
    found.save()
    done = sorted(name for name in DONE if getattr(found, name))
    data = {"number": found.number, "done": done, "closed": found.closed_at is not None}
    records.log("data-breach:noted", f"data-breach/{found.pk}", by, at, data)
    return found


def ask(breach: Breach, *, at: datetime, assume: bool = False) -> Evaluation:
    """Ask the rulebook what is owed now; or if the breach were one that endangers the public."""
    known: dict[str, Any] = {
        "now": at,
        "vulnerability_found_at": breach.found_at,
        "vulnerability_endangers_public": True if assume else breach.endangers_public,
        "vulnerability_reported_at": breach.reported_at,
        "personal_information_leaked": breach.leaked,
        "leak_harm_prevented": breach.harm_prevented,
    }
    if breach.leaked:
        known |= {
            "leak_remedied": breach.remedied_at is not None,
            "leak_authority_notified": breach.reported_at is not None,
            "leak_persons_notified": breach.persons_told_at is not None,
        }
    stated = {name: value for name, value in known.items() if value is not None}
    return rulebook().evaluate(stated, as_of=legal_day(at), rules=RULES)


def deadline(breach: Breach, *, at: datetime) -> tuple[datetime | None, bool]:
    """Return until when it has to be reported, and whether that is certain.

    While nobody has judged whether a vulnerability endangers the public, the hours are shown as
    they would be: to judge late must not make them longer.
    """
    certain = breach.endangers_public is not None or breach.kind != VULNERABILITY
    asked = ask(breach, at=at, assume=not certain)
    timed = [owed.due.instant for owed in asked.obligations if owed.due.instant]
    return (min(timed) if timed else None), certain


def owed(breach: Breach, *, at: datetime) -> bool:
    """Say whether something is still owed or not judged yet."""
    told = ask(breach, at=at)
    unjudged = any(finding.gaps for finding in told.findings)
    return unjudged or any(not one.fulfilled for one in told.obligations)


def breaches(manufacturer_id: int, *, sort: str = "-found") -> QuerySet[Breach]:
    """Return the vulnerabilities and leaks, newest first."""
    key = {"number": "pk", "found": "found_at", "kind": "kind"}.get(sort.removeprefix("-"), "pk")
    order = f"-{key}" if sort.startswith("-") else key
    return Breach.objects.filter(manufacturer_id=manufacturer_id).order_by(order, "-pk")


def breach(manufacturer_id: int, breach_id: int) -> Breach:
    """Return one.

    Raises:
        NoSuchBreach: there is none, or it is another manufacturer's.
    """
    found = Breach.objects.filter(manufacturer_id=manufacturer_id, pk=breach_id).first()
    if found is None:
        raise errors.NoSuchBreach
    return found


def unfinished(manufacturer_id: int) -> QuerySet[Breach]:
    """Return those of which something is still owed."""
    return Breach.objects.filter(manufacturer_id=manufacturer_id, closed_at__isnull=True)
