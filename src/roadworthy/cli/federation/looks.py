"""What the demonstration waits for: each look returns what it wants to see, or None."""

from __future__ import annotations

from typing import Any

from roadworthy.cli.federation.deployments import Deployment


def reported(authority: Deployment, number: str) -> dict[str, Any] | None:
    """Return a report before an authority, once it is there."""
    return _of(authority.take("reviewing.reports"), number)


def _of(found: list[dict[str, Any]], number: str) -> dict[str, Any] | None:
    return next((one for one in found if one["number"] == number), None)


def waiting(found: list[dict[str, Any]], number: str) -> dict[str, Any] | None:
    """Return a filing that waits for a decision."""
    one = _of(found, number)
    return one if one and one["state"] == "submitted" else None


def lacking(standing: dict[str, Any], missing: list[str]) -> dict[str, Any] | None:
    """Return how a release stands once exactly that is missing."""
    return standing if standing["missing"] == missing else None


def cosigned(one: Deployment) -> dict[str, int] | None:
    """Return up to which entry each witness has cosigned, once all have."""
    told: dict[str, int] = one.take("peering.log")
    return told if told and all(told.values()) else None


def followed(notice: Any) -> Any:
    """Return a notice of SAMR's that the manufacturer follows."""
    return notice if notice["state"] == "followed" else None


def all_remedied(told: dict[str, int]) -> dict[str, int] | None:
    """Return the counts of a recall of which none is left."""
    return told if told["left"] == 0 else None


def equal(one: Deployment, peer: str) -> dict[str, Any] | None:
    """Return a comparison that found no difference."""
    told: dict[str, Any] = one.take("peering.compare", peer=peer)
    return told if not told["differences"] else None
