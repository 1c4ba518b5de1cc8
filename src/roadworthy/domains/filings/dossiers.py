"""What a dossier must hold, by kind; what it says of a release comes from the release itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadworthy.domains.filings.errors import DetailMissing, NothingToFile
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software import content as software_content
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State
from roadworthy.kernel.canonical import digest

# law.md 2.2: fields that follow from the facts of OTA22; the official forms were not obtained.
DETAILS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CAPABILITY: (
        "permit_number",
        "management_system",
        "responsible_person",
        "security_measures",
        "commitments",
    ),
    Kind.TYPE: ("types", "ota_functions", "version_sets", "notice_channel", "evidence"),
    Kind.ACTIVITY: ("vehicle_count", "schedule", "impact", "assessment", "contingency"),
    Kind.MARKET_ACCESS: ("application",),
    Kind.PRODUCT_CHANGE: ("parameters", "reason"),
    Kind.ACCESS_PERMIT: ("functions", "safety_case"),
    Kind.RECALL_PLAN: ("defect", "consequence", "remedy", "scope", "emergency_advice"),
}
OF_A_RELEASE = frozenset({Kind.ACTIVITY, Kind.PRODUCT_CHANGE, Kind.ACCESS_PERMIT, Kind.RECALL_PLAN})


def compose(
    kind: Kind,
    manufacturer: Organisation,
    release: Release | None,
    details: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the content that both authorities get, word for word.

    Raises:
        DetailMissing: a field of this kind is empty.
        NothingToFile: the kind is about a release, and none is frozen.
    """
    for name in DETAILS[kind]:
        if details.get(name) in (None, "", [], {}):
            raise DetailMissing(field=name)
    content: dict[str, Any] = {
        "kind": str(kind),
        "manufacturer": manufacturer.slug,
        "details": {name: details[name] for name in DETAILS[kind]},
    }
    if kind == Kind.TYPE:
        content["types"] = sorted(details["types"])
    if kind in OF_A_RELEASE:
        if release is None or release.state not in {State.FROZEN, State.SIGNED}:
            raise NothingToFile
        content["release"] = software_content.of(release)
        content["release_sha256"] = release.sha256
        content["labels"] = release.labels
    return content


def sha256(content: Mapping[str, Any]) -> str:
    """Return the one digest of a dossier."""
    return digest(dict(content))
