"""What a dossier must hold, by kind; what it says of a release comes from the release itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.access import queries as approvals
from roadworthy.domains.filings.errors import ChangeNotCompared, DetailMissing, NothingToFile
from roadworthy.domains.filings.models import Filing
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
# What an application for a change of an approval adds: the domain access composes it.
_CHANGE = ("reason", "approval", "from_version", "changes", "proposed", "application_id")
ALSO: Mapping[Kind, tuple[str, ...]] = {
    Kind.MARKET_ACCESS: ("application_id",),
    Kind.PRODUCT_CHANGE: _CHANGE,
    Kind.ACCESS_PERMIT: _CHANGE,
}
OF_A_RELEASE = frozenset({Kind.ACTIVITY, Kind.PRODUCT_CHANGE, Kind.ACCESS_PERMIT, Kind.RECALL_PLAN})
# A change of an approval stands by itself too; without a release it names its approval.
BY_THEMSELVES = frozenset({Kind.PRODUCT_CHANGE, Kind.ACCESS_PERMIT})


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
        if release is None:
            return content
    if kind in OF_A_RELEASE:
        if release is None or release.state not in {State.FROZEN, State.SIGNED}:
            raise NothingToFile
        content["release"] = software_content.of(release)
        content["release_sha256"] = release.sha256
        content["labels"] = release.labels
    return content


def same_matter(
    standing: QuerySet[Filing], kind: Kind, content: Mapping[str, Any]
) -> QuerySet[Filing]:
    """Return those of the filings that are about the very thing that this content is about."""
    details = content["details"]
    if kind == Kind.TYPE:
        return standing.filter(dossier__sha256=sha256(content))
    if kind == Kind.MARKET_ACCESS:
        code = details["application"]["type"]["code"]
        return standing.filter(dossier__content__details__application__type__code=code)
    if kind in BY_THEMSELVES and "approval" in details:
        # An accepted change is done; the next one of the same approval is another matter.
        same = standing.filter(dossier__content__details__approval=details["approval"])
        return same.filter(dossier__content__details__from_version=details["from_version"])
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
