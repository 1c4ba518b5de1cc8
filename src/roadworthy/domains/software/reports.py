"""What can be asked about test reports. The organisation comes first; it sees only what is its."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from django.db.models import Q, QuerySet

from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.software.models import Change, Evidence, Release, Report
from roadworthy.domains.software.states import ReportState, State
from roadworthy.kernel.errors import NotFound

_ORDERS = {"entered": "entered_at", "number": "number", "tested": "tested_on"}


class NoSuchReport(NotFound):
    code = "no-such-report"
    message = "There is no such report."


def of_institution(
    institution_id: int, *, search: str = "", state: str = "", sort: str = "-entered"
) -> QuerySet[Report]:
    """Return an institution's reports, newest first unless told; what was discarded is not told."""
    found = _all().filter(institution_id=institution_id).exclude(state=ReportState.DISCARDED)
    return _order(_narrow(found, search, state), sort)


def own(institution_id: int, report_id: int) -> Report:
    """Return one of the institution's reports.

    Raises:
        NoSuchReport: there is none, or it is another's.
    """
    return _one(_all().filter(institution_id=institution_id), report_id)


def of_manufacturer(
    manufacturer_id: int, *, search: str = "", state: str = "", sort: str = "-entered"
) -> QuerySet[Report]:
    """Return the reports that were handed over to a manufacturer, revoked ones too."""
    found = _all().filter(manufacturer_id=manufacturer_id, handed_over_at__isnull=False)
    return _order(_narrow(found, search, state), sort)


def usable(manufacturer_id: int) -> QuerySet[Report]:
    """Return the reports on which a manufacturer may rest a claim: handed over, not revoked."""
    return of_manufacturer(manufacturer_id, state=ReportState.HANDED_OVER)


def received(manufacturer_id: int, report_id: int) -> Report:
    """Return a report that was handed over to the manufacturer.

    Raises:
        NoSuchReport: there is none, it is another's, or it is still with the institution.
    """
    return _one(of_manufacturer(manufacturer_id), report_id)


def speaks_of(report: Report, release_id: int) -> bool:
    """Say whether a report names at least one image of a release."""
    named = [subject["sha256"] for subject in report.subjects]
    return Change.objects.filter(release_id=release_id, image__sha256__in=named).exists()


def drafts_for(report: Report) -> QuerySet[Release]:
    """Return the manufacturer's draft releases with an image that the report names."""
    named = [subject["sha256"] for subject in report.subjects]
    about = Change.objects.filter(image__sha256__in=named).values("release")
    return (
        Release.objects.filter(
            manufacturer_id=report.manufacturer_id, state=State.DRAFT, pk__in=about
        )
        .exclude(pk__in=Evidence.objects.filter(envelope=report.envelope).values("release"))
        .order_by("number")
    )


def resting_on(report: Report) -> QuerySet[Release]:
    """Return the manufacturer's releases to which the report is attached."""
    attached = Evidence.objects.filter(envelope=report.envelope).exclude(envelope="")
    return Release.objects.filter(
        manufacturer_id=report.manufacturer_id, pk__in=attached.values("release")
    ).order_by("number")


def revoked_among(envelopes: Collection[str]) -> dict[str, Report]:
    """Return the revoked reports among some envelopes, by envelope."""
    found = Report.objects.filter(envelope__in=envelopes, state=ReportState.REVOKED)
    return {one.envelope: one for one in found.exclude(envelope="")}


def revoked_of(manufacturer_id: int, digests: Collection[str]) -> dict[str, Report]:
    """Return the revoked reports among some documents, by digest.

    A document for which an institution signed anew is vouched for again.
    """
    found = of_manufacturer(manufacturer_id).filter(sha256__in=digests)
    vouched = set(found.filter(state=ReportState.HANDED_OVER).values_list("sha256", flat=True))
    return {
        one.sha256: one
        for one in found.filter(state=ReportState.REVOKED)
        if one.sha256 not in vouched
    }


def path_of(report: Report, store: DocumentStore, images: ImageStore) -> Path:
    """Return where a report's document lies; the earliest ones were kept among the images."""
    path = store.path(report.sha256)
    return path if path.is_file() else images.path(report.sha256)


def waiting(institution_id: int) -> int:
    """Count the drafts that wait for a signature."""
    return Report.objects.filter(institution_id=institution_id, state=ReportState.DRAFT).count()


def _all() -> QuerySet[Report]:
    return Report.objects.select_related("institution", "manufacturer", "entered_by", "signed_by")


def _one(found: QuerySet[Report], report_id: int) -> Report:
    one = found.filter(pk=report_id).first()
    if one is None:
        raise NoSuchReport
    return one


def _narrow(found: QuerySet[Report], search: str, state: str) -> QuerySet[Report]:
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(title__icontains=search)
            | Q(standard__icontains=search)
            | Q(type_code__icontains=search)
            | Q(manufacturer__name__icontains=search)
        )
    return found.filter(state=state) if state else found


def _order(found: QuerySet[Report], sort: str) -> QuerySet[Report]:
    descending, key = sort.startswith("-"), sort.removeprefix("-")
    order = _ORDERS.get(key, "entered_at")
    return found.order_by(f"-{order}" if descending else order, "-id")
