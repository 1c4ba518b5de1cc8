"""What may leave a vehicle of one type, for what, to whom: the approved flows as one file.

* A policy only ever permits. What no rule names stays in the vehicle.
* A rule is for one item, one purpose and one recipient in one country; no two rules are for the
  same. A purpose does not stretch to another one.
* What comes from the cockpit, or from anything that stays in the vehicle, can only be named as
  staying: a policy that says otherwise cannot be made, nor read.
* One policy is one byte string (RFC 8785). Other bytes of the same meaning are refused, so that
  what was signed, what is stored and what is read are the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, Final

import msgspec

from roadworthy.egress.errors import CockpitLeaves, TwoRules, WrongPolicy, WrongRule
from roadworthy.kernel import canonical as canonical_json

FORMAT: Final = "roadworthy-egress-1"
LARGEST_BYTES: Final = 1_000_000
MOST_RULES: Final = 2000
MOST_WORDS: Final = 200
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LONGEST: Final = 200
_COARSEST_METRES: Final = 1_000_000
_LONGEST_SECONDS: Final = 100 * 366 * 86_400


class Kind(StrEnum):
    """What a value of an item looks like; nothing else passes as that item."""

    NUMBER = "number"
    FLAG = "flag"
    WORD = "word"  # one of the rule's ``words``: free text could say anything
    POSITION = "position"  # {"latitude": degrees, "longitude": degrees}
    PICTURE = "picture"
    AUDIO = "audio"
    VIDEO = "video"


class Origin(StrEnum):
    VEHICLE = "vehicle"
    EXTERIOR = "exterior"
    COCKPIT = "cockpit"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One approved flow: one item, for one purpose, to one recipient.

    Raises:
        WrongRule: a field cannot be followed.
        CockpitLeaves: it lets out what comes from the cockpit.
    """

    item: str  # as records name it: letters, digits, . _ : -
    kind: Kind
    purpose: str
    recipient: str
    country: str  # ISO 3166-1 alpha-2, where the recipient is
    retention_seconds: int  # after which it is dropped wherever this filter runs
    origin: Origin = Origin.VEHICLE
    derived_from: tuple[str, ...] = ()  # other items
    in_car_only: bool = False
    off_by_default: bool = True  # at the start of each drive, until the driver says otherwise
    consent: bool = True  # needed, for this item and purpose, with an end
    precision_metres: int | None = None  # of a position: how large a cell it is rounded to
    blur: bool = False  # of a picture: faces and plates are destroyed first
    lowest: float | None = None  # of a number
    highest: float | None = None
    words: tuple[str, ...] = ()  # of a word
    allowed_from: date | None = None  # days in Asia/Shanghai; from that day
    allowed_until: date | None = None  # until before that day

    def __post_init__(self) -> None:
        _check_names(self)
        _check_numbers(self)
        _check_shape(self)
        if self.origin is Origin.COCKPIT and not self.in_car_only:
            raise CockpitLeaves(item=self.item)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what no two rules share."""
        return (self.item, self.purpose, self.recipient, self.country)

    def is_allowed_on(self, day: date) -> bool:
        """Say whether the flow is approved on a day in Asia/Shanghai."""
        begun = self.allowed_from is None or self.allowed_from <= day
        return begun and (self.allowed_until is None or day < self.allowed_until)


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that may leave the vehicles of one type.

    Raises:
        WrongPolicy: its head cannot be used.
        TwoRules: two rules are for the same.
        CockpitLeaves: something leaves that is derived from what stays in the vehicle.
    """

    manufacturer: str  # as its vehicles name it to their gateway
    vehicle_type: str  # the code of the type
    version: str
    rules: tuple[Rule, ...] = ()
    format: str = FORMAT

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise WrongPolicy(reason=f"its format is {self.format!r}, not {FORMAT}")
        for name in ("manufacturer", "vehicle_type", "version"):
            if not _is_text(getattr(self, name)):
                raise WrongPolicy(reason=f"{name} is empty, too long or not printable")
        if len(self.rules) > MOST_RULES:
            raise WrongPolicy(reason=f"it has more than {MOST_RULES} rules")
        _check_pairs(self.rules)
        _check_derived(self.rules)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the policy's bytes."""
        return canonical_json.sha256_hex(encode(self))


def make(*, manufacturer: str, vehicle_type: str, version: str, rules: Iterable[Rule]) -> Policy:
    """Make a policy; the order in which the rules come does not matter.

    Raises:
        WrongPolicy, TwoRules, CockpitLeaves: as ``Policy``.
    """
    ordered = tuple(sorted(rules, key=lambda rule: rule.key))
    return Policy(
        manufacturer=manufacturer, vehicle_type=vehicle_type, version=version, rules=ordered
    )


def encode(policy: Policy) -> bytes:
    """Return the one byte string of a policy."""
    return canonical_json.canonical(msgspec.to_builtins(policy))


def parse(content: bytes) -> Policy:
    """Read a policy.

    Raises:
        WrongPolicy: these are not the bytes of one.
        WrongRule, TwoRules, CockpitLeaves: it says something that cannot be followed.
    """
    if len(content) > LARGEST_BYTES:
        raise WrongPolicy(reason=f"it has more than {LARGEST_BYTES} bytes")
    try:
        policy = msgspec.json.decode(content, type=Policy)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise WrongPolicy(reason=str(wrong) or type(wrong).__name__) from None
    if encode(policy) != content:
        raise WrongPolicy(reason="its bytes are not the canonical ones (RFC 8785)")
    return policy


def _wrong(rule: Rule, field: str, reason: str) -> WrongRule:
    value: Any = getattr(rule, field)
    return WrongRule(item=rule.item[:_LONGEST], field=field, value=value, reason=reason)


def _is_text(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isprintable() and text == text.strip()


def _check_names(rule: Rule) -> None:
    for name in (rule.item, *rule.derived_from):
        if not _NAME.fullmatch(name):
            field = "item" if name is rule.item else "derived_from"
            raise _wrong(rule, field, "names take letters, digits and . _ : -, at most 100")
    for field in ("purpose", "recipient"):
        if not _is_text(getattr(rule, field)):
            raise _wrong(rule, field, "it takes 1 to 200 printable characters")
    if not _COUNTRY.fullmatch(rule.country):
        raise _wrong(rule, "country", "it takes two capital letters (ISO 3166-1)")
    if len(rule.words) > MOST_WORDS or not all(_is_text(word) for word in rule.words):
        raise _wrong(rule, "words", f"at most {MOST_WORDS} are listed, each of 1 to 200 characters")


def _check_numbers(rule: Rule) -> None:
    if not 0 < rule.retention_seconds <= _LONGEST_SECONDS:
        raise _wrong(rule, "retention_seconds", "a period has an end after its start")
    if rule.precision_metres is not None and not 0 < rule.precision_metres <= _COARSEST_METRES:
        raise _wrong(rule, "precision_metres", f"it lies between 1 and {_COARSEST_METRES}")
    if rule.lowest is not None and rule.highest is not None and rule.lowest > rule.highest:
        raise _wrong(rule, "lowest", "it is above the highest")
    period = (rule.allowed_from, rule.allowed_until)
    if None not in period and period[0] >= period[1]:  # type: ignore[operator]
        raise _wrong(rule, "allowed_until", "it does not come after the first day")


def _check_shape(rule: Rule) -> None:
    """Refuse a rule that leaves open how it is to be followed."""
    leaves = not rule.in_car_only
    is_position = rule.kind is Kind.POSITION
    if is_position and leaves and rule.precision_metres is None:
        raise _wrong(rule, "precision_metres", "a position leaves in a stated precision only")
    if rule.precision_metres is not None and not is_position:
        raise _wrong(rule, "precision_metres", "only a position has one")
    if rule.blur and rule.kind is not Kind.PICTURE:
        raise _wrong(rule, "blur", "only a picture can be blurred")
    if leaves and rule.kind in {Kind.AUDIO, Kind.VIDEO}:
        raise _wrong(rule, "kind", "sound and film cannot be made anonymous here: they stay in")
    if rule.kind is not Kind.NUMBER and (rule.lowest, rule.highest) != (None, None):
        raise _wrong(rule, "lowest", "only a number has bounds")
    if (rule.kind is Kind.WORD and leaves) != bool(rule.words):
        raise _wrong(rule, "words", "a word leaves only if it is listed, and nothing else has any")


def _check_pairs(rules: tuple[Rule, ...]) -> None:
    seen = set()
    for rule in rules:
        if rule.key in seen:
            raise TwoRules(item=rule.item, purpose=rule.purpose, recipient=rule.recipient)
        seen.add(rule.key)


def _check_derived(rules: tuple[Rule, ...]) -> None:
    """What stays in stays in under whatever name, however far it was derived."""
    staying = {rule.item for rule in rules if rule.in_car_only}
    found = True
    while found:
        derived = {rule.item for rule in rules if staying.intersection(rule.derived_from)}
        found = not derived <= staying
        staying |= derived
    for rule in rules:
        if rule.item in staying and not rule.in_car_only:
            raise CockpitLeaves(item=rule.item)
