"""Work that standards make: evidence that a type lacks, evidence to confirm, notices to read."""

from __future__ import annotations

from typing import Final

from django.db.models import Case, F, JSONField, Value, When

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
    """Return what types lack, or will lack from a known day on."""
    found = Gap.objects.filter(manufacturer_id=asked.organisation_id)
    return lines(
        asked.among(found),
        kind=Kind.EVIDENCE_GAP,
        subject=joined(F("requirement__standard__number"), F("requirement__number")),
        about=F("type__name"),
        due=_DATED,
        due_on=F("due_on"),
        rule_id=F("rule_id"),
        why=F("requirement__title"),
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
