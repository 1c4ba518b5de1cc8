"""Who is asking: a vehicle by its own token, or anyone of a manufacturer by the gateway token.

Only digests of tokens are stored. Without a stored digest nobody is let in.
"""

from __future__ import annotations

import hashlib
import hmac

TARGET = "targettoken"
GATEWAY = "gatewaytoken"
NOBODY = "0" * 64  # takes as long to compare as a real digest, and no token has it


def is_vehicle(authorization: str, token_sha256: str) -> bool:
    """Tell whether the header carries the token of the vehicle with this digest."""
    return _carries(authorization, TARGET, token_sha256)


def is_manufacturer(authorization: str, gateway_token_sha256: str) -> bool:
    """Tell whether the header carries the gateway token with this digest."""
    return _carries(authorization, GATEWAY, gateway_token_sha256)


def _carries(authorization: str, scheme: str, expected: str) -> bool:
    given, _, token = authorization.partition(" ")
    if given.lower() != scheme:
        return False
    digest = hashlib.sha256(token.strip().encode()).hexdigest()
    return hmac.compare_digest(digest, expected or NOBODY)
