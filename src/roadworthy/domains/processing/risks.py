"""Risk assessments of processing important data (ADP21, Article 10; known, not verified)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.processing import errors, records
from roadworthy.domains.processing.duty_models import RiskAssessment
from roadworthy.domains.processing.models import Flow
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest

CONCLUSIONS: Final = ("acceptable", "with-measures", "not-acceptable")


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was assessed, and what came of it."""

    subject: Mapping[str, str]
    risks: Mapping[str, str]
    measures: Mapping[str, str]
    conclusion: str
    assessed_on: date
    flow_ids: Sequence[int] = ()
    reported_on: date | None = None
    reported_to: str = ""


@transaction.atomic(durable=True)
def enter(*, assessed: Assessed, actor: Actor, at: datetime) -> RiskAssessment:
    """Enter a risk assessment; it never changes, another one follows it.

    Raises:
        NotAMember, WrongRole, TextMissing, NoSuchFlow.
        WrongTime: a day lies in the future.
    """
    by = records.writer(actor, action="enter")
    mine, today = records.mine(actor), legal_day(at)
    if max(assessed.assessed_on, assessed.reported_on or assessed.assessed_on) > today:
        raise errors.WrongTime
    flows = list(Flow.objects.filter(manufacturer_id=mine, pk__in=assessed.flow_ids))
    if len(flows) != len(set(assessed.flow_ids)):
        raise errors.NoSuchFlow
    words = {
        name: records.both(getattr(assessed, name), errors.TextMissing)
        for name in ("subject", "risks", "measures")
    }
    records.numbering(mine)
    count = RiskAssessment.objects.filter(manufacturer_id=mine).count() + 1
    made = RiskAssessment.objects.create(
        manufacturer_id=mine,
        number=f"RA-{today.year}-{count:04d}",
        **words,
        conclusion=assessed.conclusion if assessed.conclusion in CONCLUSIONS else CONCLUSIONS[-1],
        assessed_on=assessed.assessed_on,
        reported_on=assessed.reported_on,
        reported_to=assessed.reported_to.strip(),
        written_by_id=actor.person_id,
        written_at=at,
        sha256=digest({**words, "conclusion": assessed.conclusion}),
    )
    made.flows.set(flows)
    data = {"number": made.number, "sha256": made.sha256}
    records.log("data-risk:assessed", f"data-risk/{made.pk}", by, at, data)
    return made


def assessments(manufacturer_id: int) -> QuerySet[RiskAssessment]:
    """Return the risk assessments, newest first."""
    found = RiskAssessment.objects.filter(manufacturer_id=manufacturer_id)
    return found.prefetch_related("flows").order_by("-pk")
