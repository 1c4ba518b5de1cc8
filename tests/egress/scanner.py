"""Looks at bytes that have left, and knows nothing of how they were let out.

It shares no code with the filter: it takes the policy as JSON, the values that were put in, and the
bytes, and says what should not be there. Geometry is worked out from the ellipsoid's formula in
``math`` and not from the product's grid.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

ENVELOPE = {
    "id", "takenAt", "purpose", "recipient", "country", "policy", "items", "consents",
}  # fmt: skip
KILOMETRES = 6371.0088


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The haversine distance."""
    (a, b), (c, d) = ((math.radians(x) for x in pair) for pair in (one, other))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2000 * KILOMETRES * math.asin(min(1.0, math.sqrt(h)))


def findings(
    left: bytes, *, policy: dict[str, Any], canaries: list[bytes], now: datetime
) -> list[str]:
    """Name everything in ``left`` that the policy does not permit to be there.

    ``canaries`` are byte strings that stand for what must never be seen outside.
    """
    found = [f"canary {canary!r}" for canary in canaries if canary in left]
    content = json.loads(left)
    if set(content) - ENVELOPE:
        found.append(f"fields {set(content) - ENVELOPE}")
    permitted = {
        one["item"]: one
        for one in policy["rules"]
        if all(one[name] == content[name] for name in ("purpose", "recipient", "country"))
    }
    for item, value in content["items"].items():
        rule = permitted.get(item)
        if rule is None:
            found.append(f"{item} has no rule")
        else:
            found += _of_item(item, value, rule, content, now)
    return found


def _of_item(
    item: str, value: Any, rule: dict[str, Any], content: dict[str, Any], now: datetime
) -> list[str]:
    found = []
    if rule["in_car_only"] or rule["origin"] == "cockpit" or rule["kind"] in {"audio", "video"}:
        found.append(f"{item} should have stayed in")
    shape = {"number": (int, float), "flag": bool, "word": str, "position": dict}[rule["kind"]]
    if not isinstance(value, shape) or (rule["kind"] == "number" and isinstance(value, bool)):
        found.append(f"{item} is {value!r}")
    if rule["kind"] == "word" and value not in rule["words"]:
        found.append(f"{item} says {value!r}")
    if rule["kind"] == "position" and set(value) != {"latitude", "longitude"}:
        found.append(f"{item} has {sorted(value)}")
    taken = datetime.fromisoformat(content["takenAt"])
    if (now.astimezone(UTC) - taken).total_seconds() >= rule["retention_seconds"]:
        found.append(f"{item} is too old")
    if rule["consent"]:
        until = content["consents"].get(item)
        if until is None or datetime.fromisoformat(until) <= now:
            found.append(f"{item} rests on no consent")
    return found
