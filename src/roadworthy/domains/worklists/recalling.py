"""Work that defects and recalls bring: what they owe by when, and SAMR's notices."""

from __future__ import annotations

from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Coalesce

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import supervising
from roadworthy.domains.recalls.models import Duty
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import Lines, lines, roles_of
from roadworthy.domains.worklists.items import OFFICER, Kind

_ANALYSIS = ("RCL-01", "RCL-02")


def duties(asked: Asked) -> Lines:
    """Return what defects and recalls owe: product safety's of the analysis, then recall's."""
    found = Duty.objects.filter(
        manufacturer_id=asked.organisation_id, fulfilled_at__isnull=not asked.done
    )
    found = found.filter(due_on__range=asked.between) if asked.between else found
    first = Case(
        When(rule_id__in=_ANALYSIS, then=Value(str(Role.SAFETY))), default=Value(str(Role.RECALL))
    )
    return lines(
        asked.among(found),
        kind=Kind.RECALL_DUTY,
        subject=Coalesce("plan__number", "defect__number"),
        about=F("defect__title"),
        title=F("title"),
        due=F("due"),
        due_on=F("due_on"),
        rule_id=F("rule_id"),
        why=F("why"),
        since=F("created_at"),
        changed_at=F("updated_at"),
        roles=roles_of(first, OFFICER),
        page=(
            Case(When(plan__isnull=True, then=Value("defect")), default=Value("recall")),
            Cast(Coalesce("plan_id", "defect_id"), CharField()),
        ),
        done=asked.done,
    )


def notices(asked: Asked) -> Lines:
    """Return the notices on which SAMR has the next step."""
    return lines(
        asked.among(supervising.open_notices(asked.organisation_id)),
        kind=Kind.RECALL_NOTICE,
        subject=F("number"),
        about=F("manufacturer__name"),
        title=F("subject"),
        since=Coalesce("objected_at", "recall_notice_at", "issued_at"),
        state=F("state"),
        page=("recall-notice", F("pk")),
    )
