"""Policies, records and drives for the tests here."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from roadworthy.egress import policy
from roadworthy.egress.drive import Consent, Drive
from roadworthy.egress.policy import Kind, Policy, Rule
from roadworthy.egress.records import Measured

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TO = {"purpose": "road hazards", "recipient": "starway", "country": "CN"}


def rule(item: str, kind: Kind = Kind.NUMBER, **more: Any) -> Rule:
    return Rule(**{"item": item, "kind": kind, **TO, "retention_seconds": 3600, **more})


def position(item: str = "position", metres: int = 1000, **more: Any) -> Rule:
    return rule(item, Kind.POSITION, precision_metres=metres, **more)


def policy_of(*rules: Rule) -> Policy:
    return policy.make(manufacturer="starway", vehicle_type="S1", version="1", rules=rules)


def measured(*, at: datetime = NOW, **items: Any) -> Measured:
    return Measured(id=str(uuid.uuid4()), taken_at=at, items=items, **TO)


def drive(*topics: str, consents: tuple[str, ...] = (), at: datetime = NOW) -> Drive:
    """A drive in which the driver has switched some items on, and agreed to some."""
    one = Drive()
    one.start()
    for item in topics:
        one.choose(item, TO["purpose"], on=True)
    for item in consents:
        one.agree(Consent(item, TO["purpose"], at - timedelta(days=1), at + timedelta(days=1)))
    return one
