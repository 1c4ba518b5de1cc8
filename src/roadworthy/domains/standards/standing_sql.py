"""``life.standing`` for the database: the same answer for a list of any length.

A test asks both about every entry of the catalogue on many days.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from roadworthy.domains.standards.life import Stands
from roadworthy.domains.standards.models import Standard, Supersession
from roadworthy.domains.standards.states import State

_PUBLISHED = (State.PUBLISHED, State.IN_FORCE, State.SUPERSEDED, State.WITHDRAWN)


def with_standing(entries: QuerySet[Standard], as_of: date) -> Any:
    """Annotate ``stands``. What a manufacturer's own entry replaces changes only its own view."""
    replaced = Exists(
        Supersession.objects.annotate(begins=Coalesce("from_on", "successor__in_force_on")).filter(
            Q(successor__manufacturer=None)
            | Q(successor__manufacturer_id=OuterRef("manufacturer_id")),
            predecessor=OuterRef("pk"),
            is_partial=False,
            begins__lte=as_of,
        )
    )
    return entries.annotate(
        stands=Case(
            When(withdrawn_on__lte=as_of, then=Value(str(Stands.WITHDRAWN))),
            When(replaced, then=Value(str(Stands.SUPERSEDED))),
            When(in_force_on__lte=as_of, then=Value(str(Stands.IN_FORCE))),
            When(Q(in_force_on=None, state__in=_PUBLISHED, stated_on__lte=as_of), then=F("state")),
            When(
                Q(in_force_on=None, state__in=_PUBLISHED)
                & (Q(published_on=None) | Q(published_on__lte=as_of)),
                then=Value(str(Stands.UNDETERMINED)),
            ),
            When(published_on__lte=as_of, then=Value(str(Stands.PUBLISHED))),
            When(approved_on__lte=as_of, then=Value(str(Stands.APPROVED))),
            When(
                Q(comment_from__lte=as_of) & (Q(comment_until=None) | Q(comment_until__gte=as_of)),
                then=Value(str(Stands.COMMENT)),
            ),
            When(comment_from__lte=as_of, then=Value(str(Stands.DRAFTING))),
            When(~Q(state__in=_PUBLISHED) & Q(stated_on__lte=as_of), then=F("state")),
            When(planned_on__lte=as_of, then=Value(str(Stands.PLANNED))),
            default=Value(str(Stands.UNDETERMINED)),
            output_field=CharField(),
        )
    )
