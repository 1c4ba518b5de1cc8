"""What is measured in a vehicle, and what of it leaves: two shapes, so that neither is the other.

A ``Measured`` may hold anything. A ``Leaving`` is made by the filter, value by value, and what is
sent is its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec

from roadworthy.egress.errors import WrongRecord

MOST_ITEMS: Final = 1000
LARGEST_BYTES: Final = 256 * 1024

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
# An identifier says nothing, so it cannot be a sentence.
Uuid = Annotated[
    str, msgspec.Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]


class Measured(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something a function in the vehicle would like to send, and to whom, for what."""

    id: Uuid
    taken_at: Moment
    purpose: Short
    recipient: Short
    country: Short
    items: Mapping[str, Any]
    consents: Mapping[str, Moment] = {}  # by item: the end of the consent it rests on
    policy: str = ""  # of what has left a vehicle: the digest of the policy that let it out


class Leaving(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What leaves. ``taken_at`` is in whole seconds of UTC."""

    id: str
    taken_at: datetime
    purpose: str
    recipient: str
    country: str
    policy: str  # the digest of the policy that let it out
    items: Mapping[str, Any]
    consents: Mapping[str, datetime] = {}

    @property
    def body(self) -> bytes:
        """What is sent."""
        return _ENCODER.encode(self)


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_MEASURED: Final = msgspec.json.Decoder(Measured)


def read(content: bytes) -> Measured:
    """Read a record.

    Raises:
        WrongRecord: it is none.
    """
    if len(content) > LARGEST_BYTES:
        raise WrongRecord(reason=f"it has more than {LARGEST_BYTES} bytes")
    try:
        return checked(_MEASURED.decode(content))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise WrongRecord(reason=str(wrong) or type(wrong).__name__) from None


def converted(content: Any) -> Measured:
    """Read a record out of what was decoded already.

    Raises:
        WrongRecord: it is none.
    """
    try:
        return checked(msgspec.convert(content, Measured))
    except (msgspec.ValidationError, RecursionError) as wrong:
        raise WrongRecord(reason=str(wrong) or type(wrong).__name__) from None


def checked(record: Measured) -> Measured:
    """Return the record.

    Raises:
        WrongRecord: it holds too much.
    """
    if len(record.items) > MOST_ITEMS:
        raise WrongRecord(reason=f"it has more than {MOST_ITEMS} items")
    return record


def in_seconds(moment: datetime) -> datetime:
    """Return a time without parts of a second, in UTC."""
    return moment.astimezone(UTC).replace(microsecond=0)
