"""Resting an application on a test report that an institution handed over on the platform."""

from __future__ import annotations

from datetime import datetime

from roadworthy.domains.access import applications
from roadworthy.domains.access.completeness import TEST_REPORT
from roadworthy.domains.access.models import Report
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.software import reports
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.software.reporting import ReportRevoked
from roadworthy.domains.software.states import ReportState

_LONGEST_STANDARD = 40


def rest_on(
    *,
    application_id: int,
    report_id: int,
    images: ImageStore,
    store: DocumentStore,
    actor: Actor,
    at: datetime,
) -> Report:
    """Attach a report with its statement; its document is copied into the manufacturer's own.

    Raises:
        NoSuchReport: nothing of that id was handed over to the actor's organisation.
        ReportRevoked: the institution no longer stands by it.
        What ``applications.attach`` raises.
    """
    report = reports.received(actor.organisation_id or 0, report_id)
    if report.state == ReportState.REVOKED:
        raise ReportRevoked(number=report.number, reason=report.reason)
    with reports.path_of(report, store, images).open("rb") as document:
        return applications.attach(
            application_id=application_id,
            kind=TEST_REPORT,
            title=f"{report.number} {report.title}"[:200],
            standard=report.standard[:_LONGEST_STANDARD],
            filename=report.filename,
            content=document,
            store=store,
            envelope=report.envelope,
            actor=actor,
            at=at,
        )
