"""What people in the vehicle have said: choices for a drive, and consents with an end.

* Each drive starts with everything off that a rule wants off. A choice is for one item and one
  purpose and ends with the drive, unless the driver wished it to be kept.
* A consent is for one item and one purpose and has an end that is not "for ever". It can be
  withdrawn at any time.
* The owner may consent outside the vehicle, too: the gateway says so, and the vehicle holds that
  for a while only, so that it has to ask again (``owner_said``). Who withdraws in the vehicle goes
  before that; what the owner withdraws ends what was said in the vehicle.
* Nothing said in the vehicle is known outside: what leaves carries the end of the consent it rests
  on, and nothing else about the people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from roadworthy.egress.errors import WrongConsent
from roadworthy.egress.policy import Rule

Topic = tuple[str, str]  # item, purpose
LONGEST_CONSENT: Final = timedelta(days=100 * 366)  # nobody means a longer one but "for ever"


@dataclass(frozen=True, slots=True)
class Consent:
    """What one person agreed to.

    Raises:
        WrongConsent: it ends before it begins, has no time zone, or means "for ever".
    """

    item: str
    purpose: str
    given_at: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.given_at.tzinfo is None or self.until.tzinfo is None:
            raise WrongConsent(item=self.item, reason="its times have no offset from UTC")
        if self.until <= self.given_at:
            raise WrongConsent(item=self.item, reason="it ends before it begins")
        if self.until - self.given_at > LONGEST_CONSENT:
            raise WrongConsent(item=self.item, reason="it has no end that anyone will see")


class Said(Protocol):
    """What the filter asks about the people concerned."""

    def is_on(self, rule: Rule) -> bool:
        """Say whether this may be collected in this drive."""

    def consented_until(self, rule: Rule, at: datetime) -> datetime | None:
        """Return until when the person concerned agrees, if there is a consent at that time."""


class Drive:
    """One vehicle's drives, one after the other. Before the first one starts, nothing is on."""

    def __init__(self) -> None:
        self._consents: dict[Topic, Consent] = {}
        self._owner: dict[Topic, Consent] = {}
        self._refused: set[Topic] = set()  # in the vehicle
        self._kept: dict[Topic, bool] = {}
        self._chosen: dict[Topic, bool] = {}
        self._is_under_way = False

    def start(self) -> None:
        """Begin a drive: choices that were not to be kept are forgotten."""
        self._chosen = dict(self._kept)
        self._is_under_way = True

    def end(self) -> None:
        self._chosen = {}
        self._is_under_way = False

    def choose(self, item: str, purpose: str, *, on: bool, keep: bool = False) -> None:
        """Let the driver decide, for this drive or until further notice."""
        topic = (item, purpose)
        self._chosen[topic] = on
        if keep:
            self._kept[topic] = on
        else:
            self._kept.pop(topic, None)

    def agree(self, consent: Consent) -> None:
        """Keep a consent; it takes the place of an earlier one for the same."""
        topic = (consent.item, consent.purpose)
        self._consents[topic] = consent
        self._refused.discard(topic)

    def withdraw(self, item: str, purpose: str) -> None:
        """Take a consent back; nothing happens if there is none."""
        self._consents.pop((item, purpose), None)
        self._refused.add((item, purpose))

    def owner_said(self, given: Iterable[Consent], withdrawn: Iterable[Topic]) -> frozenset[Topic]:
        """Take what the owner consents to now; return what is not consented to any more."""
        before = self._owner.keys() | self._consents.keys()
        self._owner = {(one.item, one.purpose): one for one in given}
        for topic in withdrawn:
            self._owner.pop(topic, None)
            self._consents.pop(topic, None)
        return frozenset(before - self._owner.keys() - self._consents.keys())

    def is_on(self, rule: Rule) -> bool:
        if not self._is_under_way:
            return False
        return self._chosen.get((rule.item, rule.purpose), not rule.off_by_default)

    def consented_until(self, rule: Rule, at: datetime) -> datetime | None:
        topic = (rule.item, rule.purpose)
        said = [self._consents.get(topic)]
        if topic not in self._refused:
            said.append(self._owner.get(topic))
        ends = [one.until for one in said if one is not None and one.given_at <= at < one.until]
        return max(ends, default=None)
