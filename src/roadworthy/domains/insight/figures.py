"""Official figures: those of the package and those that an authority's people entered.

Of two for the same indicator and period the newer one counts, and an entered one before that of
the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from roadworthy.domains.insight import errors
from roadworthy.domains.insight.models import OfficialFigure
from roadworthy.domains.insight.register import Official, indicator, packaged
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day

MAY = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})


def official(key: str = "") -> Sequence[Official]:
    """Return the official figures of one indicator, or of all, oldest first."""
    rows = OfficialFigure.objects.order_by("id")
    entered = [_told(row) for row in (rows.filter(indicator=key) if key else rows)]
    known = [one for one in packaged() if key in ("", one.indicator)]
    newest = {(one.indicator, one.since, one.until): one for one in (*known, *entered)}
    return sorted(newest.values(), key=lambda one: (one.indicator, one.until))


@transaction.atomic(durable=True)
def enter(figure: Official, *, actor: Actor, at: datetime) -> OfficialFigure:
    """Enter a figure that an authority published.

    Raises:
        NotAMember, NotYours: the actor may not.
        NoSuchIndicator: the register has no such key.
        WrongPeriod: it ends before it begins, or in the future.
        NoSource: it says in no language where the figure stands.
    """
    by = witnessed(actor)
    if actor.role not in MAY or actor.organisation_id is None:
        raise errors.NotYours
    indicator(figure.indicator)
    _check(figure, legal_day(at))
    made = OfficialFigure.objects.create(
        **asdict(figure),
        authority_id=actor.organisation_id,
        entered_by_id=actor.person_id,
        entered_at=at,
    )
    ledger.record(
        event="figure:official:entered",
        subject=f"figure/{made.pk}",
        actor=by,
        at=at,
        data={
            "indicator": figure.indicator,
            "since": figure.since.isoformat() if figure.since else None,
            "until": figure.until.isoformat(),
            "value": str(figure.value),
            "source": dict(figure.source),
            "grade": figure.grade,
        },
    )
    return made


def _check(figure: Official, today: date) -> None:
    if figure.until > today or (figure.since and figure.since > figure.until):
        raise errors.WrongPeriod
    if not any(text.strip() for text in figure.source.values()):
        raise errors.NoSource


def _told(row: OfficialFigure) -> Official:
    return Official(
        indicator=row.indicator,
        since=row.since,
        until=row.until,
        value=row.value,
        source=row.source,
        grade=row.grade,
        change=row.change,
        at_least=row.at_least,
    )
