"""What a dossier must hold, by kind; what it says of a release comes from the release itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from roadworthy.domains.filings.errors import (
    DetailMissing,
    NothingToFile,
    NothingToReport,
)
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
    Kind.IMPLEMENTATION_REPORT: ("figures", "problems", "measures", "conclusion"),
    Kind.STAGE_REPORT: ("figures", "problems", "measures", "outlook"),
}
# SOTA21, fields seen of the safety assessment form: who, which vehicles and how many the dossier
# says elsewhere; the full field guide was not obtained.
ASSESSMENT: tuple[str, ...] = (
    "ota_type",
    "update_cycle",
    "demand_source",
    "purpose",
    "failure_before",
    "failure_during",
    "failure_after",
    "conclusion",
)
REPORTS = frozenset({Kind.IMPLEMENTATION_REPORT, Kind.STAGE_REPORT})
OF_A_RELEASE = REPORTS | {
    Kind.ACTIVITY,
    Kind.PRODUCT_CHANGE,
    Kind.ACCESS_PERMIT,
    Kind.RECALL_PLAN,
}


@dataclass(frozen=True, slots=True)
class Attached:
    """A document that goes with a dossier: what it is called and what its bytes must be."""

    title: str
    filename: str
    sha256: str
    length: int  # bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """Which accepted filing is amended, and why; both authorities read the reason."""

    filing_id: int
    reason: str
    number: str = ""
    dossier_sha256: str = ""


def compose(
    kind: Kind,
    manufacturer: Organisation,
    release: Release | None,
    details: Mapping[str, Any],
    *,
    attachments: Sequence[Attached] = (),
    amendment: Amendment | None = None,
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
        may = {State.FROZEN, State.SIGNED}
        if kind in REPORTS:
            may = {State.RELEASED}
        elif amendment is not None:
            may |= {State.RELEASED}
        if release is None or release.state not in may:
            raise NothingToReport if kind in REPORTS else NothingToFile
        content["release"] = software_content.of(release)
        content["release_sha256"] = release.sha256
        content["labels"] = release.labels
    if attachments:
        content["attachments"] = [
            asdict(one) for one in sorted(attachments, key=lambda one: (one.filename, one.sha256))
        ]
    if amendment is not None:
        content["amends"] = {
            "number": amendment.number,
            "dossier_sha256": amendment.dossier_sha256,
            "reason": amendment.reason,
        }
    return content


def sha256(content: Mapping[str, Any]) -> str:
    """Return the one digest of a dossier."""
    return digest(dict(content))
