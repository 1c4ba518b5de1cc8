"""Work that standards make: evidence that a type lacks, evidence to confirm, notices to read."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    JSONField,
    Min,
    OuterRef,
    Subquery,
    Value,
    When,
)

from roadworthy.domains.compliance import queries
from roadworthy.domains.compliance.models import Gap
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import DATED, Lines, joined, lines
from roadworthy.domains.worklists.items import Kind

_DATED: Final = Case(
    When(due_on__isnull=False, then=Value(dict(DATED), JSONField())),
    default=Value({}, JSONField()),
)


def gaps(asked: Asked) -> Lines:
    """Return what types lack, or will lack from a known day on: one line a type and state.

    The line stands in for the gap that was found first; ``number`` says how many there are. Were
    each gap a line, one new standard would push everything else off the list.
    """
    found = Gap.objects.filter(manufacturer_id=asked.organisation_id)
    alike = Gap.objects.filter(type=OuterRef("type"), cell=OuterRef("cell")).order_by()
    together = alike.values("type")
    numbers = StringAgg(
        "requirement__standard__number",
        delimiter=" · ",
        distinct=True,
        order_by="requirement__standard__number",
    )
    first = found.filter(~Exists(alike.filter(pk__lt=OuterRef("pk")))).annotate(
        standards=Subquery(together.annotate(told=numbers).values("told")),
        how_many=Subquery(together.annotate(told=Count("pk")).values("told")),
        begins_on=Subquery(together.annotate(told=Min("due_on")).values("told")),
    )
    return lines(
        asked.among(first),
        kind=Kind.EVIDENCE_GAP,
        subject=F("standards"),
        about=F("type__name"),
        number=F("how_many"),
        due=_DATED,
        due_on=F("begins_on"),
        rule_id=F("rule_id"),
        since=F("found_at"),
        changed_at=F("changed_at"),
        state=F("cell"),
        page=("gap", F("pk")),
    )


def to_confirm(asked: Asked) -> Lines:
    """Return the evidence that waits for a second pair of eyes."""
    return lines(
        asked.among(queries.to_confirm(asked.organisation_id)),
        kind=Kind.EVIDENCE,
        subject=joined(F("requirement__standard__number"), F("requirement__number")),
        about=F("type__name"),
        since=F("attached_at"),
        page=("evidence", F("pk")),
    )


def notices(asked: Asked) -> Lines:
    """Return what nobody has read yet about standards."""
    return lines(
        asked.among(queries.open_notices(asked.organisation_id)),
        kind=Kind.STANDARD_NOTICE,
        subject=F("standard__number"),
        due=Value(dict(DATED), JSONField()),
        due_on=F("day"),
        since=F("noticed_at"),
        state=F("kind"),
        page=("standard-notice", F("pk")),
    )
