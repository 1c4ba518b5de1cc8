"""The content of a release as one JSON value: what is frozen, digested, filed and signed."""

from __future__ import annotations

from typing import Any

from roadworthy.domains.software.models import Change, Evidence, Release
from roadworthy.kernel.canonical import digest


def of(release: Release) -> dict[str, Any]:
    """Return everything about the release that a filing must not differ from."""
    changes = Change.objects.select_related("image").filter(release=release).order_by("ecu_name")
    evidence = Evidence.objects.select_related("institution").filter(release=release)
    return {
        "number": release.number,
        "manufacturer": release.manufacturer.slug,
        "title": release.title,
        "description": release.description,
        "types": [
            {"code": each.code, "approval_number": each.approval_number}
            for each in release.types.order_by("code")
        ],
        "changes": [_change(each) for each in changes],
        "evidence": [_evidence(each) for each in evidence.order_by("id")],
        "answers": release.answers,
        "planned_on": release.planned_on and release.planned_on.isoformat(),
    }


def sha256(release: Release) -> str:
    """Return the digest of the content, as 64 hex digits."""
    return digest(of(release))


def _change(change: Change) -> dict[str, Any]:
    return {
        "ecu": change.ecu_name,
        "hardware_id": change.hardware_id,
        "from": change.from_version,
        "to": change.to_version,
        "image": {
            "filename": change.image.filename,
            "length": change.image.length,
            "sha256": change.image.sha256,
        },
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "kind": evidence.kind,
        "title": evidence.title,
        "filename": evidence.filename,
        "sha256": evidence.sha256,
        "institution": evidence.institution and evidence.institution.slug,
    }
