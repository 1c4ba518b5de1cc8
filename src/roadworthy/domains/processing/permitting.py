"""What an approved flow permits, in the terms of the vehicle's filter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from roadworthy.domains.processing import errors
from roadworthy.domains.processing.countries import CHINA
from roadworthy.domains.processing.models import Flow
from roadworthy.domains.processing.states import Anonymised, Ground, Place
from roadworthy.egress import policy
from roadworthy.egress.policy import Kind, Origin, Rule
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError

IN_THE_VEHICLE: Final = "vehicle"
_ONE_DAY: Final = timedelta(days=1)


def rule_of(flow: Flow) -> Rule:
    """Return the rule of the vehicle's policy that a flow stands for.

    Raises:
        NotEnforceable: the filter cannot carry it out.
    """
    item, kind = flow.item, Kind(flow.item.kind)
    stays = flow.processed_in == Place.CAR
    try:
        return Rule(
            item=item.item.code,
            kind=kind,
            purpose=flow.purpose,
            recipient=flow.recipient.code if flow.recipient and not stays else IN_THE_VEHICLE,
            country=flow.recipient.country if flow.recipient and not stays else CHINA,
            retention_seconds=int((_ONE_DAY * flow.retention_days).total_seconds()),
            origin=Origin(item.origin),
            derived_from=tuple(item.derived_from),
            in_car_only=stays,
            off_by_default=not flow.on_by_default,
            consent=flow.ground == Ground.CONSENT or bool(item.sensitive),
            precision_metres=flow.precision_metres if kind is Kind.POSITION else None,
            blur=kind is Kind.PICTURE and flow.anonymised == Anonymised.BLURRED,
            lowest=item.lowest if kind is Kind.NUMBER else None,
            highest=item.highest if kind is Kind.NUMBER else None,
            words=tuple(item.words) if kind is Kind.WORD and not stays else (),
            allowed_from=legal_day(flow.decided_at) if flow.decided_at else None,
            allowed_until=_until(flow),
        )
    except DomainError as wrong:
        raise errors.NotEnforceable(reason=wrong) from None


def with_others(flow: Flow, approved: Iterable[Flow]) -> None:
    """Check that a flow can stand in one policy with those that are approved already.

    Raises:
        NotEnforceable: it cannot be carried out, or lets out what was derived from what stays in.
    """
    others = (one for one in approved if one.starts_in == Place.CAR and one.number != flow.number)
    rules = [rule_of(one) for one in (*others, flow)]
    try:
        policy.make(manufacturer="check", vehicle_type="check", version="check", rules=rules)
    except DomainError as wrong:
        raise errors.NotEnforceable(reason=wrong) from None


def _until(flow: Flow) -> date | None:
    """Return the first day on which what the export rests on holds no more."""
    last = flow.assessment.expires_on if flow.assessment else None
    return last + _ONE_DAY if last else None
