"""The filter: out of what a vehicle measured it makes what may leave.

* What leaves is built anew from permitted values; nothing is copied and then cleaned. A field that
  no rule names, or a value of another shape, is not there.
* No policy: nothing leaves. A rule counts for its own purpose, recipient and country only.
* The same function runs in the vehicle, where it asks the people in it, and at the gateway, where
  it asks what the record states. What it has let through it lets through again, unchanged.
* It keeps nothing: one record in, one record out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from roadworthy.egress import grid, records
from roadworthy.egress.drive import Said, Topic
from roadworthy.egress.policy import Kind, Origin, Policy, Rule
from roadworthy.egress.records import Leaving, Measured
from roadworthy.kernel.calendar import SHANGHAI

EARLY: Final = timedelta(minutes=5)  # how far a vehicle's clock may be ahead
_LARGEST_WHOLE: Final = 2**53  # beyond, JSON readers disagree
_NOTHING: Final[Mapping[str, Rule]] = MappingProxyType({})
_STAYING: Final = frozenset({Kind.AUDIO, Kind.VIDEO})


class Reason(StrEnum):
    """Why an item stays where it is."""

    NO_POLICY = "no-policy"
    NO_RULE = "no-rule"  # for this item, purpose, recipient and country
    STAYS_IN = "stays-in"
    OUT_OF_PERIOD = "out-of-period"
    OFF = "off"  # in this drive
    NO_CONSENT = "no-consent"
    WRONG_SHAPE = "wrong-shape"
    TOO_OLD = "too-old"
    NOT_YET = "not-yet"  # it says that it was taken in the future


@dataclass(frozen=True, slots=True)
class Filtered:
    """``leaving`` is nothing if no item may leave; ``withheld`` says why, by item."""

    leaving: Leaving | None
    withheld: Mapping[str, Reason]
    drop_at: datetime | None = None  # when it must be gone wherever it is then


class Stays(Exception):
    """An item does not leave."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Filter:
    """Applies one policy, or none."""

    def __init__(self, policy: Policy | None) -> None:
        self.policy = policy
        self._digest = policy.digest if policy is not None else ""
        self._rules: dict[tuple[str, str, str], dict[str, Rule]] = {}
        for rule in policy.rules if policy is not None else ():
            whither = (rule.purpose, rule.recipient, rule.country)
            self._rules.setdefault(whither, {})[rule.item] = rule

    def record(self, measured: Measured, *, said: Said, at: datetime) -> Filtered:
        """Return what may leave of a record at a moment."""
        rules, none = self._for(measured)
        when = _When.of(measured, at)
        passed: dict[str, Any] = {}
        consents: dict[str, datetime] = {}
        withheld: dict[str, Reason] = {}
        shortest: int | None = None
        for item, value in measured.items.items():
            rule = rules.get(item)
            if rule is None:
                withheld[item] = none
                continue
            try:
                until = _consented(rule, when, said)
                passed[item] = _value(rule, value)
            except Stays as stays:
                withheld[item] = stays.reason
                continue
            if until is not None:
                consents[item] = records.in_seconds(until)
            if shortest is None or rule.retention_seconds < shortest:
                shortest = rule.retention_seconds
        if shortest is None:
            return Filtered(None, withheld)
        leaving = self.leaving(measured, passed, consents)
        return Filtered(leaving, withheld, drop_at(measured, shortest, at))

    def rule(self, item: str, measured: Measured, *, said: Said, at: datetime) -> Rule:
        """Return the rule that lets an item out now, whatever its value.

        Raises:
            Stays: none does.
        """
        rules, none = self._for(measured)
        rule = rules.get(item)
        if rule is None:
            raise Stays(none)
        _consented(rule, _When.of(measured, at), said)
        return rule

    def _for(self, measured: Measured) -> tuple[Mapping[str, Rule], Reason]:
        """Return the rules that count for a record, and why other items stay."""
        if self.policy is None:
            return _NOTHING, Reason.NO_POLICY
        whither = (measured.purpose, measured.recipient, measured.country)
        return self._rules.get(whither, _NOTHING), Reason.NO_RULE

    def leaving(
        self, measured: Measured, passed: dict[str, Any], consents: dict[str, datetime]
    ) -> Leaving:
        """Return what leaves of a record, given what of its items may."""
        return Leaving(
            id=measured.id,
            taken_at=records.in_seconds(measured.taken_at),
            purpose=measured.purpose,
            recipient=measured.recipient,
            country=measured.country,
            policy=self._digest,
            items=passed,
            consents=consents,
        )


class _When(NamedTuple):
    """What time says of a record, worked out once for all of its items."""

    at: datetime
    day: date  # in Asia/Shanghai
    seconds: float  # since it was taken
    is_early: bool

    @classmethod
    def of(cls, measured: Measured, at: datetime) -> _When:
        taken_at = measured.taken_at
        seconds = (at - taken_at).total_seconds() + taken_at.microsecond / 1e6
        return cls(at, at.astimezone(SHANGHAI).date(), seconds, taken_at > at + EARLY)


class Stated:
    """What a record says of itself, for whoever was not in the vehicle.

    Whether the driver had it on is not known here, and taken as said by its having been sent. What
    the owner has withdrawn counts for nothing, whatever the record says.
    """

    def __init__(self, measured: Measured, withdrawn: Collection[Topic] = ()) -> None:
        self._measured = measured
        self._withdrawn = withdrawn

    def is_on(self, _rule: Rule) -> bool:
        return True

    def consented_until(self, rule: Rule, at: datetime) -> datetime | None:
        if (rule.item, rule.purpose) in self._withdrawn:
            return None
        until = self._measured.consents.get(rule.item)
        return until if until is not None and at < until else None


def drop_at(measured: Measured, seconds: int, at: datetime) -> datetime:
    """Return when it must be gone; a clock that is ahead gives it no longer life."""
    return records.in_seconds(min(measured.taken_at, at)) + timedelta(seconds=seconds)


def _consented(rule: Rule, when: _When, said: Said) -> datetime | None:
    """Return until when the person concerned agrees, if the rule asks for that.

    Raises:
        Stays: the rule does not let its item out now.
    """
    if rule.in_car_only or rule.origin is Origin.COCKPIT or rule.kind in _STAYING:
        raise Stays(Reason.STAYS_IN)
    if not rule.is_allowed_on(when.day):
        raise Stays(Reason.OUT_OF_PERIOD)
    if not said.is_on(rule):
        raise Stays(Reason.OFF)
    until = said.consented_until(rule, when.at) if rule.consent else None
    if rule.consent and until is None:
        raise Stays(Reason.NO_CONSENT)
    if when.is_early:
        raise Stays(Reason.NOT_YET)
    if when.seconds >= rule.retention_seconds:
        raise Stays(Reason.TOO_OLD)
    return until


def _value(rule: Rule, value: Any) -> Any:
    match rule.kind:
        case Kind.NUMBER:
            return _number(value, rule.lowest, rule.highest)
        case Kind.FLAG if isinstance(value, bool):
            return value
        case Kind.WORD if isinstance(value, str) and value in rule.words:
            return value
        case Kind.POSITION:
            return _position(value, rule.precision_metres)
        case _:
            raise Stays(Reason.WRONG_SHAPE)


def _number(value: object, lowest: float | None, highest: float | None) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Stays(Reason.WRONG_SHAPE)
    if not abs(value) <= _LARGEST_WHOLE:  # so that "not a number" is too large as well
        raise Stays(Reason.WRONG_SHAPE)
    if (lowest is not None and value < lowest) or (highest is not None and value > highest):
        raise Stays(Reason.WRONG_SHAPE)
    return value


def _position(value: Any, metres: int | None) -> dict[str, float]:
    if not isinstance(value, Mapping) or metres is None:
        raise Stays(Reason.WRONG_SHAPE)
    latitude = _number(value.get("latitude"), -90, 90)
    longitude = _number(value.get("longitude"), -180, 180)
    middle = grid.coarsened(latitude, longitude, metres=metres)
    return {"latitude": middle.latitude, "longitude": middle.longitude}
