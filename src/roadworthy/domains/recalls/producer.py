"""What a producer files besides plans: its changed particulars (RCL-14), recalls abroad (RCL-15).

The rulebook says by when and whether it was done, on the days that are written down here. That the
products in China were assessed is stated by who assessed them; until then it is not known, and the
rule says so. An assessment that finds a possible defect names the analysis that was opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import errors, records
from roadworthy.domains.recalls.models import Defect, ProducerMatter
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import rulebook

CHANGE, ABROAD = "change", "abroad"
WRITERS: Final = (Role.RECALL, Role.COMPLIANCE_OFFICER)
_RULES: Final = {CHANGE: "RCL-14", ABROAD: "RCL-15"}
_LONGEST_SOURCE, _LONGEST_PROOF = 300, 120


@transaction.atomic(durable=True)
def enter(
    *,
    kind: str,
    happened_on: date,
    title: Mapping[str, str],
    source: str,
    actor: Actor,
    at: datetime,
) -> ProducerMatter:
    """Write down that particulars changed, or that the producer recalls outside China.

    Raises:
        NotAMember, NotForYou, FieldMissing, WordsMissing, WrongDay.
    """
    by = _writer(actor)
    if happened_on > legal_day(at):
        raise errors.WrongDay(day=happened_on)
    assert actor.organisation_id is not None  # a writer is a member
    made = ProducerMatter.objects.create(
        manufacturer_id=actor.organisation_id,
        kind=ABROAD if kind == ABROAD else CHANGE,
        happened_on=happened_on,
        title=records.in_both(dict(title), "title"),
        source=records.said(source)[:_LONGEST_SOURCE],
        at=at,
        by_id=actor.person_id,
    )
    _log("entered", made, by, at, happened_on=happened_on.isoformat())
    return made


@transaction.atomic(durable=True)
def file(*, matter_id: int, on: date, proof: str, actor: Actor, at: datetime) -> ProducerMatter:
    """Write down on which day it was filed with SAMR, and what proves it.

    Raises:
        NoSuchMatter, NotAMember, NotForYou, WordsMissing, WrongDay.
    """
    matter, by = _locked(matter_id, actor)
    _check_day(matter, on, at)
    matter.filed_on, matter.filed_by = on, records.said(proof)[:_LONGEST_PROOF]
    matter.save(update_fields=["filed_on", "filed_by"])
    _log("filed", matter, by, at, on=on.isoformat())
    return matter


@transaction.atomic(durable=True)
def assess(
    *, matter_id: int, on: date, words: str, defect_number: str, actor: Actor, at: datetime
) -> ProducerMatter:
    """Write down what was found of the same products in China; a possible defect by its number.

    Raises:
        NoSuchMatter, NotAMember, NotForYou, WordsMissing, WrongDay.
        NoSuchDefect: no analysis has that number.
    """
    matter, by = _locked(matter_id, actor)
    if matter.kind != ABROAD:
        raise errors.NoSuchMatter
    _check_day(matter, on, at)
    defect = None
    if defect_number.strip():
        defect = Defect.objects.filter(
            manufacturer_id=matter.manufacturer_id, number=defect_number.strip()
        ).first()
        if defect is None:
            raise errors.NoSuchDefect
    matter.assessed_on, matter.assessment = on, records.said(words)
    matter.defect = defect
    matter.save(update_fields=["assessed_on", "assessment", "defect"])
    _log("assessed", matter, by, at, on=on.isoformat(), defect=defect.number if defect else None)
    return matter


def matters(manufacturer_id: int) -> QuerySet[ProducerMatter]:
    """Return what a producer has written down, newest first."""
    found = ProducerMatter.objects.select_related("defect", "by")
    return found.filter(manufacturer_id=manufacturer_id).order_by("-happened_on", "-pk")


def matter(manufacturer_id: int, matter_id: int) -> ProducerMatter:
    """Return one.

    Raises:
        NoSuchMatter: there is none, or it is another manufacturer's.
    """
    found = matters(manufacturer_id).filter(pk=matter_id).first()
    if found is None:
        raise errors.NoSuchMatter
    return found


def evaluate(matter: ProducerMatter, *, today: date) -> Evaluation:
    """Ask the rulebook what is owed of it."""
    return rulebook().evaluate(
        facts(matter, today), as_of=max(today, matter.happened_on), rules=[_RULES[matter.kind]]
    )


def facts(matter: ProducerMatter, today: date) -> dict[str, Any]:
    """Return what is known of it, by the rulebook's names."""
    known: dict[str, Any] = {"today": today}
    if matter.kind == CHANGE:
        known["producer_information_changed_on"] = matter.happened_on
        if matter.filed_on:
            known["producer_information_updated_on"] = matter.filed_on
        return known
    known["recalled_abroad_on"] = matter.happened_on
    if matter.filed_on:
        known["recall_abroad_filed_on"] = matter.filed_on
    if matter.assessed_on:
        known["domestic_products_assessed"] = True
    return known


def _writer(actor: Actor) -> Witnessed:
    by = witnessed(actor)
    if actor.role not in WRITERS:
        raise errors.NotForYou(roles=", ".join(WRITERS))
    return by


def _locked(matter_id: int, actor: Actor) -> tuple[ProducerMatter, Witnessed]:
    by = _writer(actor)
    found = (
        ProducerMatter.objects.select_for_update(no_key=True)
        .filter(pk=matter_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchMatter
    return found, by


def _check_day(matter: ProducerMatter, on: date, at: datetime) -> None:
    if not matter.happened_on <= on <= legal_day(at):
        raise errors.WrongDay(day=on)


def _log(step: str, matter: ProducerMatter, by: Witnessed, at: datetime, **data: Any) -> None:
    ledger.record(
        event=f"producer-matter:{step}",
        subject=f"producer-matter/{matter.pk}",
        actor=by,
        at=at,
        data={"kind": matter.kind, **data},
    )
