"""What a dossier must hold, by kind; what it says of a release comes from the release itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.access import queries as approvals
from roadworthy.domains.filings.errors import (
    ChangeNotCompared,
    DetailMissing,
    NothingToFile,
    NothingToReport,
)
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software import content as software_content
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State
from roadworthy.kernel.canonical import digest

_RECALL = ("plan", "version", "defect_number", "as_of")
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
    Kind.RECALL_STAGE_REPORT: (*_RECALL, "figures", "problems", "measures", "outlook"),
    Kind.RECALL_FINAL_REPORT: (*_RECALL, "figures", "problems", "measures", "conclusion"),
}
# What an application for a change of an approval adds: the domain access composes it.
_CHANGE = ("reason", "approval", "from_version", "changes", "proposed", "application_id")
# What a plan says besides: the domain recalls composes it.
_PLAN = (
    "plan",
    "version",
    "defect_number",
    "defect_confirmed_on",
    "types",
    "vehicles",
    "by_ota",
    "by_workshop",
    "remedy_by",
    "starts_on",
    "ends_on",
    "hotline",
    "stop_orders",
    "again_after",
)
ALSO: Mapping[Kind, tuple[str, ...]] = {
    Kind.RECALL_PLAN: _PLAN,
    Kind.MARKET_ACCESS: ("application_id", "incomplete"),
    Kind.PRODUCT_CHANGE: _CHANGE,
    Kind.ACCESS_PERMIT: _CHANGE,
}
# A change of an approval stands by itself too; without a release it names its approval.
BY_THEMSELVES = frozenset({Kind.PRODUCT_CHANGE, Kind.ACCESS_PERMIT})
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
# Composed by the domain remedies, from proofs; nobody types one from nothing.
OF_A_RECALL = frozenset({Kind.RECALL_STAGE_REPORT, Kind.RECALL_FINAL_REPORT})
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
        ChangeNotCompared: a type was approved here, and the change does not start from that.
    """
    for name in DETAILS[kind]:
        if details.get(name) in (None, "", [], {}):
            raise DetailMissing(field=name)
    content: dict[str, Any] = {
        "kind": str(kind),
        "manufacturer": manufacturer.slug,
        "details": {name: details[name] for name in DETAILS[kind]},
    }
    also = {name: details[name] for name in ALSO.get(kind, ()) if name in details}
    content["details"] |= also
    if kind == Kind.TYPE:
        content["types"] = sorted(details["types"])
    if kind in BY_THEMSELVES:
        _check_compared(release, details)
    if kind in OF_A_RELEASE and not (release is None and _stands_alone(kind, details)):
        content |= _of_release(kind, release, is_amendment=amendment is not None)
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


def _stands_alone(kind: Kind, details: Mapping[str, Any]) -> bool:
    """Say whether a filing needs no release: a remedy in the workshop has none."""
    return kind in BY_THEMSELVES or (kind == Kind.RECALL_PLAN and bool(details.get("plan")))


def _of_release(kind: Kind, release: Release | None, *, is_amendment: bool) -> dict[str, Any]:
    may = {State.RELEASED} if kind in REPORTS else {State.FROZEN, State.SIGNED}
    if is_amendment:
        may |= {State.RELEASED}
    if release is None or release.state not in may:
        raise NothingToReport if kind in REPORTS else NothingToFile
    return {
        "release": software_content.of(release),
        "release_sha256": release.sha256,
        "labels": release.labels,
    }


def same_matter(
    standing: QuerySet[Filing], kind: Kind, content: Mapping[str, Any]
) -> QuerySet[Filing]:
    """Return those of the filings that are about the very thing that this content is about."""
    details = content["details"]
    if kind == Kind.MARKET_ACCESS:
        code = details["application"]["type"]["code"]
        return standing.filter(dossier__content__details__application__type__code=code)
    if kind in BY_THEMSELVES and "approval" in details:
        # An accepted change is done; the next one of the same approval is another matter.
        same = standing.filter(dossier__content__details__approval=details["approval"])
        return same.filter(dossier__content__details__from_version=details["from_version"])
    if kind in {Kind.RECALL_PLAN, Kind.RECALL_FINAL_REPORT} and "plan" in details:
        return standing.filter(dossier__content__details__plan=details["plan"])
    return standing


def _check_compared(release: Release | None, details: Mapping[str, Any]) -> None:
    """Refuse a change of approved types that was not compared with what is approved."""
    if "approval" in details:
        return
    if release is None:
        raise NothingToFile
    numbers = approved_here(release).values()
    if numbers:
        raise ChangeNotCompared(numbers=", ".join(sorted(numbers)))


def approved_here(release: Release) -> Mapping[int, str]:
    """Return the approval numbers of those types of a release that were approved here."""
    return approvals.numbers(release.types.values_list("pk", flat=True))


def sha256(content: Mapping[str, Any]) -> str:
    """Return the one digest of a dossier."""
    return digest(dict(content))
