"""What an institution did with a report, put into a message; inside the collector's transaction."""

from __future__ import annotations

from roadworthy.domains.exchange import cargo_reports as cargo
from roadworthy.domains.exchange import outbox, telling
from roadworthy.domains.ledger.queries import Told
from roadworthy.domains.software.models import Report
from roadworthy.domains.software.states import ReportAction


def moved(told: Told) -> None:
    """Tell the manufacturer elsewhere what the institution here did with its report."""
    report = Report.objects.select_related("institution", "manufacturer").get(
        pk=int(told.subject.partition("/")[2])
    )
    action = told.data.get("action")
    peer = telling.peer_of(report.manufacturer)
    if peer is None:
        return
    about = cargo.matter(report.institution.slug, report.number)
    if action == ReportAction.HAND_OVER:
        outbox.send(
            to=peer,
            matter=about,
            kind="report.handed-over",
            body=cargo.HandedOver(report.number, report.envelope, report.sha256, report.filename),
            blobs=[report.sha256],
            at=told.at,
        )
    elif action == ReportAction.REVOKE and report.handed_over_at is not None:
        outbox.send(
            to=peer,
            matter=about,
            kind="report.revoked",
            body=cargo.Revoked(report.number, report.reason),
            at=told.at,
        )
