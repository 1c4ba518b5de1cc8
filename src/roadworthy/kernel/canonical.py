"""One byte string for one value: what is digested, signed and compared is always RFC 8785 JSON."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 (JCS) bytes of a JSON value.

    Raises:
        rfc8785.CanonicalizationError: the value holds something JSON cannot say exactly.
    """
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical bytes of ``value``, as 64 lower-case hex digits."""
    return sha256_hex(canonical(value))


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of ``content``, as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()
