"""Get hold of a row to change it, number it, and write down what was done.

The ledger knows a defect by its number: titles and reasons are the manufacturer's own until a plan
makes them public.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import errors
from roadworthy.domains.recalls.models import Defect, RecallPlan
from roadworthy.kernel.calendar import legal_day

LANGUAGES = ("zh-hans", "en")
READERS = frozenset(
    {
        Role.SAFETY,
        Role.RECALL,
        Role.COMPLIANCE_OFFICER,
        Role.HOMOLOGATION,
        Role.RELEASE_ENGINEER,
        Role.AFTER_SALES,
    }
)
LONGEST = 20_000  # characters of one text
Words = str | Mapping[str, str]  # a plain text is the same in both languages


def in_both(words: Words, field: str) -> dict[str, str]:
    """Return words in both languages.

    Raises:
        FieldMissing: they are missing in one.
    """
    if isinstance(words, str):
        words = dict.fromkeys(LANGUAGES, words)
    kept = {one: words.get(one, "").replace("\0", "").strip()[:LONGEST] for one in LANGUAGES}
    if not all(kept.values()):
        raise errors.FieldMissing(field=field)
    return kept


def said(words: str) -> str:
    """Return a reason as it is kept.

    Raises:
        WordsMissing: there is none.
    """
    kept = words.replace("\0", "").strip()[:LONGEST]
    if not kept:
        raise errors.WordsMissing
    return kept


def locked(defect_id: int, actor: Actor) -> tuple[Defect, Witnessed]:
    """Return the actor's defect with its row locked, and the actor as the ledger names them.

    Raises:
        NoSuchDefect: nothing has that id, or it is another manufacturer's.
        NotAMember: the actor does not hold the membership they act under.
    """
    by = witnessed(actor)
    found = (
        Defect.objects.select_for_update(no_key=True, of=("self",))
        .select_related("manufacturer")
        .filter(pk=defect_id)
        .first()
    )
    if found is None or not _is_theirs(found.manufacturer_id, actor):
        raise errors.NoSuchDefect
    return found, by


def locked_plan(plan_id: int, actor: Actor) -> tuple[RecallPlan, Witnessed]:
    """Return the actor's plan with its row locked; its defect comes with it.

    Raises:
        NoSuchPlan: nothing has that id, or it is another manufacturer's.
        NotAMember: the actor does not hold the membership they act under.
    """
    by = witnessed(actor)
    found = (
        RecallPlan.objects.select_for_update(no_key=True, of=("self",))
        .select_related("defect", "manufacturer")
        .filter(pk=plan_id)
        .first()
    )
    if found is None or not _is_theirs(found.manufacturer_id, actor):
        raise errors.NoSuchPlan
    return found, by


def _is_theirs(manufacturer_id: int, actor: Actor) -> bool:
    if actor.role in {Role.PLATFORM, Role.SAMR_REVIEWER}:
        return True
    return actor.organisation_id == manufacturer_id and actor.role in READERS


def next_number(prefix: str, numbers: Mapping[int, str] | list[str], at: datetime) -> str:
    """Return the next of a row of numbers of the year, given those that there are."""
    head = f"{prefix}-{legal_day(at).year}-"
    given = numbers.values() if isinstance(numbers, Mapping) else numbers
    taken = [int(one.removeprefix(head)) for one in given if one.startswith(head)]
    return f"{head}{max(taken, default=0) + 1:04d}"


def log(event: str, defect: Defect, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write one step of a defect into the ledger, inside the caller's transaction."""
    ledger.record(
        event=event,
        subject=f"defect/{defect.pk}",
        actor=by,
        at=at,
        data={"number": defect.number, **data},
    )


def log_plan(event: str, plan: RecallPlan, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write one step of a plan into the ledger, inside the caller's transaction."""
    ledger.record(
        event=event,
        subject=f"recall-plan/{plan.pk}",
        actor=by,
        at=at,
        data={
            "number": plan.number,
            "version": plan.version,
            "defect": plan.defect.number,
            **data,
        },
    )
